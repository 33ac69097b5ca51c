package sim

import (
	"cmp"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/slack"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

const (
	opsMail         = "revops@acme.example"
	integrationMail = "pipetidy@acme.example"
	leaverMail      = "dana@acme.example"
	westZone        = "America/Los_Angeles"
	eastZone        = "America/New_York"
)

// person is an employee.
type person struct {
	id, email, first, last string
	team                   string // West, East, "" for staff
	zone                   *time.Location
	rep                    bool
}

func (p *person) manager() string {
	switch p.team {
	case "West":
		return "maria@acme.example"
	case "East":
		return "tom@acme.example"
	}
	return ""
}

// seedOrg makes the organization, its stages and record types.
func (c *Company) seedOrg() {
	c.clock.During(c.opt.Start.AddDate(-3, 0, 0))
	defer func() { c.clock.During(time.Time{}) }()
	c.rec.Create("Organization", "", soql.Values{"Name": "Acme", "OrganizationType": "Enterprise Edition", "InstanceName": "USA42",
		"TimeZoneSidKey": cmp.Or(c.opt.Zone, eastZone), "DefaultLocaleSidKey": "en_US", "FiscalYearStartMonth": 1})
	for _, r := range []soql.Values{
		{"IsoCode": "USD", "ConversionRate": 1.0, "IsActive": true, "IsCorporate": true},
		{"IsoCode": "EUR", "ConversionRate": 0.8, "IsActive": true, "IsCorporate": false},
		{"IsoCode": "DKK", "ConversionRate": 6.4, "IsActive": false, "IsCorporate": false},
	} {
		c.rec.Create("CurrencyType", "", r)
	}
	c.seedStages(acmeStages())
	c.rec.Create("RecordType", "", soql.Values{"Name": "New Business", "DeveloperName": "New_Business", "SobjectType": "Opportunity", "IsActive": true})
	c.rec.Create("RecordType", "", soql.Values{"Name": "Renewal", "DeveloperName": "Renewal", "SobjectType": "Opportunity", "IsActive": true})
}

func (c *Company) seedStages(stages []stageDef) {
	for _, s := range stages {
		c.rec.Create("OpportunityStage", "", soql.Values{"MasterLabel": s.label, "ApiName": s.api, "IsActive": s.active, "SortOrder": s.order,
			"IsClosed": s.closed, "IsWon": s.won, "DefaultProbability": s.probability, "ForecastCategory": s.category, "ForecastCategoryName": s.name})
	}
}

// seedPeople hires everybody.
func (c *Company) seedPeople() {
	c.clock.During(c.opt.Start.AddDate(-2, -6, 0))
	defer func() { c.clock.During(time.Time{}) }()
	west, east := clock.Location(westZone), clock.Location(eastZone)
	c.hire(&person{email: "vera@acme.example", first: "Vera", last: "Lindqvist", zone: east}, "VP Sales")
	c.hire(&person{email: "maria@acme.example", first: "Maria", last: "Castell", team: "West", zone: west}, "Sales Manager")
	c.hire(&person{email: "tom@acme.example", first: "Tom", last: "Okafor", team: "East", zone: east}, "Sales Manager")
	c.hire(&person{email: opsMail, first: "Olga", last: "Brandt", zone: east}, "Revenue Operations")
	c.hire(&person{email: integrationMail, last: "Pipetidy Integration", zone: east}, "")
	first := []string{"Ana", "Ben", "Cleo", "Dai", "Eve", "Finn", "Gus", "Hana", "Ivo"}
	last := []string{"Alves", "Bakker", "Chua", "Davies", "Eriksen", "Farrell", "Guerin", "Hoshino", "Ivanov"}
	mail := []string{"ana", "ben", "cleo", "dai", "eve", "finn", "gus", "hana", "ivo"}
	for i := range c.opt.Reps {
		p := &person{team: "West", zone: west, rep: true}
		if i < len(first) {
			p.first, p.last, p.email = first[i], last[i], mail[i]+"@acme.example"
		} else {
			p.first, p.last, p.email = "Rep", fmt.Sprint("Number ", i+1), fmt.Sprintf("rep%d@acme.example", i+1)
		}
		c.hire(p, "Account Executive")
	}
	c.hire(&person{email: leaverMail, first: "Dana", last: "Reyes", team: "West", zone: west, rep: true}, "Account Executive")
	for i, name := range []string{"Jo", "Kim", "Lea", "Max", "Nia", "Oli"} {
		c.hire(&person{first: name, last: []string{"Jansen", "Kowalski", "Lemaire", "Moreau", "Nkosi", "Olsen"}[i], team: "East", zone: east, rep: true,
			email: []string{"jo", "kim", "lea", "max", "nia", "oli"}[i] + "@acme.example"}, "Account Executive")
	}
}

// roster are the employees.
type roster struct {
	rec    *org.Records
	people []person
}

// hire makes somebody a user of the org.
func (r *roster) hire(p *person, title string) {
	v := soql.Values{"Username": p.email, "Email": p.email, "LastName": p.last, "IsActive": true, "UserType": "Standard",
		"TimeZoneSidKey": p.zone.String(), "LocaleSidKey": "en_US"}
	v.PutText("FirstName", p.first)
	v.PutText("Title", title)
	boss := p.manager()
	if title == "Sales Manager" {
		boss = "vera@acme.example"
	}
	v.PutText("ManagerId", r.rec.UserID(boss))
	p.id = r.rec.Create("User", "", v).ID
	r.people = append(r.people, *p)
}

// reps are the reps of a team, without the rep who leaves.
func (r *roster) reps(team string) []*person {
	var out []*person
	for i := range r.people {
		if p := &r.people[i]; p.rep && p.team == team && p.email != leaverMail {
			out = append(out, p)
		}
	}
	return out
}

func (r *roster) person(email string) *person {
	for i := range r.people {
		if r.people[i].email == email {
			return &r.people[i]
		}
	}
	return nil
}

// People are the people with an account in Slack: all users.
func (c *Company) People() []slack.Person {
	c.clock.Lock()
	defer c.clock.Unlock()
	var out []slack.Person
	for _, r := range c.rec.Tables["User"].Rows {
		v := r.Values
		if v["IsDeleted"] == true {
			continue
		}
		p := slack.Person{ID: r.ID, Active: v["IsActive"] == true}
		p.Email, _ = v["Email"].(string)
		p.Name, _ = c.rec.Value(org.Objects["User"], v, "Name").(string)
		p.Zone, _ = v["TimeZoneSidKey"].(string)
		out = append(out, p)
	}
	return out
}

// before is the date n business days before d.
func before(d crm.Date, n int) crm.Date {
	for n > 0 {
		if business(d) {
			n--
		}
		d--
	}
	for !business(d) {
		d--
	}
	return d
}

// onBusinessDay moves a date on a week-end to the Monday after.
func onBusinessDay(d crm.Date) crm.Date {
	for !business(d) {
		d++
	}
	return d
}

func business(d crm.Date) bool {
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday
}

// businessDays counts business days as the rules do: after from, up to and
// including to.
func businessDays(from, to crm.Date) int {
	n := 0
	for d := from + 1; d <= to; d++ {
		if business(d) {
			n++
		}
	}
	return n
}
