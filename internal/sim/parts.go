package sim

import (
	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/slack"
)

// The parts of the company have packages of their own. The names that tests and the
// demo use most are repeated here: a test of connectors/salesforce would otherwise
// import two packages called salesforce.
type (
	// Fault is one scripted misbehaviour of a service.
	Fault = fault.Rule
	// FaultKind is what goes wrong.
	FaultKind = fault.Kind

	// Salesforce is the company's Salesforce org, over HTTP.
	Salesforce = salesforce.Server
	// SalesforceOptions are the switches of the Salesforce org.
	SalesforceOptions = salesforce.Options
	// BulkOptions are the switches of Bulk API 2.0 queries.
	BulkOptions = salesforce.BulkOptions
	// SizeLimits limit how much a query may match.
	SizeLimits = salesforce.SizeLimits
	// Task is a task, call or e-mail to log.
	Task = org.Task
	// Event is a meeting.
	Event = org.Event

	// HubSpot is the company's HubSpot portal, over HTTP.
	HubSpot = hubspot.Server
	// HubSpotOptions are the switches of the HubSpot portal.
	HubSpotOptions = hubspot.Options
	// HubSpotOAuth is an OAuth app that is installed in the portal.
	HubSpotOAuth = hubspot.OAuth

	// SlackOptions are the switches of the Slack workspace.
	SlackOptions = slack.Options
	// SlackMessage is a message as it stands in a channel.
	SlackMessage = slack.Message
)

// The kinds of fault that tests script by name.
const (
	Edit    = fault.Edit
	HTML200 = fault.HTML200
	HTML503 = fault.HTML503
	Slow    = fault.Slow
)

// MultiCurrency is the org feature that gives records a currency of their own.
const MultiCurrency = org.MultiCurrency

// HubSpotFault is the answer that HubSpot gives with a status.
func HubSpotFault(status int) Fault { return hubspot.Fault(status) }

// HubSpotNone makes an answer of HubSpot about associations say that there are none.
func HubSpotNone(body []byte) []byte { return hubspot.None(body) }

// SlackFault scripts one misbehaviour of chat.postMessage.
func SlackFault(kind string, commit bool) Fault { return slack.Fault(kind, commit) }
