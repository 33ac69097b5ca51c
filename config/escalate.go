package config

import (
	"slices"
	"strconv"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/hygiene"
)

// escalationsName names the digest by which deals go on. It is not in the file: it goes out
// with the first digest for managers.
const escalationsName = "escalations"

// managersManager is the word for whoever is above the manager.
const managersManager = "managers_manager"

// mostEscalated bounds escalate: more rules than that are read by nobody.
const mostEscalated = 10

// mostAfter bounds escalate[].after, in business days.
const mostAfter = 60

type escalateEntry struct {
	When   grade  `yaml:"when" doc:"Severity of the deal's worst finding, at least." default:"high"`
	Commit bool   `yaml:"commit" doc:"Only deals that count as commit." default:"false"`
	After  days   `yaml:"after,required" doc:"How many business days the manager has had the deal on the list at that severity, counted from the digest that first said so." example:"5d"`
	To     string `yaml:"to" doc:"Who hears of it: managers_manager is the manager of the team above (teams[].parent), else whom the CRM names as the manager's manager; or an e-mail address." default:"managers_manager" example:"vp@acme.example"`
}

// grade is a severity that digests tell.
type grade string

// Values are the severities.
func (grade) Values() []string { return []string{hygiene.Medium.String(), hygiene.High.String()} }

// escalate reads which deals go on to somebody above a manager. It is called after digests.
func (b *builder) escalate() {
	b.parents()
	for i, x := range b.file.Escalate {
		path := "escalate[" + strconv.Itoa(i) + "]"
		if i == mostEscalated {
			b.form.ReportKey("escalate", "at most %d entries; what goes on to everybody is read by nobody", mostEscalated)
			return
		}
		out := Escalation{Commit: x.Commit, After: int(x.After), When: hygiene.High}
		if x.When != "" {
			if !isOne(x.When) {
				b.report(path+".when", "%s", form.OneOf(string(x.When), x.When.Values()...))
			} else if s, err := hygiene.ParseSeverity(string(x.When)); err == nil {
				out.When = s
			}
		}
		if b.form.Has(path+".after") && (x.After < 1 || x.After > mostAfter) {
			b.report(path+".after", "must be from 1d to %dd, of business days", mostAfter)
		}
		if x.To != "" && x.To != managersManager {
			out.To = b.reachable(path+".to", x.To)
		}
		b.out.Escalations = append(b.out.Escalations, out)
	}
	if len(b.file.Escalate) == 0 {
		return
	}
	if i := slices.IndexFunc(b.out.Digests, func(d Digest) bool { return d.Name == escalationsName }); i >= 0 && b.out.Digests[i].For != escalationsName {
		b.report("digests["+strconv.Itoa(i)+"].name", "escalate makes a digest of that name; choose another")
		return
	}
	if slices.ContainsFunc(b.out.Digests, func(d Digest) bool { return d.For == escalationsName }) {
		return // the file says when
	}
	i := slices.IndexFunc(b.out.Digests, func(d Digest) bool { return d.For == "managers" })
	if i < 0 {
		b.form.ReportKey("escalate", "no digest is for managers, so no manager would have had a deal on the list; add one to digests, or leave escalate out")
		return
	}
	with := b.out.Digests[i]
	with.Name, with.For = escalationsName, escalationsName
	b.out.Digests = append(b.out.Digests, with)
}

// parents checks which team is above which.
func (b *builder) parents() {
	at := map[string]int{}
	for i := range b.out.Teams.List {
		at[b.out.Teams.List[i].Name] = i
	}
	for i := range b.out.Teams.List {
		t := &b.out.Teams.List[i]
		path := "teams[" + strconv.Itoa(i) + "].parent"
		if t.Parent == "" {
			continue
		}
		if _, ok := at[t.Parent]; !ok {
			var names []string
			for name := range at {
				if name != t.Name {
					names = append(names, name)
				}
			}
			slices.Sort(names)
			b.report(path, "there is no team %s%s", form.Quote(t.Parent), form.Suggest(t.Parent, names))
			continue
		}
		seen := map[string]bool{t.Name: true}
		for above := t.Parent; above != ""; {
			if seen[above] {
				b.report(path, "team %s would be above itself; leave one parent out", form.Quote(above))
				break
			}
			seen[above] = true
			j, ok := at[above]
			if !ok {
				break
			}
			above = b.out.Teams.List[j].Parent
		}
	}
}

// above reports whether some team names this one as the team above it.
func (b *builder) above(name string) bool {
	return slices.ContainsFunc(b.file.Teams, func(t teamEntry) bool { return t.Parent == name })
}
