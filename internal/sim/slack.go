package sim

// Slack is the company's Slack workspace.
type Slack struct {
	faults
	c *Company
}

func newSlack(c *Company) *Slack { return &Slack{c: c} }
