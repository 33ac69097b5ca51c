package portal

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Owner is a person who can own records.
type Owner struct {
	ID, UserID       int64 // two different numbers in HubSpot
	Email            string
	First, Last      string
	Teams            []string // the first is the primary team
	Archived         bool
	Created, Updated time.Time
	Person           string // the person's address in the company
}

// people are the people of a portal.
type people struct {
	Owners []*Owner
	teams  []string // all teams that there ever were; the ids follow from the order
}

// AddOwner adds an owner, who gets a seat.
func (h *people) AddOwner(email, first, last, team string, at time.Time) *Owner {
	n := int64(len(h.Owners))
	o := &Owner{ID: 41_629_779 + n*1009, UserID: 9_586_504 + n*17, Email: email, First: first, Last: last, Created: at, Updated: at}
	if team != "" {
		o.Teams = []string{team}
	}
	h.Owners = append(h.Owners, o)
	return o
}

// OwnerOf is the owner with the address given, in HubSpot or in the company.
func (h *people) OwnerOf(email string) *Owner {
	i := slices.IndexFunc(h.Owners, func(o *Owner) bool { return strings.EqualFold(o.Email, email) || strings.EqualFold(o.Person, email) })
	if i < 0 {
		return nil
	}
	return h.Owners[i]
}

// OwnerByID is the owner with the id given; nil is none.
func (h *people) OwnerByID(id string) *Owner {
	for _, o := range h.Owners {
		if strconv.FormatInt(o.ID, 10) == id {
			return o
		}
	}
	return nil
}

// TeamNames are all teams that have, or once had, a member.
func (h *people) TeamNames() []string {
	for _, o := range h.Owners {
		for _, name := range o.Teams {
			if !slices.Contains(h.teams, name) {
				h.teams = append(h.teams, name)
			}
		}
	}
	return h.teams
}

func (h *people) TeamID(name string) string {
	return strconv.Itoa(6112 + slices.Index(h.TeamNames(), name))
}

// Deactivate archives an owner; the owner's records keep their owner.
func (h *Records) Deactivate(email string) {
	if o := h.OwnerOf(email); o != nil && !o.Archived {
		o.Archived, o.Updated = true, h.instant()
	}
}
