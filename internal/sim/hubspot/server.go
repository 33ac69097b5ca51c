package hubspot

import (
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// Server is a HubSpot portal over HTTP. The company's clock guards the records, and a
// lock of the server guards the switches.
type Server struct {
	fault.Script
	*portal.Portal
	*shared
	*apps
	*limits
	Records *portal.Records

	answers int
}

// New serves a new portal, which has the pipelines given and no records.
func New(at *clock.Clock, pipelines []*portal.Pipeline, buyer func(n int) (first, last string)) *Server {
	all := &shared{opt: Options{Token: "pat-na1-5e0d4c1a-0000-4000-8000-000000000001", PortalID: 149063119, HistoryDepth: 20, Daily: 625_000,
		OAuth: OAuth{ClientID: "7c1f4a52-0000-4000-8000-000000000002", ClientSecret: "0b9d6e83-0000-4000-8000-000000000003", RefreshToken: "na1-5e0d4c1a-0000-4000-8000-000000000004"}}}
	all.portal = portal.NewRecords(at, pipelines, func() portal.Options { return all.Options().Options }, buyer)
	return &Server{Portal: portal.New(all.portal), shared: all, apps: &apps{shared: all, access: map[string]time.Time{}}, limits: &limits{shared: all}, Records: all.portal}
}
