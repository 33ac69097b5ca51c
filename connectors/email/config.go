package email

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// TLS says how the connection is protected.
type TLS string

// The ways. No way tries TLS and falls back to plain text.
const (
	StartTLS TLS = "starttls" // plain at first, TLS before anything is said
	Implicit TLS = "implicit" // TLS from the first byte
	None     TLS = "none"     // towards loopback only
)

// Values are the ways.
func (TLS) Values() []string { return []string{string(StartTLS), string(Implicit), string(None)} }

// Config says how to reach the mail server. The fields with a tag are keys of
// notify.email; the other fields come from the program.
type Config struct {
	Host     string         `yaml:"host,required" doc:"Mail server that messages are handed to." example:"smtp.acme.example"`
	Port     int            `yaml:"port" doc:"Port of the mail server." default:"587; with tls: implicit 465, with tls: none 25" example:"587"`
	TLS      TLS            `yaml:"tls" doc:"How the connection is protected. none is possible towards loopback only." default:"starttls"`
	Username string         `yaml:"username" doc:"Login name. Without a name, no login is made." example:"pipetidy"`
	Password *secret.Secret `yaml:"password" doc:"Password of the login." example:"{env: SMTP_PASSWORD}"`
	Auth     *Auth          `yaml:"auth" doc:"How to sign in as an app instead of with a password, for Microsoft 365. deploy/README.md has the steps."`
	From     string         `yaml:"from,required" doc:"Sender of the messages." example:"Pipetidy <pipetidy@acme.example>"`
	Allow    []string       `yaml:"allow" doc:"Domains that may get mail. A recipient elsewhere gets nothing, so a digest that goes by email must not have a reader elsewhere." default:"the domain of from" example:"[acme.example]"`

	Now   func() time.Time // nil is time.Now
	Roots *x509.CertPool   // nil is the system's
	// LoginURL is where Auth gets its tokens; "" is Microsoft's. HTTP asks for them; nil is a
	// client of its own.
	LoginURL string
	HTTP     *rest.Client
	// Dial connects; nil is a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Defaults are the settings without a word of the operator.
func Defaults() *Config { return &Config{TLS: StartTLS} }

var domainForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// Validate reports mistakes under their keys.
func (c *Config) Validate(report func(key, message string)) {
	switch mode := c.TLS; {
	case !slices.Contains(mode.Values(), string(mode)):
		report("tls", fmt.Sprintf("must be %s, %s or %s", StartTLS, Implicit, None))
	case mode == None && !rest.Loopback(c.Host):
		report("tls", "without TLS anybody on the way could read the mail and the password; none is possible towards loopback only")
	}
	if !domainForm.MatchString(c.Host) && !rest.Loopback(c.Host) {
		report("host", "must be the name of a host, without port and without ://")
	}
	if err := rest.CheckNetwork(c.Host); err != nil {
		report("host", err.Error()+"; write the host of your mail server")
	}
	if c.Port < 0 || c.Port > 65535 {
		report("port", "must be a port number up to 65535")
	}
	if a := c.Auth; a != nil {
		c.validateAuth(report)
	}
	if c.Username != "" && c.Password == nil && c.Auth == nil {
		report("username", "there is a login name but no password; add password: {env: NAME}")
	}
	if c.Username == "" && c.Password != nil {
		report("password", "there is a password but no login name; add username:")
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		report("from", "must be an address, as in Pipetidy <pipetidy@example.com>")
	}
	for i, d := range c.Allow {
		if !domainForm.MatchString(d) {
			report(fmt.Sprintf("allow[%d]", i), "must be a domain, as in example.com")
		}
	}
}

func (c *Config) validateAuth(report func(key, message string)) {
	switch a := c.Auth; {
	case a.Mechanism != XOAUTH2:
		report("auth.mechanism", "must be xoauth2; for a login with a password remove auth and write username and password")
	case !domainForm.MatchString(a.Tenant):
		report("auth.tenant", "must be the directory id of the app, or a domain")
	case a.ClientID == "":
		report("auth.client_id", "must be the application id of the app")
	case a.ClientSecret.IsZero():
		report("auth.client_secret", "is missing; add client_secret: {file: PATH}")
	case c.Username == "":
		report("username", "is missing: with auth it is the address of the mailbox that sends")
	case c.Password != nil:
		report("password", "auth signs in without a password; remove one of them")
	}
}

// Allows reports whether the address is in a domain that may get mail.
func (c *Config) Allows(address string) bool {
	allow := c.Allow
	if len(allow) == 0 {
		if from, err := mail.ParseAddress(c.From); err == nil {
			allow = []string{domainOf(from.Address)}
		}
	}
	return slices.ContainsFunc(allow, func(d string) bool { return strings.EqualFold(d, domainOf(address)) })
}

// Open returns the notifier.
func (c *Config) Open(o connectors.NotifierOptions) (digest.Notifier, error) {
	cfg := *c
	if cfg.Auth != nil && cfg.HTTP == nil {
		cfg.HTTP = rest.New(rest.Config{UserAgent: o.UserAgent, Attempts: 2, Timeout: 20 * time.Second})
	}
	return New(cfg)
}
