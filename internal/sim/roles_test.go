package sim

import "testing"

// All deals have contacts, but for a few that nobody has called for long.
func TestContactRoles(t *testing.T) {
	c := New(Options{})
	roles, primary := map[any]int{}, map[any]int{}
	for _, id := range c.IDs("OpportunityContactRole") {
		rec := c.Record(id)
		roles[rec["OpportunityId"]]++
		if rec["IsPrimary"] == true {
			primary[rec["OpportunityId"]]++
		}
		if rec["Role"] == nil || rec["ContactId"] == nil {
			t.Fatalf("a role without role or contact: %v", rec)
		}
	}
	without := 0
	for id, d := range c.deals {
		if roles[id] > 0 && primary[id] != 1 {
			t.Errorf("%s has %d primary contacts", d.name, primary[id])
		}
		if roles[id] > 0 {
			continue
		}
		without++
		if d.problem != silent || d.story || c.Record(id)["ContactId"] != nil {
			t.Errorf("%s (%q) has no contact", d.name, d.problem)
		}
	}
	if without < 2 || without > 15 {
		t.Errorf("%d deals have no contact", without)
	}
	for _, name := range []string{Globex, Initech, Hooli, Vandelay, Umbrella} {
		if roles[c.Find(name)] == 0 {
			t.Errorf("%s has no contact", name)
		}
	}
}

func TestContactRolesFollowTheirDeal(t *testing.T) {
	c := New(Options{Deals: 20})
	before := len(c.IDs("OpportunityContactRole"))
	id := c.Find(Globex) // two contacts
	if err := c.Delete(id); err != nil {
		t.Fatal(err)
	}
	if n := len(c.IDs("OpportunityContactRole")); n != before-2 {
		t.Errorf("%d of %d roles are left", n, before)
	}
	if err := c.Undelete(id); err != nil {
		t.Fatal(err)
	}
	role, err := c.AddContactRole(id, "Evaluator")
	if err != nil {
		t.Fatal(err)
	}
	if rec := c.Record(role); len(c.IDs("OpportunityContactRole")) != before+1 || rec["Role"] != "Evaluator" || rec["IsPrimary"] != false {
		t.Errorf("got %v, %d roles", rec, len(c.IDs("OpportunityContactRole")))
	}
	p := read(t, c).query("SELECT Id, OpportunityId, ContactId, Contact.Name, Role, IsPrimary, IsDeleted, SystemModstamp FROM OpportunityContactRole WHERE OpportunityId = '" + id + "' ORDER BY SystemModstamp, Id")
	if len(p.Records) != 3 {
		t.Errorf("got %v", p.Records)
	}
	if _, err := c.AddContactRole(role, ""); err == nil {
		t.Error("a role got a contact")
	}
}
