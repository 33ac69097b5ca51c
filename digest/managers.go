package digest

import (
	"fmt"

	"github.com/pipetidy/pipetidy/hygiene"
)

// managers is the manager's daily digest: what a team's manager has to deal with
// today, how the team's deals stand, and who fixed what.
func managers() Kind {
	return Kind{
		Name:       "managers",
		Doc:        "managers get one about their team",
		Recipients: eachManager,
		Quiet:      quietManager,
		Compose:    managerDaily,
	}
}

func eachManager(a Audience) []Recipient {
	var out []Recipient
	for i := range a.Teams {
		t := &a.Teams[i]
		out = append(out, Recipient{
			Team: t.Name, Email: t.Manager,
			Why:   fmt.Sprintf("manager of team %s", t.Name),
			Place: fmt.Sprintf("teams[%d].manager", i),
		})
	}
	return out
}

// quietManager reports whether there is nothing new, nothing fixed, nothing back,
// no finding of high severity, every source shown, and the last digest not a week
// ago. The first digest is never quiet. What is counted apart, because it is from
// before the start, is no reason to speak unless its deal is urgent.
func quietManager(in *Input) bool {
	if in.LastSent.IsZero() || in.Missed != "" || in.Now.Sub(in.LastSent) > silence {
		return false
	}
	for i := range in.Sources {
		if in.Sources[i].Withheld != "" || !in.Sources[i].Complete {
			return false
		}
	}
	var c *composer
	for i := range in.Lives {
		l := &in.Lives[i]
		switch {
		case l.Opened.After(in.LastSent), l.Ended.After(in.LastSent):
			return false
		case l.State != hygiene.Open || l.Held || l.Severity < hygiene.High:
		case in.BacklogPerWeek <= 0 || !l.Backlog:
			return false
		case c == nil:
			c = newComposer(in, false)
		}
	}
	return c == nil || len(c.needs) == 0 || c.needs[0].severity() < hygiene.High
}

// managerDaily heads with how far the data can be trusted, then says how the commit
// and the deals stand, lists what is for today, and counts by rep.
func managerDaily(in *Input) Digest {
	c := newComposer(in, false)
	d := Digest{
		Name:      in.Name,
		Recipient: in.Recipient,
		Team:      in.Team.Name,
		Subject:   c.subject(),
	}
	d.Sections = append(d.Sections, c.heading(), c.missing())
	if len(c.shown) == 0 {
		d.Sections = append(d.Sections, c.closing())
		return c.redirected(trimmed(d))
	}
	d.Sections = append(d.Sections, Section{Lines: compact(c.commitLine(), c.dealsLine(), c.oldLine())})
	if len(c.needs) > 0 {
		d.Sections = append(d.Sections, c.needsYou())
	}
	d.Overflow = append(c.overflow(), c.oldSections()...)
	if len(c.needs) > 0 {
		if table := c.teamTable(); table != nil {
			d.Sections = append(d.Sections, Section{Title: "TEAM", Table: table})
		}
	}
	d.Sections = append(d.Sections, c.closing())
	return c.redirected(trimmed(d))
}
