package daemon

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// hosted answers requests that ask for this server by one of its own names, and passes
// them to h. The server has no login, so a web page must not read it by a name of its own
// that leads to this machine (DNS rebinding). An address proves nothing and needs no proof:
// a page that names it is of another origin. A request without a name is no browser's.
func hosted(listen string, hosts []string, h http.Handler) http.Handler {
	if own, _, err := net.SplitHostPort(listen); err == nil {
		hosts = append(slices.Clone(hosts), own)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := bare(r.Host)
		if name != "" && net.ParseIP(name) == nil && name != "localhost" && !strings.HasSuffix(name, ".localhost") &&
			!slices.ContainsFunc(hosts, func(own string) bool { return bare(own) == name }) {
			http.Error(w, fmt.Sprintf("this server does not answer to the name %.100q; if it is the server's name, add it to http.hosts in the configuration", name), http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// bare is the name or address of a Host header, without port, brackets and case.
func bare(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
