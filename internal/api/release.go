package api

// ReleaseRequest ends the folds of a rule; an empty pipeline or source does not filter.
type ReleaseRequest struct {
	Rule     string `json:"rule"`
	Pipeline string `json:"pipeline"` // id or label
	Source   string `json:"source"`
}

// Released is a rule that is told deal by deal again in one pipeline.
type Released struct {
	Source   string `json:"source"`
	Pipeline string `json:"pipeline"` // label, "" where the CRM has no pipelines
	Rule     string `json:"rule"`
	Failed   int    `json:"failed"` // open deals on which it failed at the last evaluation
	Judged   int    `json:"judged"`
	// Before says that the rule had been released already, and is not folded since.
	Before bool `json:"before,omitempty"`
}
