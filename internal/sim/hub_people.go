package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

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

// hubOwners are the people of a portal.
type hubOwners struct {
	owners []*hubOwner
	teams  []string // all that there ever were; their ids follow from the order
}

// addOwner gives somebody a seat.
func (h *hubOwners) addOwner(email, first, last, team string, at time.Time) *hubOwner {
	n := int64(len(h.owners))
	o := &hubOwner{id: 41_629_779 + n*1009, userID: 9_586_504 + n*17, email: email, first: first, last: last, created: at, updated: at}
	if team != "" {
		o.teams = []string{team}
	}
	h.owners = append(h.owners, o)
	return o
}

// ownerOf is the owner behind an address, in HubSpot or in the company.
func (h *hubOwners) ownerOf(email string) *hubOwner {
	i := slices.IndexFunc(h.owners, func(o *hubOwner) bool { return strings.EqualFold(o.email, email) || strings.EqualFold(o.person, email) })
	if i < 0 {
		return nil
	}
	return h.owners[i]
}

// ownerByID is the owner with that id; nil is none.
func (h *hubOwners) ownerByID(id string) *hubOwner {
	for _, o := range h.owners {
		if strconv.FormatInt(o.id, 10) == id {
			return o
		}
	}
	return nil
}

// teamNames are the teams that somebody is in, or was.
func (h *hubOwners) teamNames() []string {
	for _, o := range h.owners {
		for _, name := range o.teams {
			if !slices.Contains(h.teams, name) {
				h.teams = append(h.teams, name)
			}
		}
	}
	return h.teams
}

func (h *hubOwners) teamID(name string) string {
	return strconv.Itoa(6112 + slices.Index(h.teamNames(), name))
}

// deactivate archives somebody's owner; what they own stays theirs.
func (h *portalRecords) deactivate(email string) {
	if o := h.ownerOf(email); o != nil && !o.archived {
		o.archived, o.updated = true, h.instant()
	}
}
