package sim

import "time"

// Stage labels of the portal's first pipeline; the ids are those that HubSpot
// ships.
const (
	HubNew       = "New"
	HubQualified = "Qualified"
	HubProposal  = "Proposal sent"
	HubContract  = "Contract sent"
)

// acmePipelines are the ones HubSpot ships, relabelled, and one of the
// company's own, whose ids are numbers.
func acmePipelines(created time.Time) []*hubPipeline {
	epoch := time.Unix(0, 0).UTC()
	return []*hubPipeline{
		{id: "default", label: "Partner sales", created: epoch, updated: created, stages: []*hubStage{
			{id: "appointmentscheduled", label: HubNew, probability: 0.2, like: Prospecting, created: epoch, updated: created},
			{id: "qualifiedtobuy", label: HubQualified, probability: 0.4, like: Discovery, created: epoch, updated: created},
			{id: "presentationscheduled", label: HubProposal, probability: 0.6, like: Proposal, created: epoch, updated: created},
			{id: "contractsent", label: HubContract, probability: 0.9, like: Negotiation, created: epoch, updated: created},
			{id: "closedwon", label: "Closed Won", closed: true, probability: 1, like: ClosedWon, created: epoch, updated: created},
			{id: "closedlost", label: "Closed Lost", closed: true, probability: 0, like: ClosedLost, created: epoch, updated: created},
		}},
		{id: "75398210", label: "Partner renewals", created: created, updated: created, stages: []*hubStage{
			{id: "148220011", label: "Due", probability: 0.5, like: Prospecting, created: created, updated: created},
			{id: "148220012", label: "In talks", probability: 0.6, like: Discovery, created: created, updated: created},
			{id: "148220013", label: "Offer sent", probability: 0.7, like: Proposal, created: created, updated: created},
			{id: "148220014", label: "Agreed", probability: 0.9, like: Negotiation, created: created, updated: created},
			{id: "148220015", label: "Renewed", closed: true, probability: 1, like: ClosedWon, created: created, updated: created},
			{id: "148220016", label: "Churned", closed: true, probability: 0, like: ClosedLost, created: created, updated: created},
		}},
	}
}
