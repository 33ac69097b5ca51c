package sim

import (
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

// OldAddress is where Cleo gets her mail according to HubSpot; Salesforce knows
// her as cleo@acme.example.
const OldAddress = "cleo@oldco.example"

// hubReps are the reps whose deals live in HubSpot; true: all of them, false:
// every other one.
var hubReps = map[string]bool{
	"cleo@acme.example": false, "dai@acme.example": true, "finn@acme.example": false, "gus@acme.example": true, "hana@acme.example": true,
	leaverMail: true, "max@acme.example": true, "nia@acme.example": true, "oli@acme.example": true,
}

// inHubSpot says whether the n-th deal of a rep lives in HubSpot, where the
// company has it.
func (p *person) inHubSpot(n int) bool {
	all, some := hubReps[p.email]
	return some && (all || n%2 == 0)
}

// seedPortal opens the portal: it gives seats to those who work in HubSpot, and to the managers.
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
