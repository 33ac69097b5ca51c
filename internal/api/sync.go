package api

import (
	"github.com/pipetidy/pipetidy/crm"
)

// SyncRequest asks for one sync; Source "" is every source.
type SyncRequest struct {
	Source string `json:"source"`
	Full   bool   `json:"full"`
}

// ForgetRequest names a source that the configuration does not have and the cache has.
type ForgetRequest struct {
	Source string `json:"source"`
}

// SyncEvent is a step of a sync. The last event of each source has Finished set.
type SyncEvent struct {
	Source   string     `json:"source"`
	Stream   crm.Stream `json:"stream,omitempty"`
	Done     int        `json:"done"`
	Total    int        `json:"total"` // 0 is unknown
	Added    int        `json:"added"`
	Changed  int        `json:"changed"`
	Deleted  int        `json:"deleted"`
	Calls    int64      `json:"api_calls"`
	Waits    string     `json:"waits,omitempty"` // what the stream waits for at the CRM
	Ended    bool       `json:"ended,omitempty"` // the stream is at its end; others may still be read
	Finished bool       `json:"finished"`
	Notes    []string   `json:"notes,omitempty"`    // of a finished source: what cannot be judged, and what to do
	Withheld string     `json:"withheld,omitempty"` // of a finished source: why its findings are withheld
	Error    string     `json:"error,omitempty"`
	Exit     int        `json:"exit,omitempty"`
}
