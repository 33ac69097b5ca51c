package config

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors/rest"
)

// http checks that only this machine reaches the status server, which has no login.
func (b *builder) http() {
	listen := b.file.HTTP.Listen
	if listen == "" {
		return
	}
	host, port, err := net.SplitHostPort(listen)
	n, perr := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil || perr != nil:
		b.report("http.listen", "must be an address and a port, as in 127.0.0.1:9099")
	case !rest.Loopback(host):
		b.report("http.listen", "must be on loopback, as in 127.0.0.1:%d: the status server has no login; put a proxy in front of the server to share it", n)
	}
	b.out.HTTP.Listen = listen
	for i, name := range b.file.HTTP.Hosts {
		if name == "" || strings.ContainsAny(name, " /:@*,[]") {
			b.report(fmt.Sprintf("http.hosts[%d]", i), "%s must be the name of a host, without scheme and port, as in pipetidy.acme.example", form.Quote(name))
		}
	}
	b.out.HTTP.Hosts = b.file.HTTP.Hosts
}
