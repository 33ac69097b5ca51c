package hygiene

import (
	"cmp"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
)

// Almanac says who works when, as it is known at one moment. It is not changed: who reads
// the files of absences and holidays anew makes another one. Nil knows no days off.
type Almanac struct {
	Company *Calendar            // of everybody without a team
	Teams   map[string]*Calendar // by name of the team
	People  map[string]*Calendar // by first address: of those whose days off are not their team's
	// Absences are by person and first day. Those of one person do not overlap.
	Absences []Absence
	// Freezes are the spans in which the whole company rests, apart and sorted.
	Freezes []Span
	// Troubles are what could not be read of the files, for those who run the program.
	Troubles []Trouble
}

// Trouble is a sentence about what could not be read. Its cause stays the same for as long
// as it is the same trouble.
type Trouble struct{ Cause, Text string }

// Leave is why somebody's calendar has the days of an absence off.
const Leave = "away"

// WithoutLeave is the calendar as it is while nobody is away: for what must not wait for
// somebody's return.
func (c *Calendar) WithoutLeave() *Calendar {
	if c == nil || !slices.ContainsFunc(c.Off, func(s Span) bool { return s.Why == Leave }) {
		return c
	}
	out := *c
	out.Off = slices.DeleteFunc(slices.Clone(c.Off), func(s Span) bool { return s.Why == Leave })
	return &out
}

// Absence is a person's leave.
type Absence struct {
	Person   string // first address
	From, To crm.Date
	Cover    string // first address of who covers, "" is the person's manager
}

// Away returns the absence of the person on the date.
func (a *Almanac) Away(person string, on crm.Date) (Absence, bool) {
	if a == nil {
		return Absence{}, false
	}
	i, _ := slices.BinarySearchFunc(a.Absences, person, func(x Absence, person string) int { return cmp.Compare(x.Person, person) })
	for ; i < len(a.Absences) && a.Absences[i].Person == person; i++ {
		if x := a.Absences[i]; x.From <= on && on <= x.To {
			return x, true
		}
	}
	return Absence{}, false
}

// mostCovers bounds how often the work of somebody away is handed on.
const mostCovers = 5

// CoverOf is who covers for the person on the date: who is named, or who covers for that
// one where that one is away too. "" is the person's manager: nobody is named, or all who
// are named are away.
func (a *Almanac) CoverOf(person string, on crm.Date) string {
	who := person
	for range mostCovers {
		x, away := a.Away(who, on)
		switch {
		case !away:
			return who
		case x.Cover == "" || x.Cover == person:
			return ""
		}
		who = x.Cover
	}
	return ""
}

// company is the calendar of everybody without a team.
func (p *Pass) companyCalendar() *Calendar {
	if p.Almanac != nil && p.Almanac.Company != nil {
		return p.Almanac.Company
	}
	return &Calendar{Location: p.Company}
}

// Of is the calendar of a team, with the days off that the almanac knows.
func (a *Almanac) Of(t *Team) *Calendar {
	if a != nil && a.Teams[t.Name] != nil {
		return a.Teams[t.Name]
	}
	return t.Calendar
}

// For is the calendar of a person of the team; t is nil for nobody's. It is nil where
// nobody says anything about either.
func (a *Almanac) For(person string, t *Team) *Calendar {
	if a != nil && person != "" && a.People[person] != nil {
		return a.People[person]
	}
	if t == nil {
		return nil
	}
	return a.Of(t)
}
