package sim

import (
	"slices"
	"strings"
	"time"
)

// OldAddress is where Cleo gets her mail according to HubSpot; Salesforce knows
// her as cleo@acme.example.
const OldAddress = "cleo@oldco.example"

// hubOwner is a person who can own records.
type hubOwner struct {
	id, userID       int64 // two different numbers
	email            string
	first, last      string
	teams            []string // the first is the primary one
	archived         bool
	created, updated time.Time
	person           string // the address that the company knows the person by
}

// hubReps are the reps whose deals live in HubSpot; true: all of them, false:
// every other one.
var hubReps = map[string]bool{
	"cleo@acme.example": false, "dai@acme.example": true, "finn@acme.example": false, "gus@acme.example": true, "hana@acme.example": true,
	leaverMail: true, "max@acme.example": true, "nia@acme.example": true, "oli@acme.example": true,
}

// inHubSpot says where the n-th deal of a rep lives.
func (c *Company) inHubSpot(owner *person, n int) bool {
	if !c.opt.HubSpot {
		return false
	}
	all, some := hubReps[owner.email]
	return some && (all || n%2 == 0)
}

// seedOwners gives seats to those who work in HubSpot, and to the managers.
func (h *HubSpot) seedOwners() {
	at := h.c.opt.Start.AddDate(-2, 0, 0)
	for _, p := range h.c.people {
		if _, rep := hubReps[p.email]; !rep && p.email != "maria@acme.example" && p.email != "tom@acme.example" {
			continue
		}
		o := h.addOwner(p.email, p.first, p.last, p.team, at)
		o.person = p.email
		if p.email == "cleo@acme.example" {
			o.email = OldAddress
		}
	}
	// Somebody who left long ago.
	h.addOwner("pat@acme.example", "Pat", "Quillfeather", "", at).archived = true
}

func (h *HubSpot) addOwner(email, first, last, team string, at time.Time) *hubOwner {
	n := int64(len(h.owners))
	o := &hubOwner{id: 41_629_779 + n*1009, userID: 9_586_504 + n*17, email: email, first: first, last: last, created: at, updated: at}
	if team != "" {
		o.teams = []string{team}
	}
	h.owners = append(h.owners, o)
	return o
}

// ownerOf is the owner behind an address, in HubSpot or in the company.
func (h *HubSpot) ownerOf(email string) *hubOwner {
	i := slices.IndexFunc(h.owners, func(o *hubOwner) bool { return strings.EqualFold(o.email, email) || strings.EqualFold(o.person, email) })
	if i < 0 {
		return nil
	}
	return h.owners[i]
}

// ownerOfUser is the owner behind a Salesforce user's id.
func (h *HubSpot) ownerOfUser(user string) *hubOwner {
	for i := range h.c.people {
		if h.c.people[i].id == user {
			return h.ownerOf(h.c.people[i].email)
		}
	}
	return nil
}

// deactivate archives somebody's owner; what they own stays theirs.
func (h *HubSpot) deactivate(email string) {
	if o := h.ownerOf(email); o != nil && !o.archived {
		o.archived, o.updated = true, h.instant()
	}
}
