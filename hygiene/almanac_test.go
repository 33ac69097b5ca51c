package hygiene

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestCovers: who covers is who is named, or who covers for that one. Where nobody is left
// it is the manager, never somebody who is away.
func TestCovers(t *testing.T) {
	a := &Almanac{Absences: []Absence{
		{"ana", nov(16), nov(20), "ben"},
		{"ana", nov(23), nov(24), ""},
		{"ben", nov(18), nov(18), "cleo"},
		{"ben", nov(19), nov(19), "ana"}, // two that point at each other
		{"ben", nov(20), nov(20), ""},
		{"dai", nov(16), nov(16), "dai"},
	}}
	for _, c := range []struct {
		who  string
		on   crm.Date
		want string
	}{
		{"ana", nov(15), "ana"}, {"ana", nov(16), "ben"}, {"ana", nov(17), "ben"}, {"ana", nov(18), "cleo"},
		{"ana", nov(19), ""}, {"ben", nov(19), ""}, {"ana", nov(20), ""}, {"ana", nov(21), "ana"}, {"ana", nov(23), ""},
		{"dai", nov(16), ""}, {"eve", nov(16), "eve"},
	} {
		if got := a.CoverOf(c.who, c.on); got != c.want {
			t.Errorf("%s on %s: got %q, want %q", c.who, c.on, got, c.want)
		}
	}
	if x, away := a.Away("ana", nov(24)); !away || x.To != nov(24) {
		t.Errorf("the second leave: got %+v", x)
	}
	if _, away := (*Almanac)(nil).Away("ana", nov(24)); away {
		t.Error("nobody is away without an almanac")
	}
}

// TestWhoseCalendar: a deal's days are counted by the calendar of the owner, else that of
// the owner's team, else the company's.
func TestWhoseCalendar(t *testing.T) {
	at := func(days ...crm.Date) *Calendar {
		c := &Calendar{Location: time.UTC}
		for _, d := range days {
			c.Off = append(c.Off, Span{From: d, To: d})
		}
		return c
	}
	p := &Pass{
		Now: nov(30).In(time.UTC), Company: time.UTC,
		Teams: &Teams{List: []Team{{Name: "West", Members: []string{"ana@acme.example", "ben@acme.example"}, Calendar: at()}}},
		Almanac: &Almanac{
			Company: at(nov(24)), Teams: map[string]*Calendar{"West": at(nov(24), nov(25))},
			People: map[string]*Calendar{"ana@acme.example": at(nov(24), nov(25), nov(26)), "zoe@acme.example": at(nov(23), nov(24), nov(25), nov(26))},
		},
		Source: Source{Users: map[string]*crm.User{}},
	}
	for id, want := range map[string]int{"ana": 2, "ben": 3, "carl": 4, "zoe": 1, "nobody": 4} {
		if id != "nobody" {
			p.Source.Users[id] = &crm.User{ID: id, Email: id + "@acme.example"}
		}
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		d := &Deal{Opportunity: crm.Opportunity{ID: "1", OwnerID: id}}
		if got := p.Days(d, nov(23)); id != "zoe" && got != want || id == "zoe" && p.Days(d, nov(22)) != want+1 {
			t.Errorf("%s: got %d business days, want %d", id, got, want)
		}
	}
}
