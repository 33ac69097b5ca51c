package config

import (
	"slices"
	"strconv"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/holiday"
)

// mostGrace bounds a grace: what nobody but the rep has heard of in three months is no start
// any more.
const mostGrace = 60

// usualGrace is the grace where the file names none.
const usualGrace = businessDays(10)

// mostEvents bounds events.
const mostEvents = 100

type eventEntry struct {
	Kind  eventKind    `yaml:"kind,required" doc:"What happens on the day: the deals of the teams get other owners."`
	On    *date        `yaml:"on,required" doc:"The first day on which they have them; it may be one to come, or past." example:"2026-12-01"`
	Teams []string     `yaml:"teams,required" doc:"Names of the teams." example:"[West]"`
	Grace businessDays `yaml:"grace" doc:"For so many business days of the team, the day included, what begins is in the rep's list alone, at most 60bd." default:"10bd" example:"10bd"`
}

// eventKind is what an event is.
type eventKind string

const territoryChange eventKind = "territory-change"

// Values are the words.
func (eventKind) Values() []string { return []string{string(territoryChange)} }

// events reads the days from which deals have other owners, and which reps are new. It is
// called after teams and repFirst.
func (b *builder) events() {
	if b.form.Has("people.grace") {
		b.grace("people.grace", b.file.People.Grace)
	}
	b.out.RepFirst.Grace = int(b.file.People.Grace)
	if len(b.file.Events) > mostEvents {
		b.form.ReportKey("events", "at most %d entries; leave those out that are over", mostEvents)
		return
	}
	var names []string
	for i := range b.out.Teams.List {
		names = append(names, b.out.Teams.List[i].Name)
	}
	for i, e := range b.file.Events {
		path := "events[" + strconv.Itoa(i) + "]"
		if b.form.Has(path+".kind") && !isOne(e.Kind) {
			b.report(path+".kind", "%s", form.OneOf(string(e.Kind), e.Kind.Values()...))
		}
		if b.form.Has(path+".teams") && len(e.Teams) == 0 {
			b.report(path+".teams", "name at least one team")
		}
		for j, name := range e.Teams {
			at := path + ".teams[" + strconv.Itoa(j) + "]"
			switch {
			case !slices.Contains(names, name):
				b.report(at, "there is no team %s%s", form.Quote(name), form.Suggest(name, names))
			case slices.Contains(e.Teams[:j], name):
				b.report(at, "team %s is in this list twice", form.Quote(name))
			}
		}
		out := hygiene.Change{Teams: e.Teams, Grace: int(usualGrace)}
		if b.form.Has(path + ".grace") {
			b.grace(path+".grace", e.Grace)
			out.Grace = int(e.Grace)
		}
		if e.On != nil {
			out.On = e.On.Date
		}
		b.out.RepFirst.Changes = append(b.out.RepFirst.Changes, out)
	}
	if len(b.file.Events) > 0 && !b.lists() {
		b.form.ReportKey("events", "no digest is for reps, so nobody hears of anything first; add one to digests, or leave events out")
	}
}

// grace checks a grace that is written.
func (b *builder) grace(path string, n businessDays) {
	if n < 1 || n > mostGrace {
		b.report(path, "must be from 1bd to %dbd, of business days", mostGrace)
	}
}

// lists reports whether some digest is for reps, or the file has no digests yet.
func (b *builder) lists() bool {
	return !b.form.Has("digests") || slices.ContainsFunc(b.file.Digests, func(d digestEntry) bool { return d.For == "reps" })
}

// started notes the first day of a person.
func (j *joiner) started(person string, on crm.Date) {
	if j.out.RepFirst.Starts == nil {
		j.out.RepFirst.Starts = map[string]crm.Date{}
	}
	j.out.RepFirst.Starts[person] = on
}

// startOf reads a first day in a table of people; "" is none.
func startOf(cell string) (on *date, mistake string) {
	if cell == "" {
		return nil, ""
	}
	d, err := crm.ParseDate(cell)
	if err != nil || !holiday.Within(d) {
		return nil, "start must be a date, year-month-day, such as 2026-09-01, from " + strconv.Itoa(holiday.FirstYear) + " to " + strconv.Itoa(holiday.LastYear)
	}
	return &date{d}, ""
}
