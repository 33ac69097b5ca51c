package salesforce

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

func TestUnreachable(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&net.DNSError{Name: "acme.my.salesforce.com", IsNotFound: true}, "there is no host acme.my.salesforce.com; check the spelling of url"},
		{&net.DNSError{Name: "acme.my.salesforce.com", IsTimeout: true}, "the name acme.my.salesforce.com could not be looked up; check this machine's DNS"},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "cannot be reached (connection refused); check url"},
		{&tls.CertificateVerificationError{Err: errors.New("unknown authority")}, "its TLS certificate is not trusted; check url"},
		{io.ErrUnexpectedEOF, "no usable answer: POST acme.my.salesforce.com/services/oauth2/token: unexpected EOF; try again later"},
	} {
		synctest.Test(t, func(t *testing.T) {
			cfg := good(t)
			s, err := New(cfg, rest.New(rest.Config{Transport: broken{c.err}}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Describe(t.Context())
			if !errors.Is(err, crm.ErrBusy) || !strings.HasPrefix(err.Error(), "source sales (https://acme.my.salesforce.com): "+c.want) {
				t.Errorf("%v: got %v, want %s", c.err, err, c.want)
			}
		})
	}
}

func TestConnectionRefused(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	cfg := good(t)
	cfg.URL = srv.URL
	srv.Close()
	s, err := New(cfg, rest.New(rest.Config{Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Describe(t.Context())
	if !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "source sales ("+srv.URL+"): cannot be reached (connect: connection refused); check url") {
		t.Errorf("got %v", err)
	}
	if s.Usage().Calls != 0 {
		t.Errorf("%d calls counted that never left", s.Usage().Calls)
	}
}

func TestSecretMissing(t *testing.T) {
	cfg := good(t)
	cfg.Auth.ClientSecret = secret.Secret{Env: "PIPETIDY_X"}
	s, err := New(cfg, rest.New(rest.Config{Transport: &recorded{}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Describe(t.Context()); !errors.Is(err, crm.ErrAuth) || !strings.HasSuffix(err.Error(), "no client secret: environment variable PIPETIDY_X is not set; set it where pipetidy starts") {
		t.Errorf("got %v", err)
	}
}
