package sim

import (
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// Stage labels of the portal's first pipeline; the stage ids are the ids that
// HubSpot ships.
const (
	HubNew       = "New"
	HubQualified = "Qualified"
	HubProposal  = "Proposal sent"
	HubContract  = "Contract sent"
)

// acmePipelines are the pipeline that HubSpot ships, relabelled, and a pipeline of
// the company's own, whose ids are numbers.
func acmePipelines(created time.Time) []*portal.Pipeline {
	epoch := time.Unix(0, 0).UTC()
	return []*portal.Pipeline{
		{ID: "default", Label: "Partner sales", Created: epoch, Updated: created, Stages: []*portal.Stage{
			{ID: "appointmentscheduled", Label: HubNew, Probability: 0.2, Like: Prospecting, Created: epoch, Updated: created},
			{ID: "qualifiedtobuy", Label: HubQualified, Probability: 0.4, Like: Discovery, Created: epoch, Updated: created},
			{ID: "presentationscheduled", Label: HubProposal, Probability: 0.6, Like: Proposal, Created: epoch, Updated: created},
			{ID: "contractsent", Label: HubContract, Probability: 0.9, Like: Negotiation, Created: epoch, Updated: created},
			{ID: "closedwon", Label: "Closed Won", Closed: true, Probability: 1, Like: ClosedWon, Created: epoch, Updated: created},
			{ID: "closedlost", Label: "Closed Lost", Closed: true, Probability: 0, Like: ClosedLost, Created: epoch, Updated: created},
		}},
		{ID: "75398210", Label: "Partner renewals", Created: created, Updated: created, Stages: []*portal.Stage{
			{ID: "148220011", Label: "Due", Probability: 0.5, Like: Prospecting, Created: created, Updated: created},
			{ID: "148220012", Label: "In talks", Probability: 0.6, Like: Discovery, Created: created, Updated: created},
			{ID: "148220013", Label: "Offer sent", Probability: 0.7, Like: Proposal, Created: created, Updated: created},
			{ID: "148220014", Label: "Agreed", Probability: 0.9, Like: Negotiation, Created: created, Updated: created},
			{ID: "148220015", Label: "Renewed", Closed: true, Probability: 1, Like: ClosedWon, Created: created, Updated: created},
			{ID: "148220016", Label: "Churned", Closed: true, Probability: 0, Like: ClosedLost, Created: created, Updated: created},
		}},
	}
}
