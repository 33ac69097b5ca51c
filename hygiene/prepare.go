package hygiene

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
)

// index is what Prepare makes of a Pass, once for all deals. After Prepare the index
// is only read.
type index struct {
	calendar *Calendar        // the company's
	teams    map[string]*Team // by member's first address
	chart    chart
	names    names          // of stages that a pipeline does not list
	rules    map[string]int // place in Pass.Rules by id
	blocked  []Said         // by place in Pass.Rules: why the rule cannot judge this source, "" when it can
	unjudged []Unjudged
	broken   *breakages
	skipped  Skipped
}

// Unjudged is a field that a rule needs and that cannot be read from this source. It
// is reported once to those who can map the field or grant access, not per deal.
type Unjudged struct {
	Rule   string
	Field  string
	Access crm.Access // Hidden or Unmapped
	// Partly is set when the rest of the rule is judged without the field.
	Partly bool
}

// Prepare indexes the pass. It is called once, before Evaluate or Explain; afterwards
// nothing of the pass may change. An error is a mistake of the program, or of the
// configuration that config.Load should have found.
func (p *Pass) Prepare() error {
	var errs []error
	if p.Now.IsZero() {
		errs = append(errs, errors.New("pass has no time: set Now"))
	}
	if p.Company == nil {
		errs = append(errs, errors.New("pass has no time zone: set Company"))
	}
	x := &index{
		calendar: p.companyCalendar(),
		teams:    make(map[string]*Team),
		chart:    p.Source.chart(),
		names:    p.Source.names(),
		rules:    make(map[string]int, len(p.Rules)),
		blocked:  make([]Said, len(p.Rules)),
		skipped:  Skip(p.Skip, p.Source.Stages),
		broken:   &breakages{},
	}
	p.index, p.view = x, view{}
	if p.Teams != nil {
		x.join(p.Teams, p.People)
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		if _, twice := x.rules[r.ID]; twice || r.ID == "" || r.Check == nil {
			errs = append(errs, fmt.Errorf("rule %q: listed twice, or without a check", r.ID))
			continue
		}
		x.rules[r.ID] = i
		if r.Off(p.Settings[r.ID]) {
			continue
		}
		x.blocked[i] = x.gaps(p, r)
	}
	return errors.Join(errs...)
}

// join notes who is in which team, by first addresses. The first of several teams that
// list a person counts.
func (x *index) join(teams *Teams, people People) {
	for i := range teams.List {
		t := &teams.List[i]
		for _, m := range t.Members {
			m = people.Email(m)
			if _, taken := x.teams[m]; !taken {
				x.teams[m] = t
			}
		}
	}
}

// gaps notes which fields of r cannot be read, and returns why the rule as a whole
// cannot be judged, or "".
func (x *index) gaps(p *Pass, r *Rule) (why Said) {
	missing := func(f string) (crm.Access, bool) {
		a := p.Source.Info.Fields.Access(f)
		// A source without activities has no emails either, so activities alone are
		// reported.
		return a, a != crm.Readable && (f != "emails" || p.Readable("activities"))
	}
	for _, f := range r.Needs {
		if a, ok := missing(f); ok {
			x.unjudged = append(x.unjudged, Unjudged{Rule: r.ID, Field: f, Access: a})
			if why == "" {
				why = SayUnread(f, a)
			}
		}
	}
	if r.Wants == nil {
		return why
	}
	for _, f := range r.Wants(p) {
		if a, ok := missing(f); ok {
			x.unjudged = append(x.unjudged, Unjudged{Rule: r.ID, Field: f, Access: a, Partly: true})
		}
	}
	return why
}

// Unjudged lists the fields that rules of this pass need and cannot read, in catalogue
// order. A rule that is switched off needs nothing.
func (p *Pass) Unjudged() []Unjudged { return slices.Clone(p.index.unjudged) }
