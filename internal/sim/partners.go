package sim

import (
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

// OldAddress is Cleo's address in HubSpot; in Salesforce her address is
// cleo@acme.example.
const OldAddress = "cleo@oldco.example"

// hubReps are the reps with deals in HubSpot; true: all of the rep's deals, false:
// every other deal.
var hubReps = map[string]bool{
	"cleo@acme.example": false, "dai@acme.example": true, "finn@acme.example": false, "gus@acme.example": true, "hana@acme.example": true,
	leaverMail: true, "max@acme.example": true, "nia@acme.example": true, "oli@acme.example": true,
}

// inHubSpot reports whether the n-th deal of a rep lives in HubSpot, if the company
// uses HubSpot.
func (p *person) inHubSpot(n int) bool {
	all, some := hubReps[p.email]
	return some && (all || n%2 == 0)
}

// seedPortal gives seats in the portal to the reps with deals in HubSpot, and to the managers.
func (c *Company) seedPortal() {
	c.rec.Features[org.HubSpotLink] = true
	at := c.opt.Start.AddDate(-2, 0, 0)
	for _, p := range c.people {
		if _, rep := hubReps[p.email]; !rep && p.email != "maria@acme.example" && p.email != "tom@acme.example" {
			continue
		}
		o := c.portal.AddOwner(p.email, p.first, p.last, p.team, at)
		o.Person = p.email
		if p.email == "cleo@acme.example" {
			o.Email = OldAddress
		}
	}
	// Somebody who left long ago.
	c.portal.AddOwner("pat@acme.example", "Pat", "Quillfeather", "", at).Archived = true
}
