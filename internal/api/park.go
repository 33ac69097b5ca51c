package api

import "time"

// ParkRequest parks a deal, or one rule on it, until the morning of a day.
type ParkRequest struct {
	Deal   string `json:"deal"` // id, or address in the CRM
	Rule   string `json:"rule"` // "" is the whole deal
	Until  string `json:"until"`
	Reason string `json:"reason"`
	By     string `json:"by"`
}

// Parked is a park that was made.
type Parked struct {
	Park
	// Instead is the park of the owner's that it replaces.
	Instead *Park `json:"instead,omitempty"`
}

// UnparkRequest ends the parks of a deal; an empty rule does not filter.
type UnparkRequest struct {
	Deal string `json:"deal"`
	Rule string `json:"rule"`
}

// Park is a deal about which nobody is asked until a day.
type Park struct {
	Source      string           `json:"source"`
	Opportunity CheckOpportunity `json:"opportunity"`
	Rule        string           `json:"rule,omitempty"`
	From        string           `json:"from"`
	Until       string           `json:"until"`           // on whose morning it ends
	Asked       string           `json:"asked,omitempty"` // what the CRM asks for, where the park was cut
	Cut         string           `json:"cut,omitempty"`   // at which key under park: once, most
	Reason      string           `json:"reason"`
	By          string           `json:"by"`
	How         string           `json:"how"`             // command, field, task
	End         string           `json:"end,omitempty"`   // why it holds no longer
	Ended       *time.Time       `json:"ended,omitempty"` // since when
}
