package rest

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestCheckHost(t *testing.T) {
	domains := []string{"salesforce.com", "force.com"}
	for url, ok := range map[string]bool{
		"https://acme.my.salesforce.com":              true,
		"https://ACME.my.salesforce.com.":             true,
		"https://acme.my.salesforce.com:443/x":        true,
		"http://127.0.0.1:8080":                       true,
		"https://proxy.acme.example":                  true,
		"https://acme.my.salesforce.com.evil.example": false,
		"https://evilsalesforce.com":                  false,
		"https://evil.example/acme.my.salesforce.com": false,
		"https://evil.example#.my.salesforce.com":     false,
		"https://evil.example?x=.my.salesforce.com":   false,
		"https://sub.proxy.acme.example":              false,
		"https://169.254.169.254":                     false,
		"https://[::ffff:169.254.169.254]":            false,
		"https://[fe80::1%25eth0]":                    false,
		"https://[fd00:ec2::254]":                     false,
		"https://10.0.0.1":                            false,
		"https://metadata.google.internal":            false,
	} {
		if err := CheckHost(url, "Salesforce", domains, []string{"Proxy.acme.example", "169.254.169.254"}); (err == nil) != ok {
			t.Errorf("%s: got %v", url, err)
		}
	}
}

// TestDialerRefuses dials literal addresses: a name that leads there is the same, because
// the dialer looks at the address after its name was looked up.
func TestDialerRefuses(t *testing.T) {
	for _, address := range []string{"169.254.169.254:80", "[fe80::1%lo]:25", "100.100.100.200:80", "0.0.0.0:80", "[::ffff:169.254.169.254]:587"} {
		_, err := NewDialer().DialContext(t.Context(), "tcp", address)
		if err == nil || !strings.Contains(err.Error(), "nothing is sent there") {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if !forbidden(netip.MustParseAddr("64:ff9b::a9fe:a9fe")) || forbidden(netip.MustParseAddr("10.1.2.3")) || forbidden(netip.MustParseAddr("192.168.1.1")) {
		t.Error("a private address is refused, or the metadata service behind NAT64 is not")
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := NewDialer().DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	_, err = New(Config{Attempts: 1}).Do(t.Context(), &Request{URL: "https://169.254.169.254/latest"})
	if !NotSent(err) || !strings.Contains(err.Error(), "nothing is sent there") {
		t.Errorf("the client: got %v", err)
	}
}
