package main

import (
	"net/url"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/daemon"
)

// previewing gives a channel the ability to show what it would send
// (daemon.Previewer) out of the functions that its package has for that. What
// else it can do, it still can: the notifier is embedded.
func previewing(n digest.Notifier) digest.Notifier {
	switch n := n.(type) {
	case *slack.Notifier:
		return slackPreviewer{n}
	case *email.Notifier:
		return emailPreviewer{n}
	}
	return n
}

type slackPreviewer struct{ *slack.Notifier }

// Preview is the JSON of the parent's blocks.
func (slackPreviewer) Preview(d *digest.Digest) (string, error) {
	b, err := slack.Blocks(d)
	return string(b), err
}

type emailPreviewer struct{ *email.Notifier }

// Preview is the page for mail clients.
func (emailPreviewer) Preview(d *digest.Digest) (string, error) {
	b, err := email.HTML(d)
	return string(b), err
}

// Losing the reconciler on the way would turn each delivery in doubt into one
// that nobody can ask about.
var (
	_ digest.Reconciler = slackPreviewer{}
	_ daemon.Previewer  = slackPreviewer{}
	_ daemon.Previewer  = emailPreviewer{}
)

// resolving gives a source the ability to take an opportunity's id out of the
// address of its page (crm.Resolver), where it does not have it itself.
func resolving(src crm.Source) crm.Source {
	if _, ok := src.(crm.Resolver); ok {
		return src
	}
	if s, ok := src.(*salesforce.Source); ok {
		return salesforceResolver{s}
	}
	return src
}

type salesforceResolver struct{ *salesforce.Source }

var (
	_ crm.Resolver = salesforceResolver{}
	_ crm.Meter    = salesforceResolver{}
)

// Resolve takes an id of either length, or an address that holds one: those of
// Lightning, Classic and the app have it as a part of their path. Whether the
// org is ours shows when the id is looked up.
func (salesforceResolver) Resolve(ref string) string {
	if id, ok := opportunityID(ref); ok {
		return id
	}
	u, err := url.Parse(ref)
	if err != nil || u.Host == "" {
		return ""
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if id, ok := opportunityID(part); ok {
			return id
		}
	}
	return ""
}

func opportunityID(s string) (string, bool) {
	id, ok := salesforce.LongID(s)
	return id, ok && strings.HasPrefix(id, "006")
}
