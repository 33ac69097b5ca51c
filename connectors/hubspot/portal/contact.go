package portal

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Contacts normalises the links of a deal with contacts. A contact may be linked in
// several ways at once; the labels of its links are its roles.
func Contacts(deal string, list []row.Link) []crm.Contact {
	by := map[string]*crm.Contact{}
	for _, l := range list {
		c := by[string(l.ID)]
		if c == nil {
			c = &crm.Contact{ID: deal + ":" + string(l.ID), OpportunityID: deal, ContactID: string(l.ID)}
			by[c.ContactID] = c
		}
		var roles []string
		if c.Role != "" {
			roles = strings.Split(c.Role, ", ")
		}
		for _, t := range l.Types {
			switch label := strings.TrimSpace(string(t.Label)); {
			case label == "Primary":
				c.Primary = true
			case label != "" && !slices.Contains(roles, label):
				roles = append(roles, label)
			}
		}
		slices.Sort(roles)
		c.Role = strings.Join(roles, ", ")
	}
	var out []crm.Contact
	for _, id := range row.LinkIDs(list) {
		out = append(out, *by[id])
	}
	return out
}
