package sim

import (
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

// Import creates n deals of one rep at once, as the rep's upload of a list does: nobody is
// linked to them. The rep works on them from then on like on any other. It returns their ids.
func (c *Company) Import(email string, n int) ([]string, error) {
	c.clock.Lock()
	defer c.clock.Unlock()
	owner := c.person(email)
	if owner == nil {
		return nil, fmt.Errorf("import: nobody is called %s", email)
	}
	today := crm.DateOf(c.clock.Present(), owner.zone)
	var ids []string
	for i := range n {
		d := &deal{owner: owner, name: fmt.Sprintf("List %s number %d", today.Short(), i+1)}
		d.account = fmt.Sprintf("List account %d", i+1)
		d.stages = []move[string]{{today, Prospecting}}
		d.closes = []move[crm.Date]{{today, onBusinessDay(today + 90)}}
		c.names[d.name] = true
		c.open(d)
		ids = append(ids, d.id)
	}
	return ids, nil
}

// Give makes somebody else the owner of a deal, in the CRM where it lives.
func (c *Company) Give(id, email string) error {
	c.clock.Lock()
	defer c.clock.Unlock()
	d, to := c.deals[id], c.person(email)
	if d == nil || to == nil {
		return fmt.Errorf("give %s to %s: no such deal or person", id, email)
	}
	c.give(d, to)
	return nil
}

// Hold logs an open task of a deal's owner that says why nothing is to happen until a day.
func (c *Company) Hold(id, subject string, until crm.Date) error {
	c.clock.Lock()
	defer c.clock.Unlock()
	d := c.deals[id]
	if d == nil || d.hub {
		return fmt.Errorf("hold %s: no such deal in Salesforce", id)
	}
	c.hold(d, subject, until)
	return nil
}

func (c *Company) hold(d *deal, subject string, until crm.Date) {
	d.held = until
	c.rec.AddTask(org.Task{WhatID: d.id, OwnerID: d.owner.id, Subject: subject, Due: until})
}
