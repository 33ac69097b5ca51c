package sim

// stageDef defines a stage of the org.
type stageDef struct {
	api, label  string
	order       int
	closed, won bool
	active      bool
	probability float64
	category    string // ForecastCategory
	name        string // ForecastCategoryName
}

// Stage API names. Negotiation's API name differs from its label.
const (
	Prospecting = "Prospecting"
	Discovery   = "Discovery"
	Proposal    = "Proposal"
	Negotiation = "Negotiation/Review"
	ClosedWon   = "Closed Won"
	ClosedLost  = "Closed Lost"
)

func acmeStages() []stageDef {
	return []stageDef{
		{Prospecting, "Prospecting", 1, false, false, true, 10, "Pipeline", "Pipeline"},
		{"Qualification", "Qualification", 2, false, false, false, 15, "Pipeline", "Pipeline"},
		{Discovery, "Discovery", 3, false, false, true, 25, "Pipeline", "Pipeline"},
		{Proposal, "Proposal", 4, false, false, true, 50, "BestCase", "Best Case"},
		{Negotiation, "Negotiation", 5, false, false, true, 80, "Forecast", "Commit"},
		{ClosedWon, "Closed Won", 6, true, true, true, 100, "Closed", "Closed"},
		{ClosedLost, "Closed Lost", 7, true, false, true, 0, "Omitted", "Omitted"},
	}
}
