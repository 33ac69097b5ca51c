package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// ServeOptions say how the company is served.
type ServeOptions struct {
	Mail MailOptions // its Username and Password default to pipetidy and an invented password
	// SalesforceAddr and SlackAddr are addresses to listen on, for the tests
	// that restart a server; "" is a free port of 127.0.0.1.
	SalesforceAddr, SlackAddr string
}

// Servers are the running services of a company.
type Servers struct {
	Company *Company
	Mail    *Mail

	SalesforceURL          string
	ClientID, ClientSecret string
	SlackURL               string // ends in /api
	SlackToken             string
	SMTPHost               string
	SMTPPort               int
	SMTPUser, SMTPPassword string

	https []*http.Server
	wg    sync.WaitGroup
	once  sync.Once
	stop  func() bool
	err   error
}

// Serve starts the company's Salesforce, Slack and mail server on loopback. They
// end with Close, or with ctx.
func Serve(ctx context.Context, c *Company, opt ServeOptions) (*Servers, error) {
	if opt.Mail.Username == "" {
		opt.Mail.Username, opt.Mail.Password = "pipetidy", "sim-smtp-password"
	}
	s := &Servers{Company: c, ClientID: c.sf.Options().ClientID, ClientSecret: c.sf.Options().ClientSecret, SlackToken: c.slack.opt.Token,
		SMTPUser: opt.Mail.Username, SMTPPassword: opt.Mail.Password}
	var err error
	if s.SalesforceURL, err = s.listen(ctx, opt.SalesforceAddr, c.sf); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.SlackURL, err = s.listen(ctx, opt.SlackAddr, c.slack); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.SlackURL += "/api"
	if s.Mail, err = NewMail(ctx, opt.Mail); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.SMTPHost, s.SMTPPort = s.Mail.Host(), s.Mail.Port()
	s.stop = context.AfterFunc(ctx, s.end)
	return s, nil
}

func (s *Servers) listen(ctx context.Context, addr string, h http.Handler) (string, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return "", fmt.Errorf("serve the company: %w", err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	s.https = append(s.https, srv)
	s.wg.Go(func() { _ = srv.Serve(l) }) // it returns when Close closes srv
	return "http://" + l.Addr().String(), nil
}

// Close ends all servers and their connections. It may be called again.
func (s *Servers) Close() error {
	if s.stop != nil {
		s.stop()
	}
	s.end()
	return s.err
}

func (s *Servers) end() {
	s.once.Do(func() {
		for _, srv := range s.https {
			s.err = errors.Join(s.err, srv.Close())
		}
		if s.Mail != nil {
			s.err = errors.Join(s.err, s.Mail.Close())
		}
		s.wg.Wait()
	})
}

// Config is a pipetidy.yaml for the running servers, with the data in dataDir
// and the secrets written to dataDir/secrets.
func (s *Servers) Config(dataDir string) ([]byte, error) {
	secrets := filepath.Join(dataDir, "secrets")
	if err := os.MkdirAll(secrets, 0o700); err != nil {
		return nil, fmt.Errorf("write the company's secrets: %w", err)
	}
	paths := map[string]string{}
	for name, value := range map[string]string{"salesforce": s.ClientSecret, "slack": s.SlackToken, "smtp": s.SMTPPassword} {
		paths[name] = filepath.Join(secrets, name)
		if err := os.WriteFile(paths[name], []byte(value+"\n"), 0o600); err != nil {
			return nil, fmt.Errorf("write the company's secrets: %w", err)
		}
	}
	tls := "none"
	if s.Mail.opt.StartTLS {
		tls = "starttls"
	}
	west := append(mails(s.Company.reps("West")), leaverMail)
	east := mails(s.Company.reps("East"))
	return fmt.Appendf(nil, configTemplate, dataDir, s.SalesforceURL, s.ClientID, paths["salesforce"], strings.Join(west, ", "), strings.Join(east, ", "),
		paths["slack"], s.SlackURL, s.SMTPHost, s.SMTPPort, tls, s.SMTPUser, paths["smtp"]), nil
}

func mails(people []*person) []string {
	var out []string
	for _, p := range people {
		out = append(out, p.email)
	}
	return out
}

const configTemplate = `company: Acme
timezone: America/New_York
currency: {report: USD}
data_dir: %q

sources:
  - name: sales
    type: salesforce
    url: %s
    auth:
      flow: client_credentials
      client_id: %s
      client_secret: {file: %q}
    every: 15m
    api_budget: 20%%
    fields:
      decision_criteria: Decision_Criteria__c
      economic_buyer: Economic_Buyer__c

teams:
  - name: West
    manager: maria@acme.example
    members: [%s]
    timezone: America/Los_Angeles
  - name: East
    manager: tom@acme.example
    members: [%s]
    timezone: America/New_York

pipelines:
  - source: sales
    name: "*"
    stages:
      Discovery:   {max_days: 21, exit: [next_step, decision_criteria]}
      Proposal:    {max_days: 14, exit: [economic_buyer, amount], entry: [contact]}
      Negotiation: {max_days: 14, late: true}

rules:
  no-activity: {days: 14}
  next-step-missing: {severity: high}

digests:
  - name: manager-daily
    for: managers
    at: "08:30"
    days: weekdays
    via: slack
    else: email

notify:
  slack:
    token: {file: %q}
    url: %s
  email:
    host: %s
    port: %d
    tls: %s
    username: %s
    password: {file: %q}
    from: Pipetidy <pipetidy@acme.example>
    allow: [acme.example]

http:
  listen: 127.0.0.1:0
`
