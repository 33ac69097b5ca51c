package digest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// managers is the manager's daily digest: what a team's manager has to deal with
// today, how the team's deals stand, and who fixed what.
func managers() Kind {
	return Kind{
		Name:       "managers",
		Doc:        "managers get one about their team",
		Lists:      true,
		Recipients: eachManager,
		Quiet:      quietManager,
		Compose:    managerDaily,
	}
}

func eachManager(a Audience) []Recipient {
	var out []Recipient
	for i := range a.Teams {
		t := &a.Teams[i]
		if len(t.Members) == 0 && slices.ContainsFunc(a.Teams, func(x hygiene.Team) bool { return x.Parent == t.Name }) {
			continue // it is there for the teams below it
		}
		out = append(out, Recipient{
			Team: t.Key(), Email: t.Manager,
			Why:   fmt.Sprintf("manager of team %s", t.Name),
			Place: fmt.Sprintf("teams[%d].manager", i),
		})
	}
	return out
}

// silence is how long a manager may hear nothing: after it, even "all in order" is
// news, because silence looks like a broken daemon.
const silence = 6*24*time.Hour + 12*time.Hour

// quietManager reports whether nothing came, left or was fixed, no finding is of high
// severity, every source is shown and was read, and the last digest is less than a week ago. The
// first digest is never quiet. A deal that is counted apart, because it is from before
// the start, is no reason for a digest unless the deal is urgent.
func quietManager(in *Input) bool {
	if in.LastSent.IsZero() || in.Missed != "" || in.Now.Sub(in.LastSent) > silence {
		return false
	}
	if len(in.Sources) > 0 && !newSources(in, newWall(in)).complete() {
		return false
	}
	b := newBrief(in, false)
	if f, t := &b.book.tally.today, &b.book.tally; f.in()+f.out() > f.by[seen]+f.by[held] || t.fixed > 0 || len(b.book.better(b.wall)) > 0 || len(b.unjudged()) > 0 {
		return false // what nobody can judge for a day is no news
	}
	return !slices.ContainsFunc(b.book.needs, func(d *deal) bool { return d.severity() >= hygiene.High })
}

// managerDaily heads with how far the data can be trusted, then says how the commit
// and the deals stand, lists what is for today, and counts by rep.
func managerDaily(in *Input) Digest {
	b := newBrief(in, false)
	commit := newCommitment(b)
	d := b.digest(managerSubject(b, commit))
	d.Sections = append(d.Sections, managerHeading(b), b.sources.missing())
	if len(b.sources.shown) == 0 {
		d.Sections = append(d.Sections, b.unjudgedSection())
	} else {
		d.Sections = append(d.Sections, Section{Lines: compact(commit.line(b.list), b.bridge(commit), b.doubtLine(commit), b.dealsLine(), b.oldLine(), b.foldedLine(), b.heldLine())}, b.unjudgedSection())
		if len(b.list.items) > 0 || len(b.book.needs) > 0 {
			d.Sections = append(d.Sections, b.list.section())
			if table := b.teamTable(); table != nil && len(b.book.needs) > 0 {
				d.Sections = append(d.Sections, Section{Title: "TEAM", Table: table})
			}
		}
		d.Overflow, _ = b.list.overflow()
		d.Overflow = append(d.Overflow, b.oldSections()...)
	}
	days := dayLine(&d)
	d.Sections = append(d.Sections, managerClosing(b, days))
	return b.finished(d)
}

// managerHeading is the first section. Its title, the team and the day, heads the whole
// message; its first line is the data line.
func managerHeading(b *brief) Section {
	return Section{
		Title: b.team() + " · " + b.wall.day(),
		Lines: compact(b.sources.dataLine(), b.welcomeLine(), b.placeLine(), b.missedLine(), b.thawedLine(), b.sources.unnamedLine()),
	}
}

// managerClosing says what was fixed and closed, what was not checked, and where to
// ask.
func managerClosing(b *brief, days Line) Section {
	s := Section{Lines: slices.Concat(compact(b.wonLine(), b.fixedLine(), b.earlyLine()), b.leftLines(), compact(b.changedLine(), b.settingsLine(), b.uncheckedLine()))}
	s.Lines = append(s.Lines, b.escalatedLines()...)
	s.Lines = append(s.Lines, compact(days)...)
	help := b.askWords()
	if len(b.book.needs)+len(b.book.old) > 0 {
		help = strings.TrimSpace(strings.TrimSpace("Fix it in the CRM, and it leaves this list at the next sync. "+b.pauseWords()) + " " + help)
	}
	if help != "" {
		s.Lines = append(s.Lines, note(help))
	}
	return s
}

// managerSubject is the subject of a manager's digest: the day and the news in one line.
// Mail clients fold messages of equal subjects into one, so a subject has a date.
func managerSubject(b *brief, commit *commitment) string {
	t, first := &b.book.tally, b.wall.first()
	var news []string
	unread := b.sources.unreadWords()
	switch {
	case b.sources.noNews():
		news = b.freshWords()
	case len(b.sources.shown) == 0:
		news = append(news, "findings withheld")
	case b.clean():
		news = append(news, "all "+words.Count(t.deals, "deal", "deals")+" in order")
		news = append(news, b.habitWords()...)
		if len(b.in.Unchecked) > 0 {
			news = append(news, "not all checked")
		}
	case b.empty() && t.need == 0 && t.skipped > 0:
		news = append(news, t.skippedWords())
	case b.empty() && t.need == 0 && t.paused > 0:
		news = append(news, words.Count(t.paused, "deal", "deals")+" paused")
	case b.empty() && t.need == 0:
		news = append(news, "no open deals found")
	case b.unknown():
		news = append(news, notKnown)
	case first:
		n := words.Number(t.need)
		if t.fraction {
			n += " of " + words.Number(t.judged())
		}
		news = append(news, n+words.Plural(t.need, " deals needs an update", " deals need an update"))
		if t.need == 0 && t.old > 0 {
			news = nil
		}
		news = append(news, b.oldNews()...)
	default:
		news = append(news, words.Number(t.fresh)+" new", words.Number(t.fixed)+" fixed")
		if t.fresh+t.fixed == 0 {
			news = append(news, b.oldWaits(" from before the start")...)
		}
	}
	if b.clean() && !first && t.fixed > 0 {
		news = append(news, words.Number(t.fixed)+" fixed")
	}
	if w := commit.news(); w != "" && !b.sources.noNews() {
		news = append(news, w)
	}
	news = append(news, b.unjudgedNews()...)
	for _, s := range b.sources.all {
		if s.Withheld != "" && len(b.sources.shown) > 0 && !b.sources.unread(s) {
			news = append(news, b.sources.label(s)+" withheld")
		}
	}
	if b.sources.noNews() {
		news = append(unread, news...)
	} else {
		news = append(news, unread...)
	}
	return b.team() + ", " + b.wall.day() + ": " + strings.Join(news, ", ")
}
