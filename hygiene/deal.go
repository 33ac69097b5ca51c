package hygiene

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/crm"
)

// view holds what several rules need of one deal, so each is looked up once.
type view struct {
	deal    *Deal
	owner   *crm.User
	email   string  // the owner's first address
	twin    Counted // the deal of another source that this deal is counted as; zero is none
	skipped string  // the skipped pipeline that the deal is in
	team    *Team
	info    *crm.Info
	cal     *Calendar
	today   crm.Date
	closes  crm.Date
	line    *line
	spot    spot
	commit  bool
	touches *touches
	parking *Parking
	counted *[]crm.Date // notes from which dates days are counted, for who explains; nil is nobody
}

// at returns a copy of the pass with the view of d. Several goroutines may evaluate
// with one pass, because each has a copy.
func (p *Pass) at(d *Deal) *Pass {
	if p.index == nil {
		panic("hygiene: the pass is used before Prepare")
	}
	q := *p
	v := &q.view
	*v = view{deal: d, owner: p.Source.Users[d.Opportunity.OwnerID], twin: p.Twins[d.Opportunity.ID], skipped: p.index.skipped.Of(&d.Opportunity), info: &p.Source.Info, cal: p.index.calendar, parking: &q.Parking}
	if v.owner != nil {
		v.email = p.People.Email(v.owner.Email)
		v.team = p.index.teams[v.email]
	}
	if d.Opportunity.OwnerID == "" {
		v.team = p.index.lastTeam(d, p.Source.Users, p.People)
	}
	if cal := p.Almanac.For(v.email, v.team); cal != nil && cal.Location != nil {
		v.cal = cal
	}
	v.today = v.cal.Date(p.Now)
	if v.closes = d.Opportunity.CloseDate; !d.Opportunity.ClosesAt.IsZero() {
		v.closes = v.cal.Date(d.Opportunity.ClosesAt)
	}
	v.line = p.index.chart.of(d.Opportunity.Pipeline)
	v.spot = v.line.stages[d.Opportunity.Stage]
	forecast := q.Forecast(d)
	v.commit = forecast != "" && slices.ContainsFunc(p.Commit, func(c string) bool { return sameCategory(c, forecast) })
	return &q
}

// lastTeam is the team of the last owner of a deal that has no owner now: the manager
// of that team has to find a new owner. nil is a last owner that nobody knows.
func (x *index) lastTeam(d *Deal, users map[string]*crm.User, people People) *Team {
	for i := len(d.Changes) - 1; i >= 0; i-- {
		c := &d.Changes[i]
		if c.Field != crm.FieldOwner {
			continue
		}
		for _, id := range []string{c.New, c.Old} {
			if u := users[id]; u != nil {
				return x.teams[people.Email(u.Email)]
			}
		}
	}
	return nil
}

// of returns the view of d. It makes a new view when the pass has another deal's.
func (p *Pass) of(d *Deal) *view {
	if p.view.deal == d {
		return &p.view
	}
	return &p.at(d).view
}

// Owner returns the deal's owner; nil when the source does not know the user.
func (p *Pass) Owner(d *Deal) *crm.User { return p.of(d).owner }

// Calendar returns the calendar by which the deal's days are counted: the owner's, else
// that of the owner's team, else the company's.
func (p *Pass) Calendar(d *Deal) *Calendar { return p.of(d).cal }

// Today is the date of Now in the deal's calendar.
func (p *Pass) Today(d *Deal) crm.Date { return p.of(d).today }

// CloseDate is the deal's close date in the deal's calendar; zero is none. Where the CRM
// keeps an instant, that is the day which its owner entered and sees there.
func (p *Pass) CloseDate(d *Deal) crm.Date { return p.of(d).closes }

// CloseDates are the dates of a change of the close date, as CloseDate has them; zero is
// none. An instant may have changed within one day.
func (p *Pass) CloseDates(d *Deal, c *crm.Change) (from, to crm.Date) {
	loc := p.of(d).cal.Location
	return crm.CloseDay(c.Old, loc), crm.CloseDay(c.New, loc)
}

// Days counts the business days after date, up to and including today.
func (p *Pass) Days(d *Deal, date crm.Date) int {
	v := p.of(d)
	if v.counted != nil {
		*v.counted = append(*v.counted, date)
	}
	return v.cal.Between(date, v.today)
}

// Stage returns the deal's stage; nil when the source does not list it in the deal's
// pipeline (any more). Nothing is known of such a stage but perhaps a name: neither its
// place, nor whether it is late, nor the limits that hold in it.
func (p *Pass) Stage(d *Deal) *crm.Stage { return p.of(d).spot.stage }

// StageLabel returns what people call the deal's stage, or called it last.
func (p *Pass) StageLabel(d *Deal) string {
	label, _ := p.StageAt(d, d.Opportunity.Stage)
	return label
}

// Position returns the place of the deal's stage among the open active stages of its
// pipeline, the first being 1, and the number of these stages. The place of any other
// stage is 0: the stage is retired, or unknown to the source.
func (p *Pass) Position(d *Deal) (place, total int) {
	v := p.of(d)
	return v.spot.position, v.line.open
}

// Unplaced reports whether nobody knows where the deal's stage stands, because the login
// cannot read which stages the pipeline has: the stage may be early, late, or none of them.
func (p *Pass) Unplaced(d *Deal) bool {
	v := p.of(d)
	return v.line.unread && v.spot.stage != nil && v.spot.stage.Active && !v.spot.stage.Closed
}

// StageAt returns what people call a stage of the deal's pipeline and its place,
// as Position does.
func (p *Pass) StageAt(d *Deal, id string) (label string, place int) {
	s := p.of(d).line.stages[id]
	if s.stage != nil && s.stage.Label != "" {
		return s.stage.Label, s.position
	}
	if name := p.index.names.of(d.Opportunity.Pipeline, id); name != "" {
		return name, s.position
	}
	return id, s.position
}

// Listed reports whether the source lists the stage in the deal's pipeline.
func (p *Pass) Listed(d *Deal, id string) bool { return p.of(d).line.stages[id].stage != nil }

// Late reports whether the deal is in a late stage: at or after the first stage that
// the operator's definitions mark as late, or, where they mark none, in one of the
// last two open stages of its pipeline (never the first stage).
func (p *Pass) Late(d *Deal) bool { return p.of(d).spot.late }

// LateStage is Late for another stage of the deal's pipeline.
func (p *Pass) LateStage(d *Deal, id string) bool { return p.of(d).line.stages[id].late }

// Definition returns the operator's definition of the deal's stage; nil is none.
func (p *Pass) Definition(d *Deal) *StageDefinition { return p.of(d).spot.definition }

// Definitions returns the operator's definitions of the deal's pipeline in the
// order of the file. They must not be changed.
func (p *Pass) Definitions(d *Deal) []StageDefinition { return p.of(d).line.definitions }

// Place returns the position of the stage that def defines, as Position does.
func (p *Pass) Place(d *Deal, def *StageDefinition) int {
	for _, s := range p.of(d).line.stages {
		if s.definition == def && s.position > 0 {
			return s.position
		}
	}
	return 0
}

// Forecast returns the forecast category of the deal, or without one the category of
// its stage, as people write it: HubSpot's BEST_CASE is Salesforce's "Best Case".
//
// It is "" where the deal has a category that could not be read: the stage's is another.
func (p *Pass) Forecast(d *Deal) string {
	if d.Opportunity.ForecastCategory != "" || d.Opportunity.IsUnclear("forecast_category") {
		return category(d.Opportunity.ForecastCategory)
	}
	if s := p.of(d).spot.stage; s != nil {
		return category(s.Forecast)
	}
	return ""
}

// category writes an enumerated value, all in capitals, as words. Any other value is
// returned unchanged: it is somebody's own wording.
func category(s string) string {
	if s == "" || strings.ToUpper(s) != s {
		return s
	}
	words := strings.Split(strings.ToLower(s), "_")
	for i, w := range words {
		if first, size := utf8.DecodeRuneInString(w); size > 0 {
			words[i] = string(unicode.ToUpper(first)) + w[size:]
		}
	}
	return strings.Join(words, " ")
}

// Committed reports whether the deal's forecast category counts as commit.
func (p *Pass) Committed(d *Deal) bool { return p.of(d).commit }

// Readable reports whether the source can read the field.
func (p *Pass) Readable(field string) bool {
	return p.Source.Info.Fields.Access(field) == crm.Readable
}

// StageSince returns when the deal last entered its stage; ok is false when that is
// not known. The CRM's own date counts, unless the CRM's history has a later entry: a
// deal that came back counts from its return. A change that only our comparison of
// syncs observed is late by up to a sync, so it counts only without a date of the
// CRM.
func (p *Pass) StageSince(d *Deal) (since time.Time, ok bool) {
	o := &d.Opportunity
	since = o.StageSince
	if !since.IsZero() && p.Source.Info.IsDate("stage_since") {
		// Noon, because midnight does not exist everywhere on every date.
		since = crm.DateOf(since, time.UTC).In(p.of(d).cal.Location).Add(12 * time.Hour)
	}
	for i := len(d.Changes) - 1; i >= 0; i-- {
		c := &d.Changes[i]
		if c.Field != crm.FieldStage {
			continue
		}
		if c.New == o.Stage && c.At.After(since) && (!c.Observed || since.IsZero()) {
			since = c.At
		}
		break
	}
	return since, !since.IsZero()
}
