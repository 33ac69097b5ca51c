// Package all lists the members of connectors: the CRMs that can be read and the
// channels that digests go through. Only config, which spells their settings,
// and cmd, which opens them, know the lists; a member knows neither.
package all

import (
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/delivery"
)

// Sources lists the kinds of CRM, one line each.
func Sources() []connectors.SourceType {
	return []connectors.SourceType{
		{Name: "salesforce", Label: "Salesforce", New: func() connectors.SourceConfig { return salesforce.Defaults() }},
		{Name: "hubspot", Label: "HubSpot", New: func() connectors.SourceConfig { return hubspot.Defaults() }},
	}
}

// Notifiers lists the channels, one line each.
func Notifiers() []connectors.NotifierType {
	return []connectors.NotifierType{
		{Channel: delivery.Slack, Label: "Slack", New: func() connectors.NotifierConfig { return slack.Defaults() }},
		{Channel: delivery.Email, Label: "e-mail", New: func() connectors.NotifierConfig { return email.Defaults() }},
	}
}
