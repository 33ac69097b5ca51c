package sim

// What tests do to the company, whichever CRM a deal lives in.

// SetField writes one field of any record as a user would, with all that
// follows from the change: a new StageName sets IsClosed, IsWon, Probability and
// the forecast category, a new close date may count as a push. value may be nil,
// string, bool, int, float64, crm.Date or time.Time; a date may be given as
// YYYY-MM-DD. The record's owner is the user who writes. Of a deal that lives in
// HubSpot, SetField writes the property that stands for the field;
// [portal.Portal.SetProperty] writes all other properties.
func (c *Company) SetField(id, name string, value any) error {
	c.clock.Lock()
	defer c.clock.Unlock()
	return c.setField(id, "", name, value)
}

func (c *Company) setField(id, by, name string, value any) error {
	if o := c.portal.Find("deals", id); o != nil {
		return partnerDesk{c.portal, c.roster}.setField(o, by, name, value)
	}
	return c.rec.SetField(id, by, name, value)
}

// Deactivate ends a user's access, in both CRMs; the user's records keep their owner.
func (c *Company) Deactivate(email string) error {
	c.clock.Lock()
	defer c.clock.Unlock()
	return c.deactivate(email)
}

func (c *Company) deactivate(email string) error {
	if err := c.rec.Deactivate(email); err != nil {
		return err
	}
	c.portal.Deactivate(email)
	return nil
}

// CloseWon closes an opportunity as won today.
func (c *Company) CloseWon(id string) error { return c.closeDeal(id, ClosedWon, "") }

// CloseLost closes an opportunity as lost, with a reason.
func (c *Company) CloseLost(id, reason string) error { return c.closeDeal(id, ClosedLost, reason) }

func (c *Company) closeDeal(id, stage, reason string) error {
	c.clock.Lock()
	defer c.clock.Unlock()
	if err := c.setField(id, "", "StageName", stage); err != nil {
		return err
	}
	if reason != "" {
		if err := c.setField(id, "", "Loss_Reason__c", reason); err != nil {
			return err
		}
	}
	return c.setField(id, "", "CloseDate", c.clock.Today().String())
}
