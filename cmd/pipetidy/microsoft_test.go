package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

const (
	microsoftLogin = "login.microsoftonline.com"
	microsoftUser  = "pipetidy@acme.example"
	appSecret      = "an-app-secret"
)

// appToken is an access token with one role.
func appToken(role string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"roles":["`+role+`"]}`)) + ".signature"
}

// microsoft makes the mailbox of the company one of Microsoft 365, which takes the token of
// an app and no password, and rewrites notify.email of pipetidy.yaml: microsoft. Later,
// "microsoft wrong-secret" and the like say what an administrator has forgotten, "microsoft
// ready" that nothing is missing. Whoever asks for a token reaches the company's through a
// proxy, by the address and with the certificate of the real one.
func microsoft(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if len(args) == 1 && w.tenant != nil && !neg {
		ts.Check(w.tenant.set(args[0]))
		return
	}
	if neg || len(args) != 0 || w.tenant != nil {
		ts.Fatalf("usage: microsoft [state]")
	}
	w.tenant = &tenant{state: "ready"}
	cert, root, err := certificateOf(microsoftLogin)
	ts.Check(err)
	login := httptest.NewUnstartedServer(w.tenant)
	login.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	login.StartTLS()
	ts.Defer(login.Close)
	proxy := httptest.NewServer(tunnel(login.Listener.Addr().String()))
	ts.Defer(proxy.Close)

	m, err := mail.Listen(context.Background(), mail.Options{Username: microsoftUser, Bearer: appToken("SMTP.SendAsApp"), StartTLS: true, SMTPUTF8: true})
	ts.Check(err)
	ts.Check(w.servers.Mail.Close())
	w.servers.Mail = m
	ts.Check(os.WriteFile(ts.MkAbs("roots.pem"), append(root, m.PEM()...), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("m365"), []byte(appSecret+"\n"), 0o600))
	ts.Setenv("SSL_CERT_FILE", ts.MkAbs("roots.pem"))
	ts.Setenv("HTTPS_PROXY", proxy.URL)

	before, rest, found := strings.Cut(ts.ReadFile("pipetidy.yaml"), "  email:\n")
	_, after, ended := strings.Cut(rest, "\nhttp:")
	if !found || !ended {
		ts.Fatalf("pipetidy.yaml has no notify.email")
	}
	yaml := fmt.Sprintf(`%s  email:
    host: %s
    port: %d
    username: %s
    auth: {mechanism: xoauth2, tenant: acme.example, client_id: app-1, client_secret: {file: m365}}
    from: Pipetidy <%[4]s>

http:%[5]s`, before, m.Host(), m.Port(), microsoftUser, after)
	ts.Check(os.WriteFile(ts.MkAbs("pipetidy.yaml"), []byte(yaml), 0o600))
}

// tenant is the token endpoint of an organisation, in which an administrator may have
// forgotten something.
type tenant struct {
	mu    sync.Mutex
	state string
}

// forgotten is what the endpoint answers, by what was forgotten.
var forgotten = map[string]string{
	"wrong-tenant":  `{"error":"invalid_request","error_description":"AADSTS90002: Tenant 'acme.example' not found."}`,
	"wrong-secret":  `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided: ` + appSecret + `."}`,
	"no-permission": `{"access_token":"` + appToken("Mail.Read") + `","expires_in":3599}`,
	"no-mailbox":    `{"access_token":"` + appToken("SMTP.SendAsApp") + `-of-another","expires_in":3599}`,
	"ready":         `{"access_token":"` + appToken("SMTP.SendAsApp") + `","expires_in":3599}`,
}

func (o *tenant) set(state string) error {
	if _, ok := forgotten[state]; !ok {
		return fmt.Errorf("an administrator cannot forget %q", state)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state = state
	return nil
}

// ServeHTTP gives tokens to the app.
func (o *tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.URL.Path != "/acme.example/oauth2/v2.0/token" || r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("client_id") != "app-1" ||
		r.PostFormValue("client_secret") != appSecret || r.PostFormValue("scope") != "https://outlook.office365.com/.default" {
		http.NotFound(w, r)
		return
	}
	if strings.Contains(forgotten[o.state], `"error"`) {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = io.WriteString(w, forgotten[o.state])
}

// tunnel is a proxy that leads to addr whoever asks for Microsoft's host, and nobody else.
func tunnel(addr string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != microsoftLogin+":443" {
			http.Error(w, "no way to "+r.Host, http.StatusForbidden)
			return
		}
		there, err := new(net.Dialer).DialContext(r.Context(), "tcp", addr)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _ = io.Copy(there, buffered)
			_ = there.Close()
		})
		_, _ = io.Copy(here, there)
		_ = here.Close()
		wg.Wait()
	})
}

// certificateOf makes a certificate for host, and the root that vouches for it.
func certificateOf(host string) (cert tls.Certificate, root []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return cert, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
