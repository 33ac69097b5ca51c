package sim

import (
	"slices"
	"time"
)

// Delete moves a record to the recycle bin: it stays in queryAll for 15 days.
func (c *Company) Delete(id string) error { return c.setDeleted(id, true) }

// Undelete takes a record out of the recycle bin.
func (c *Company) Undelete(id string) error { return c.setDeleted(id, false) }

func (c *Company) setDeleted(id string, deleted bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, r, err := c.record(id)
	if err != nil {
		return err
	}
	c.bin(o, r, deleted)
	return nil
}

// bin also takes the activities and contact roles of an opportunity along.
func (c *Company) bin(o *object, r *row, deleted bool) {
	c.touch(r, "")
	r.v["IsDeleted"] = deleted
	r.deletedAt = time.Time{}
	if deleted {
		r.deletedAt = c.now()
	}
	if o.name != "Opportunity" {
		if what, ok := r.v["WhatId"].(string); ok {
			c.lastActivity(what)
		}
		return
	}
	for _, a := range c.byWhat[r.id] {
		c.touch(a, "")
		a.v["IsDeleted"], a.deletedAt = deleted, r.deletedAt
	}
	for _, role := range c.tables["OpportunityContactRole"].rows {
		if role.v["OpportunityId"] == r.id {
			c.touch(role, "")
			role.v["IsDeleted"], role.deletedAt = deleted, r.deletedAt
		}
	}
}

// Purge removes a record for good; nothing tells of it any more.
func (c *Company) Purge(id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, r, err := c.record(id)
	if err != nil {
		return err
	}
	c.purge(o, r)
	return nil
}

// EmptyBin purges all that is in the recycle bin now.
func (c *Company) EmptyBin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, t := range c.tables {
		for _, r := range slices.Clone(t.rows) {
			if r.v["IsDeleted"] == true && t.byID[r.id] != nil {
				c.purge(objects[name], r)
			}
		}
	}
}

// purge takes along what belongs to an opportunity.
func (c *Company) purge(o *object, r *row) {
	t := c.tables[o.name]
	delete(t.byID, r.id)
	t.rows = slices.DeleteFunc(t.rows, func(x *row) bool { return x == r })
	if what, ok := r.v["WhatId"].(string); ok {
		c.byWhat[what] = slices.DeleteFunc(c.byWhat[what], func(x *row) bool { return x == r })
	}
	delete(c.deals, r.id)
	if o.name != "Opportunity" {
		return
	}
	for _, child := range []string{"Task", "Event", "OpportunityContactRole", "OpportunityHistory"} {
		for _, x := range slices.Clone(c.tables[child].rows) {
			if x.v["WhatId"] == r.id || x.v["OpportunityId"] == r.id {
				c.purge(objects[child], x)
			}
		}
	}
}
