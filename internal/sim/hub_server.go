package sim

import (
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// HubSpot is a HubSpot portal over HTTP. Its records are guarded by the company's
// clock, its switches by a lock of their own.
type HubSpot struct {
	fault.Script
	*Portal
	*hubShared
	*hubApps
	*hubLimits
	rec *portalRecords

	answers int
}

func newHubSpot(at *clock.Clock, pipelines []*hubPipeline, buyer func(n int) (first, last string)) *HubSpot {
	all := &hubShared{opt: HubSpotOptions{Token: "pat-na1-5e0d4c1a-0000-4000-8000-000000000001", PortalID: 149063119, HistoryDepth: 20, Daily: 625_000,
		OAuth: HubSpotOAuth{ClientID: "7c1f4a52-0000-4000-8000-000000000002", ClientSecret: "0b9d6e83-0000-4000-8000-000000000003", RefreshToken: "na1-5e0d4c1a-0000-4000-8000-000000000004"}}}
	all.portal = newPortalRecords(at, pipelines, func() PortalOptions { return all.Options().PortalOptions }, buyer)
	return &HubSpot{Portal: &Portal{all.portal}, hubShared: all, hubApps: &hubApps{hubShared: all, access: map[string]time.Time{}}, hubLimits: &hubLimits{hubShared: all}, rec: all.portal}
}
