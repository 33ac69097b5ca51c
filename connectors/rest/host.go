package rest

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// CheckHost returns an error unless an address with credentials leads to one of the
// domains of a vendor, to a host that the operator allows by name, or to this machine. An
// address of another host may be a slip, or the work of somebody who wants the
// credentials.
func CheckHost(raw, vendor string, domains, allowed []string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return nil //nolint:nilerr // CheckURL tells
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if err := CheckNetwork(host); err != nil {
		return fmt.Errorf("%w; write the host of %s", err, vendor)
	}
	within := func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }
	same := func(name string) bool { return strings.EqualFold(name, host) }
	if host == "" || Loopback(host) || slices.ContainsFunc(domains, within) || slices.ContainsFunc(allowed, same) {
		return nil
	}
	return fmt.Errorf("%s is no host of %s (%s), and the credentials would go there; correct the address, or name the host under allow_hosts if it is yours", host, vendor, strings.Join(domains, ", "))
}

// CheckNetwork returns an error for a host that belongs to no network of ours: an address
// or a name at which clouds keep the credentials of a machine. Other private hosts pass.
func CheckNetwork(host string) error {
	host = strings.ToLower(strings.Trim(host, "[]."))
	ip, err := netip.ParseAddr(host)
	if err == nil && forbidden(ip) || err != nil && slices.Contains(metadataNames, host) {
		return fmt.Errorf("%s is an address of the machine's own network, at which clouds keep credentials", host)
	}
	return nil
}

// NewDialer returns a dialer that connects to no address at which a cloud keeps the
// credentials of a machine. It looks at the address after its name was looked up.
func NewDialer() *net.Dialer {
	return &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Control: refuseForbidden}
}

func refuseForbidden(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err == nil && forbidden(to.Addr()) {
		return fmt.Errorf("%s is an address of the machine's own network, at which clouds keep credentials, so nothing is sent there; check the host, and this machine's DNS", to.Addr())
	}
	return nil
}

// metadata are the addresses of metadata services that are not link-local: AWS over IPv6,
// Alibaba, Azure's wire server.
var metadata = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("168.63.129.16")}

// metadataNames are the names of such services that a name server of the cloud answers.
var metadataNames = []string{"metadata.google.internal", "metadata", "instance-data", "instance-data.ec2.internal"}

// forbidden reports whether nothing of ours ever has business at an address: a mail server
// or a proxy may be at a private address, but not at a link-local one.
func forbidden(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap()
	if b := ip.As16(); ip.Is6() && netip.MustParsePrefix("64:ff9b::/96").Contains(ip) { // IPv4 behind NAT64
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	return ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || slices.Contains(metadata, ip)
}
