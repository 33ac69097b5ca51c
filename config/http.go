package config

import (
	"net"
	"strconv"

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
}
