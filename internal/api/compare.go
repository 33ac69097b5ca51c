package api

// CompareRequest asks what a configuration file says that the CRMs do not have. File is an
// absolute path.
type CompareRequest struct {
	File string `json:"file"`
}

// Comparison is the answer.
type Comparison struct {
	Mistakes []string `json:"mistakes"`
	Pending  []string `json:"pending"` // what cannot be told before the next sync
}
