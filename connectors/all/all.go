// Package all lists the members of package connectors: the CRMs that are read and
// the channels that digests are sent through. A new member is a line here. Only
// config, which reads the members' settings, and cmd, which opens the members,
// import this package; a member imports no other member and not this list.
package all

import (
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/delivery"
)

// Sources lists the kinds of CRM.
func Sources() []connectors.SourceType {
	return []connectors.SourceType{
		{Name: "salesforce", Label: "Salesforce", New: func() connectors.SourceConfig { return salesforce.Defaults() }},
		{Name: "hubspot", Label: "HubSpot", New: func() connectors.SourceConfig { return hubspot.Defaults() }},
	}
}

// Notifiers lists the channels.
func Notifiers() []connectors.NotifierType {
	return []connectors.NotifierType{
		{Channel: delivery.Slack, Label: "Slack", New: func() connectors.NotifierConfig { return slack.Defaults() }},
		{Channel: delivery.Email, Label: "e-mail", New: func() connectors.NotifierConfig { return email.Defaults() }},
	}
}
