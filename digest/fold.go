package digest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Fold is a rule that is folded in one pipeline of a source, or was: what it finds there is
// a habit, and is told in one line.
type Fold struct {
	hygiene.Fold
	Source string
	Title  string // of the rule
	Label  string // what the pipeline is called, "" where the CRM has none
	Failed int    // open deals on which the rule failed at the last evaluation
	Judged int    // open deals that it judged
}

// covered is what one fold hid: one finding for each deal.
type covered struct {
	*Fold
	lives []hygiene.Life
}

// fold looks at the lives through the folds, and says which folds hid any. Lives stay
// stored as they are.
//
// A folded finding that the last digest could tell has ended, and nobody did anything: its
// rule does not apply. Where the fold has ended, what it hid begins at that moment, as if
// its rule had begun to run.
//
// shown are the folds that ended since the last digest, with what is told again.
func (in *Input) fold() (lives []hygiene.Life, hid, shown []covered) {
	if len(in.Folded) == 0 {
		return in.Lives, nil, nil
	}
	hides, shows := map[*Fold][]hygiene.Life{}, map[*Fold][]hygiene.Life{}
	last := map[*Fold]string{} // one deal may have several findings of a rule
	for i := range in.Lives {
		l := in.Lives[i]
		f := in.foldOf(&l)
		switch {
		case f == nil:
		case f.HidesFinding(&l.Deal, l.Opened):
			if l.Paused {
				continue // a park keeps it back already
			}
			if l.State == hygiene.Open {
				if last[f] != l.Record {
					hides[f] = append(hides[f], l)
				}
				last[f] = l.Record
			}
			if !in.couldTell(&l, f) {
				continue
			}
			if l.State == hygiene.Open {
				l.State, l.Ended, l.Rejudged, l.Held = hygiene.Off, in.Now, in.Now, false
			}
		case !f.Active() && !l.Deal.Commit && l.Opened.Before(f.Until) && (!f.Brake || !l.Opened.Before(f.Since)):
			told := l.Opened.Before(f.Since) // told before the fold
			if told && (!in.LastSent.Before(f.Until) || in.LastSent.Before(f.Since)) {
				break // a digest since the end has said it, or none saw the fold at all
			}
			if l.State != hygiene.Open && !l.Ended.After(f.Until) {
				continue // ended out of sight
			}
			l.Opened = f.Until // what a jump was is news to the reader only now
			if !f.Brake {
				l.Backlog, l.Newly = true, true
			}
			if l.State == hygiene.Open && !in.LastSent.IsZero() && f.Until.After(in.LastSent) {
				shows[f] = append(shows[f], l)
			}
		}
		lives = append(lives, l)
	}
	for i := range in.Folded {
		f := &in.Folded[i]
		if len(hides[f]) > 0 {
			hid = append(hid, covered{f, hides[f]})
		}
		if len(shows[f]) > 0 {
			shown = append(shown, covered{f, shows[f]})
		}
	}
	return lives, hid, shown
}

// foldOf is the fold of the life's rule in its pipeline, nil when there never was one.
func (in *Input) foldOf(l *hygiene.Life) *Fold {
	for i := range in.Folded {
		if f := &in.Folded[i]; f.Source == l.Source && f.Rule == l.Rule && f.Pipeline == l.Deal.Pipeline {
			return f
		}
	}
	return nil
}

// folds reports whether the finding would be left out if its deal were not in the commit.
func (in *Input) folds(l *hygiene.Life) bool {
	f := in.foldOf(l)
	return f != nil && f.Active() && l.Deal.Commit
}

// couldTell reports whether the reader's last digest could tell the finding, because it was
// composed before the fold.
func (in *Input) couldTell(l *hygiene.Life, f *Fold) bool {
	return !in.LastSent.IsZero() && !l.Opened.After(in.LastSent) && in.LastSent.Before(f.Since)
}

// habit is one folded rule, with all pipelines in which it is folded.
type habit struct {
	title          string
	held           bool // by a brake
	places         []string
	failed, judged int
	deals          int         // of the reader's
	high           int         // of deals: the finding is of severity high
	sum            words.Purse // of deals
	usual          int         // of a brake: on how many deals it failed before
	since          time.Time   // when the last of them was folded
}

// habits are the rules that were left out of what the reader is told, the one with the most
// deals first.
func habits(hid []covered, whose func(owner string) bool, m *money) []habit {
	var out []habit
	for _, h := range hid {
		n, high, sum := 0, 0, words.Purse{}
		for i := range h.lives {
			l := &h.lives[i]
			if !whose(l.Deal.OwnerEmail) {
				continue
			}
			if n++; l.Severity == hygiene.High {
				high++
			}
			if l.Deal.Summed() && l.Deal.Amount.Value != 0 {
				m.add(sum, l.Source, l.Deal.Currency, l.Deal.Amount.Value)
			}
		}
		if n == 0 {
			continue
		}
		i := slices.IndexFunc(out, func(x habit) bool { return x.title == h.clause() && x.held == h.Brake })
		if i < 0 {
			i = len(out)
			out = append(out, habit{title: h.clause(), held: h.Brake, sum: words.Purse{}})
		}
		x := &out[i]
		if p := plain.Clip(h.Label, 40); p != "" && !slices.Contains(x.places, p) {
			x.places = append(x.places, p)
		}
		x.failed, x.judged, x.deals, x.high, x.usual = x.failed+h.Failed, x.judged+h.Judged, x.deals+n, x.high+high, x.usual+h.Usual
		for code, v := range sum {
			x.sum[code] += v
		}
		if h.Since.After(x.since) {
			x.since = h.Since
		}
	}
	slices.SortStableFunc(out, func(a, b habit) int { return cmp.Compare(b.deals, a.deals) })
	return out
}

// clause is the rule in the middle of a sentence.
func (f *Fold) clause() string {
	title := plain.Clip(cmp.Or(f.Title, f.Rule), 60)
	if title == "" {
		return ""
	}
	return strings.ToLower(title[:1]) + title[1:]
}

// mostHabits is how many folded rules are named.
const mostHabits = 3

// foldedLine says what is not told deal by deal because it is a habit, nil when nothing is.
func (b *brief) foldedLine() Line {
	said, n := b.habitsSaid(false)
	if n == 0 {
		return nil
	}
	what := ": a habit here rather than news. Ops have it."
	if n > 1 {
		what = ": habits here rather than news. Ops have them."
	}
	return Line{{Text: "Folded:", Bold: true}, {Text: " " + said + what}}
}

// heldLine says what a brake holds back, nil when none does.
func (b *brief) heldLine() Line {
	said, n := b.habitsSaid(true)
	if n == 0 {
		return nil
	}
	what := ". So sudden a jump is rather an import or an integration than people's work: ops look at it first."
	if n > 1 {
		what = ". So sudden jumps are rather an import or an integration than people's work: ops look at them first."
	}
	return Line{{Text: "Held back:", Bold: true}, {Text: " " + said + what}}
}

// habitsSaid lists the rules that are held, or those that are folded, with their figures,
// and says how many they are.
func (b *brief) habitsSaid(held bool) (list string, n int) {
	alone := !slices.ContainsFunc(b.in.Snapshots, func(s hygiene.Snapshot) bool {
		return slices.ContainsFunc(s.Tallies, func(t hygiene.Tally) bool { return t.Team != b.in.Team.Key() && t.Deals > 0 })
	})
	var said []string
	for _, h := range b.habits {
		if h.held != held {
			continue
		}
		if n++; n > mostHabits {
			continue
		}
		s := h.title + " on " + words.Number(h.failed) + " of " + words.Count(h.judged, "deal", "deals")
		switch {
		case len(h.places) > 2:
			s += " in " + words.Number(len(h.places)) + " pipelines"
		case len(h.places) > 0:
			s += " in " + strings.Join(h.places, " and ")
		}
		if !alone {
			s += ", all teams"
		}
		if held {
			said = append(said, s+", "+words.Number(h.usual)+" before"+b.heldHere(&h))
		} else {
			said = append(said, s+" ("+words.Percent(float64(h.failed), float64(h.judged))+")")
		}
	}
	if n > mostHabits {
		said = append(said, words.Count(n-mostHabits, "other rule", "other rules"))
	}
	return strings.Join(said, "; "), n
}

// heldHere says what of a held rule is the reader's: what began with the jump, and its money.
func (b *brief) heldHere(h *habit) string {
	s := "; not listed here: " + words.Count(h.deals, "deal", "deals")
	switch {
	case h.high == h.deals:
		s += ", high"
	case h.high > 0:
		s += ", " + words.Number(h.high) + " of them high"
	}
	if sum := b.sources.money.list(h.sum); sum != "" {
		s += ", " + sum
	}
	return s
}

// holds reports whether something is held back from the reader.
func (b *brief) holds() bool {
	return slices.ContainsFunc(b.habits, func(h habit) bool { return h.held })
}

// habitWords say in a subject that "in order" leaves rules out.
func (b *brief) habitWords() []string {
	var out []string
	for _, state := range []struct {
		held bool
		word string
	}{{false, "folded"}, {true, "held back"}} {
		if _, n := b.habitsSaid(state.held); n > 0 {
			out = append(out, words.Count(n, "rule", "rules")+" "+state.word)
		}
	}
	return out
}

// notCounting names what "in order" leaves out, and what it leaves out or counts since the
// last digest, "" when it leaves nothing out.
func (b *brief) notCounting() string {
	still := byState(b.habits, "", func(h *habit) bool { return !b.newlyFolded(h) })
	if still != "" {
		still = ", not counting " + still
	}
	return still + b.foldNews()
}

// foldNews say after a comma which rules count no longer, and which count again, since the
// last digest: nobody's work made the share of deals in order another one.
func (b *brief) foldNews() (said string) {
	if none := byState(b.habits, "", b.newlyFolded); none != "" {
		said += ", no longer counting " + none
	}
	if again := byState(b.again, "no longer ", func(*habit) bool { return true }); again != "" {
		said += ", now counting " + again
	}
	return said
}

// newlyFolded reports whether the last digest told deal by deal what the rule found, in one
// of its pipelines at least.
func (b *brief) newlyFolded(h *habit) bool {
	return !h.held && !b.wall.first() && h.since.After(b.wall.last)
}

// byState lists the rules with their state: those that are folded, then those that are held.
func byState(habits []habit, not string, so func(*habit) bool) string {
	var said []string
	for _, state := range []struct {
		held bool
		word string
	}{{false, "folded"}, {true, "held back"}} {
		var names []string
		for i := range habits {
			if h := &habits[i]; h.held == state.held && so(h) {
				name := h.title
				if h.held { // what was told before the jump counts on
					name += " on " + words.Count(h.deals, "deal", "deals")
				}
				names = append(names, name)
			}
		}
		switch n := len(names); {
		case n > mostHabits: // the line about them names some
			said = append(said, words.Count(n, "rule", "rules")+" ("+not+state.word+")")
		case n > 0:
			said = append(said, words.List(names)+" ("+not+state.word+")")
		}
	}
	return strings.Join(said, ", ")
}
