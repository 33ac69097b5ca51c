package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

// ServeOptions say how the company is served.
type ServeOptions struct {
	Mail mail.Options // its Username and Password default to pipetidy and an invented password
	// SalesforceAddr, HubSpotAddr and SlackAddr are addresses to listen on, for
	// the tests that restart a server; "" is a free port of 127.0.0.1.
	SalesforceAddr, HubSpotAddr, SlackAddr string
}

// Servers are the running services of a company.
type Servers struct {
	Company *Company
	Mail    *mail.Server

	SalesforceURL          string
	ClientID, ClientSecret string
	HubSpotURL             string // "" where the company has no HubSpot portal
	HubSpotToken           string
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

// Serve starts the company's Salesforce, Slack and mail server on loopback, and its
// HubSpot if the company uses HubSpot. The servers end with Close, or with ctx.
func Serve(ctx context.Context, c *Company, opt ServeOptions) (*Servers, error) {
	if opt.Mail.Username == "" {
		opt.Mail.Username, opt.Mail.Password = "pipetidy", "sim-smtp-password"
	}
	s := &Servers{Company: c, ClientID: c.sf.Options().ClientID, ClientSecret: c.sf.Options().ClientSecret, SlackToken: c.slack.Options().Token,
		SMTPUser: opt.Mail.Username, SMTPPassword: opt.Mail.Password}
	var err error
	if s.SalesforceURL, err = s.listen(ctx, opt.SalesforceAddr, c.sf); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if c.opt.HubSpot {
		s.HubSpotToken = c.hub.Options().Token
		if s.HubSpotURL, err = s.listen(ctx, opt.HubSpotAddr, c.hub); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	if s.SlackURL, err = s.listen(ctx, opt.SlackAddr, c.slack); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.SlackURL += "/api"
	if s.Mail, err = mail.Listen(ctx, opt.Mail); err != nil {
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
	s.wg.Go(func() { _ = srv.Serve(l) }) // Serve returns when Close closes srv
	return "http://" + l.Addr().String(), nil
}

// Close ends all servers and their connections. Close may be called again.
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
