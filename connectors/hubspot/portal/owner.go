package portal

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Owner is one owner as HubSpot writes it.
type Owner struct {
	ID    row.ID   `json:"id"`
	Email row.Text `json:"email"`
	First row.Text `json:"firstName"`
	Last  row.Text `json:"lastName"`
	// The user behind the owner; of one who was deactivated only Former has the id.
	Actor  row.Text `json:"userId"`
	Former row.Text `json:"userIdIncludingInactive"`
	Teams  []struct {
		Name row.Text `json:"name"`
	} `json:"teams"`
}

// User normalises an owner. Deals name the owner's id; who did something is named by the id of
// the user behind the owner.
func (o *Owner) User(active bool) crm.User {
	u := crm.User{
		ID:     string(o.ID),
		Name:   strings.TrimSpace(strings.TrimSpace(string(o.First)) + " " + strings.TrimSpace(string(o.Last))),
		Email:  strings.ToLower(strings.TrimSpace(string(o.Email))),
		Active: active,
		Actor:  strings.TrimSpace(string(cmp.Or(o.Actor, o.Former))),
	}
	if u.Name == "" {
		u.Name = u.Email
	}
	for _, team := range o.Teams {
		if name := strings.TrimSpace(string(team.Name)); name != "" {
			u.Teams = append(u.Teams, name)
		}
	}
	slices.Sort(u.Teams)
	u.Teams = slices.Compact(u.Teams)
	return u
}
