package portal

import "time"

// Options are the switches of how a portal keeps its records.
type Options struct {
	// Skew is how far the portal's clock is ahead of the company's.
	Skew        time.Duration
	IndexLag    time.Duration // how long search does not find a change
	RollupDelay time.Duration // how long a deal's rollups take to follow its activities
	// LinksStamp lets a change of associations stamp both records.
	LinksStamp bool
	// MergedResolve lets a read of an id that was merged away find the survivor;
	// otherwise nothing is found.
	MergedResolve bool
}

// Portal is a HubSpot portal for its users and its administrator. All methods may be
// called at the same time; each method holds the clock.
type Portal struct{ rec *Records }

// New is the portal that keeps the records given.
func New(rec *Records) *Portal { return &Portal{rec} }
