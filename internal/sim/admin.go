package sim

import (
	"fmt"
	"maps"
	"strings"
)

// What an administrator does to the org.

// RenameStage gives a stage another label. As in a real org this restamps every
// opportunity in that stage (SystemModstamp only).
func (c *Company) RenameStage(apiName, label string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.tables["OpportunityStage"].rows {
		if r.v["ApiName"] != apiName {
			continue
		}
		c.touch(r, c.userID(opsMail))
		r.v["MasterLabel"] = label
		for _, o := range c.tables["Opportunity"].rows {
			if o.v["StageName"] == apiName {
				c.touch(o, "")
			}
		}
		c.schemaAt = c.second()
		return nil
	}
	return fmt.Errorf("rename stage %q: no such stage", apiName)
}

// Restamp gives every record of an object the same new SystemModstamp, as
// platform processes do.
func (c *Company) Restamp(object string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.tables[object].rows {
		c.touch(r, "")
	}
}

// HideField takes a field out of the login's sight (field-level security).
func (c *Company) HideField(object, field string) { c.hide(object+"."+field, true) }

// ShowField gives it back.
func (c *Company) ShowField(object, field string) { c.hide(object+"."+field, false) }

// HideObject takes away the permission to read an object.
func (c *Company) HideObject(object string) { c.hide(object, true) }

// ShowObject gives it back.
func (c *Company) ShowObject(object string) { c.hide(object, false) }

func (c *Company) hide(what string, hidden bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hidden[what] = hidden
	c.schemaAt = c.second()
}

// Enable switches an org feature on ([MultiCurrency], [PipelineInspection]).
func (c *Company) Enable(feature string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.features[feature] = true
	c.schemaAt = c.second()
}

// Deactivate ends a user's access, in both CRMs; what they own stays theirs.
func (c *Company) Deactivate(email string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.deactivate(email)
}

func (c *Company) deactivate(email string) error {
	id := c.userID(email)
	if id == "" {
		return fmt.Errorf("deactivate %q: no such user", email)
	}
	r := c.tables["User"].byID[id]
	c.touch(r, "")
	r.v["LastModifiedDate"] = c.second()
	r.v["IsActive"] = false
	c.hub.deactivate(email)
	return nil
}

// CloseWon closes an opportunity as won today.
func (c *Company) CloseWon(id string) error { return c.closeDeal(id, ClosedWon, "") }

// CloseLost closes an opportunity as lost, with a reason.
func (c *Company) CloseLost(id, reason string) error { return c.closeDeal(id, ClosedLost, reason) }

func (c *Company) closeDeal(id, stage, reason string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.setField(id, "", "StageName", stage); err != nil {
		return err
	}
	if reason != "" {
		if err := c.setField(id, "", "Loss_Reason__c", reason); err != nil {
			return err
		}
	}
	return c.setField(id, "", "CloseDate", c.today().String())
}

// Find is the id of the first opportunity called name; "" is none.
func (c *Company) Find(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.find(name)
}

func (c *Company) find(name string) string {
	for _, r := range c.tables["Opportunity"].rows {
		if r.v["Name"] == name {
			return r.id
		}
	}
	return ""
}

// User is the id of the user with that address; "" is none.
func (c *Company) User(email string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.userID(email)
}

func (c *Company) userID(email string) string {
	for _, r := range c.tables["User"].rows {
		if s, _ := r.v["Email"].(string); strings.EqualFold(s, email) {
			return r.id
		}
	}
	return ""
}

// Record is a copy of a record's fields, derived ones included; nil is no such
// record. Empty fields are absent.
func (c *Company) Record(id string) map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, r, err := c.record(id)
	if err != nil {
		return nil
	}
	out := maps.Clone(map[string]any(r.v))
	for i := range o.fields {
		if v := c.value(o, r.v, o.fields[i].name); v != nil && c.readable(o, &o.fields[i]) {
			out[o.fields[i].name] = v
		}
	}
	return out
}

// IDs lists the ids of an object's records that are not deleted, in order of
// creation.
func (c *Company) IDs(object string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, r := range c.tables[object].rows {
		if r.v["IsDeleted"] != true {
			out = append(out, r.id)
		}
	}
	return out
}

// Activities lists the ids of the tasks and events of an opportunity.
func (c *Company) Activities(opportunityID string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, r := range c.byWhat[opportunityID] {
		if r.v["IsDeleted"] != true {
			out = append(out, r.id)
		}
	}
	return out
}
