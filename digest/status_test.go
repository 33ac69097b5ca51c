package digest

import (
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestWordsOfADeal asks for the status of a deal for every move, in every setting that
// makes a difference, and for the words of every event: each has its line in
// docs/digests.md, and no line is about words that nobody says.
func TestWordsOfADeal(t *testing.T) {
	used := map[string]bool{}
	known := func(said string) {
		if said == "" {
			return
		}
		best := ""
		for _, w := range wordsOfADeal {
			if said == w.word || w.variable != "" && strings.HasPrefix(said, w.word) {
				best = max(best, w.word)
			}
		}
		if used[best] = true; best == "" {
			t.Errorf("%q is not documented", said)
		}
	}
	w := newWall(&newMornings(5).in)
	x := &wording{wall: w, people: &people{}}
	for came := range moves {
		for _, rule := range []string{"no-activity", hygiene.CloseDatePast} {
			for _, class := range []Class{Needs, Old} {
				for _, last := range []bool{false, true} {
					m := newMornings(5)
					if last {
						m.in.LastSent = m.in.Now.AddDate(0, 0, -1)
					}
					x.wall = newWall(&m.in)
					l := &hygiene.Life{Back: true, Opened: m.in.Now, Finding: hygiene.Finding{Key: hygiene.Key{Rule: rule}}}
					known((&deal{came: came, class: class, open: []*hygiene.Life{l}}).status(x))
				}
			}
		}
	}
	for _, change := range []func(*hygiene.Life){
		func(l *hygiene.Life) { l.Severity = hygiene.High },
		func(l *hygiene.Life) { l.Measured = 28 },
		func(l *hygiene.Life) { l.Rule, l.Measured, l.Limit = hygiene.CloseDatePushed, 3, 2 },
		func(l *hygiene.Life) { l.Deal.Commit, l.Deal.CloseDate = true, crm.NewDate(2026, 12, 30) },
		func(l *hygiene.Life) { l.Deal.Amount = crm.Num(24e3) },
	} {
		m := newMornings(5)
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium, Measured: 20, Limit: 14}})
		l.Deal.Amount = crm.Num(20e3)
		m.send()
		m.pass()
		change(&m.in.Lives[0])
		b, _ := m.send()
		for _, s := range b.list.lines()[0] {
			if _, said, ok := strings.Cut(s.Text, "no contact; "); ok && s.Role == Reason {
				known(strings.TrimSuffix(said, "."))
			}
		}
	}
	for _, w := range wordsOfADeal {
		if !used[w.word] || w.doc == "" {
			t.Errorf("nobody says %q, or it is not explained", w.word)
		}
	}
}

// TestEveryMoveIsDocumented: a deal that comes or leaves by a new move has words in the
// digest, and a line in docs/digests.md.
func TestEveryMoveIsDocumented(t *testing.T) {
	for _, own := range []bool{false, true} {
		came, left := cameSaid(own, joinedToday), leftSaid(own, partedToday)
		for m := fresh; m < moves; m++ {
			all := came
			if m >= fixed {
				all = left
			}
			i := slices.IndexFunc(all, func(s said) bool { return s.move == m })
			if i < 0 || all[i].words == "" || moveDocs[m] == "" {
				t.Errorf("move %d has no words or no documentation", m)
			}
		}
		if len(came)+len(left) != int(moves)-1 {
			t.Errorf("%d moves have words, there are %d", len(came)+len(left), moves-1)
		}
	}
}
