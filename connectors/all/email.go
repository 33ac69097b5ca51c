package all

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// Email is how the configuration spells an [email.Config].
type Email struct {
	Host     string         `yaml:"host,required" doc:"Mail server that messages are handed to." example:"smtp.acme.example"`
	Port     int            `yaml:"port" doc:"Its port." default:"587; with tls: implicit 465, with tls: none 25" example:"587"`
	TLS      string         `yaml:"tls" doc:"How the connection is protected. none is possible towards loopback only." values:"starttls|implicit|none" default:"starttls"`
	Username string         `yaml:"username" doc:"Login name. Without one, no login is made." example:"pipetidy"`
	Password *secret.Secret `yaml:"password" doc:"Password of the login." example:"{env: SMTP_PASSWORD}"`
	From     string         `yaml:"from,required" doc:"Sender of the messages." example:"Pipetidy <pipetidy@acme.example>"`
	Allow    []string       `yaml:"allow" doc:"Domains that may get mail. Recipients elsewhere get nothing, so that a reader elsewhere of a digest that goes by email is a mistake." default:"the domain of from" example:"[acme.example]"`
}

func newEmail() *Email { return &Email{TLS: string(email.StartTLS)} }

var domainForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// Validate reports mistakes under their keys.
func (e *Email) Validate(report func(key, message string)) {
	switch mode := email.TLS(e.TLS); {
	case mode != email.StartTLS && mode != email.Implicit && mode != email.None:
		report("tls", fmt.Sprintf("want %s, %s or %s", email.StartTLS, email.Implicit, email.None))
	case mode == email.None && !rest.Loopback(e.Host):
		report("tls", "without TLS anybody on the way could read the mail and the password; none is possible towards loopback only")
	}
	if !domainForm.MatchString(e.Host) && !rest.Loopback(e.Host) {
		report("host", "want the name of a host, without port and without ://")
	}
	if e.Port < 0 || e.Port > 65535 {
		report("port", "want a port number up to 65535")
	}
	if e.Username != "" && e.Password == nil {
		report("username", "there is a login name but no password; add password: {env: NAME}")
	}
	if e.Username == "" && e.Password != nil {
		report("password", "there is a password but no login name; add username:")
	}
	if _, err := mail.ParseAddress(e.From); err != nil {
		report("from", "want an address, as in Pipetidy <pipetidy@example.com>")
	}
	for i, d := range e.Allow {
		if !domainForm.MatchString(d) {
			report(fmt.Sprintf("allow[%d]", i), "want a domain, as in example.com")
		}
	}
}

// Allows reports whether the address is in a domain that may get mail.
func (e *Email) Allows(address string) bool {
	allow := e.Allow
	if len(allow) == 0 {
		if from, err := mail.ParseAddress(e.From); err == nil {
			allow = []string{domainOf(from.Address)}
		}
	}
	return slices.ContainsFunc(allow, func(d string) bool { return strings.EqualFold(d, domainOf(address)) })
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// Open returns the notifier.
func (e *Email) Open(connectors.NotifierOptions) (digest.Notifier, error) {
	c := email.Config{Host: e.Host, Port: e.Port, TLS: email.TLS(e.TLS), Username: e.Username, From: e.From, Allow: e.Allow}
	if e.Password != nil {
		c.Password = e.Password.Func()
	}
	return email.New(c)
}
