package doctor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/doctor"
)

func users(addresses ...string) map[string]*crm.User {
	out := map[string]*crm.User{}
	for _, a := range addresses {
		out["0055g00000"+strings.ToUpper(a[:3])+"xyAAA"] = &crm.User{Email: a}
	}
	return out
}

// named gives the users user names that differ from their addresses.
func named(us map[string]*crm.User) map[string]*crm.User {
	out := map[string]*crm.User{}
	for id, u := range us {
		out[id] = &crm.User{Email: u.Email, Login: u.Email + ".sales"}
	}
	return out
}

func TestCompare(t *testing.T) {
	sales := doctor.Source{Name: "sales", Info: crm.Info{Type: "salesforce", Account: "00D1", Currency: "USD"}, Users: users("maria@acme.example", "ana@acme.example"), AllUsers: true}
	euros := doctor.Source{Name: "partners", Info: crm.Info{Type: "hubspot", Account: "7", Currency: "EUR"}, AllUsers: true}
	for name, c := range map[string]struct {
		change func(*doctor.File, *[]doctor.Source)
		want   []string // parts of the mistakes, in order
	}{
		"in order":          {func(*doctor.File, *[]doctor.Source) {}, nil},
		"manager, a slip":   {func(f *doctor.File, _ *[]doctor.Source) { f.Teams[0].Manager = "mria@acme.example" }, []string{"teams West: manager: no source has a user with the address mria@acme.example; did you mean maria@acme.example?"}},
		"member, a slip":    {func(f *doctor.File, _ *[]doctor.Source) { f.Teams[0].Members[0] = "ana@amce.example" }, []string{"teams West: members: no source has a user with the address ana@amce.example; did you mean ana@acme.example?"}},
		"manager in no CRM": {func(f *doctor.File, _ *[]doctor.Source) { f.Teams[0].Manager = "director@holding.example" }, []string{"name the address under people.list"}},
		"manager who is declared": {func(f *doctor.File, _ *[]doctor.Source) {
			f.Teams[0].Manager, f.Declared = "director@holding.example", []string{"director@holding.example"}
		}, nil},
		"users not read": {func(f *doctor.File, s *[]doctor.Source) {
			f.Teams[0].Manager, (*s)[0].AllUsers = "mria@acme.example", false
		}, nil},
		"addresses hidden": {func(f *doctor.File, s *[]doctor.Source) { f.Teams[0].Manager, (*s)[0].Users = "mria@acme.example", nil }, nil},
		"the other source knows": {func(f *doctor.File, s *[]doctor.Source) {
			f.Teams[0].Manager = "tom@acme.example"
			*s = append(*s, doctor.Source{Name: "partners", Info: crm.Info{Type: "hubspot", Account: "7", Currency: "USD"}, Users: users("tom@acme.example"), AllUsers: true})
		}, nil},
		"the other source may": {func(f *doctor.File, s *[]doctor.Source) {
			f.Teams[0].Manager = "tom@acme.example"
			*s = append(*s, doctor.Source{Name: "partners"})
		}, nil},
		"two sources, one account": {func(_ *doctor.File, s *[]doctor.Source) { twin := (*s)[0]; twin.Name = "copy"; *s = append(*s, twin) }, []string{"sources: sales and copy read the same account (00D1), so copy is not judged"}},
		"one number, two CRMs": {func(_ *doctor.File, s *[]doctor.Source) {
			twin := (*s)[0]
			twin.Name, twin.Info.Type = "copy", "hubspot"
			*s = append(*s, twin)
		}, nil},
		"integration user, a slip": {func(_ *doctor.File, s *[]doctor.Source) {
			(*s)[0].Logins = []string{"anna@acme.example", "ANA@acme.example", "0055g00000ANAxy", "robot@acme.example.tools"}
		}, []string{"integration_users of sales: no user has the user name, address or id anna@acme.example; did you mean ana@acme.example?"}},
		"integration user by user name": {func(_ *doctor.File, s *[]doctor.Source) {
			(*s)[0].Users = named((*s)[0].Users)
			(*s)[0].Logins = []string{"ANA@acme.example.sales", "ana@acme.example", "0055g00000ANAxy", "0055g00000ANAxyAAA"}
		}, nil},
		"integration user, user name with a slip": {func(_ *doctor.File, s *[]doctor.Source) {
			(*s)[0].Users = named((*s)[0].Users)
			(*s)[0].Logins = []string{"anna@acme.example.sales"}
		}, []string{"anna@acme.example.sales; did you mean ana@acme.example.sales?"}},
		"integration user who is nobody": {func(_ *doctor.File, s *[]doctor.Source) {
			(*s)[0].Users = named((*s)[0].Users)
			(*s)[0].Logins = []string{"outreach@tools.example", "0055g00000OUTxyAAA"}
		}, []string{"no user has the user name, address or id outreach@tools.example, so activities of that tool count as contact; correct it", "id 0055g00000OUTxyAAA"}},
		"integration user, users not read": {func(_ *doctor.File, s *[]doctor.Source) {
			(*s)[0].Users, (*s)[0].AllUsers = named((*s)[0].Users), false
			(*s)[0].Logins = []string{"outreach@tools.example"}
		}, nil},
		"no currency":               {func(_ *doctor.File, s *[]doctor.Source) { (*s)[0].Info.Currency = "" }, []string{"currency.report: sales names no currency"}},
		"two currencies, no report": {func(_ *doctor.File, s *[]doctor.Source) { *s = append(*s, euros) }, []string{"currency.report: amounts of sales are in USD and those of partners in EUR, so they are neither added up nor compared; add currency: {report: USD, rates: {EUR: 1.09}}"}},
		"two currencies, no rate":   {func(f *doctor.File, s *[]doctor.Source) { *s, f.Currency = append(*s, euros), "USD" }, []string{"currency.rates: amounts of partners are in EUR, for which there is no rate"}},
		"two currencies, a rate": {func(f *doctor.File, s *[]doctor.Source) {
			*s, f.Currency, f.Rates = append(*s, euros), "USD", map[string]float64{"EUR": 1.09}
		}, nil},
		"two currencies, a rate of the CRM": {func(_ *doctor.File, s *[]doctor.Source) {
			rated := euros
			rated.Info.Rates = map[string]float64{"USD": 0.9}
			*s = append(*s, rated)
		}, nil},
		"currency hidden": {func(f *doctor.File, s *[]doctor.Source) {
			f.Currency = "USD"
			(*s)[0].Info = crm.Info{Account: "00D1", Fields: crm.Fields{"currency": crm.Hidden}, Why: map[string]string{"currency": "the login does not see it"}}
		}, []string{"sales: the login does not see it"}},
		"not asked yet": {func(_ *doctor.File, s *[]doctor.Source) {
			*s = append(*s, doctor.Source{Name: "partners", AllUsers: true})
		}, nil},
		"currency in the file": {func(f *doctor.File, s *[]doctor.Source) { f.Currency, (*s)[0].Info.Currency = "EUR", "" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := doctor.File{Teams: []hygiene.Team{{Name: "West", Manager: "maria@acme.example", Members: []string{"ana@acme.example"}}}}
			sources := []doctor.Source{sales}
			c.change(&f, &sources)
			got := doctor.Compare(&f, sources)
			if len(got) != len(c.want) {
				t.Fatalf("got %+v, want %q", got, c.want)
			}
			for i, w := range c.want {
				if !strings.Contains(got[i].Text, w) {
					t.Errorf("got %q, want %q in it", got[i].Text, w)
				}
			}
		})
	}
}

// TestMistyped: whose digest is held back, and whose is not.
func TestMistyped(t *testing.T) {
	sales := doctor.Source{Info: crm.Info{Currency: "USD"}, Users: users("maria@acme.example", "ian@acme.example", "tom@acme.example"), AllUsers: true}
	for address, want := range map[string]bool{
		"mria@acme.example":  true,
		"marai@acme.example": true,
		"maria@acme.exmple":  true,
		"tom@acem.example":   true,
		"dan@acme.example":   false, // near ian@
		"tim@acme.example":   false,
		"mario@acne.example": false, // two slips, in two places
		"vera@other.example": false,
	} {
		f := doctor.File{Teams: []hygiene.Team{{Name: "West", Manager: address}}}
		ms := doctor.Compare(&f, []doctor.Source{sales})
		if len(ms) != 1 || ms[0].Mistyped != want || want != strings.Contains(ms[0].Text, "gets no digest") {
			t.Errorf("%s: %+v", address, ms)
		}
	}
}

// TestFieldsOfTheFile: only what the source blames on the file is a mistake of the file.
func TestFieldsOfTheFile(t *testing.T) {
	s := doctor.Source{Name: "sales", Info: crm.Info{Account: "00D1", Currency: "USD", Why: map[string]string{
		"decision_criteria": "fields.decision_criteria names Nope__c, which the login does not see on Opportunity",
		"same_as":           `deals have no property "no_such" of a type that fits; correct fields.same_as of the source`,
		"amount":            "the login does not see the field Amount of Opportunity",
		"emails":            "the token lacks a scope",
	}}}
	var got []string
	for _, m := range doctor.Compare(&doctor.File{}, []doctor.Source{s}) {
		got = append(got, m.Text)
	}
	want := []string{
		"sales: fields.decision_criteria names Nope__c, which the login does not see on Opportunity; until then rules that require it are unknown",
		`sales: deals have no property "no_such" of a type that fits; correct fields.same_as of the source; until then a deal that two CRMs have is counted twice`,
	}
	if !slices.Equal(want, got) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNear(t *testing.T) {
	known := []string{"Renewal", "New business", "Negotiation", "Won"}
	for word, want := range map[string]string{"Renewalz": "Renewal", "Negotiations": "Negotiation", "Nowhere": "", "Wan": "", "New busyness": "New business"} {
		if got := doctor.Near(word, known); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}
