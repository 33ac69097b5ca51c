package digest

import (
	"fmt"
	"strings"
	"testing"
)

// CheckSums fails for a digest whose numbers do not add up as Compose promises.
func CheckSums(t *testing.T, in Input, d *Digest) {
	t.Helper()
	kind := kindOf(in.For)
	b := newBrief(&in, kind.Own)
	k := b.book.tally
	if !b.wall.first() && (!k.today.balances() || !k.apart.balances()) {
		t.Errorf("the books do not balance: today %+v, from before the start %+v", k.today, k.apart)
	}
	if b.wall.first() && k.today.moved() {
		t.Errorf("a first digest says that deals moved: %+v", k.today)
	}
	if k.fraction && k.inOrder()+k.need+k.old != k.judged() {
		t.Errorf("%d in order + %d need + %d old, want %d", k.inOrder(), k.need, k.old, k.judged())
	}
	if k.old > 0 && in.BacklogPerWeek == 0 {
		t.Errorf("%d are counted apart, which nobody asked for", k.old)
	}
	commit := newCommitment(b)
	for cur, total := range commit.total {
		clean := commit.clean(cur)
		if clean < 0 || clean > total {
			t.Errorf("%s: %v without open doubt of %v", cur, clean, total)
		}
	}
	for i := range commit.shares {
		for _, x := range append(commit.shares[i].deals, commit.shares[i].bare...) {
			if at, ok := x.share(b.portfolio.quarter); !ok || at != i {
				t.Errorf("%s is in share %d", x.facts.Name, i)
			}
		}
	}
	inTable, newInTable := 0, 0
	listed := b.list.listed()
	for _, r := range b.rows() {
		inTable += r.need
		newInTable += r.fresh
	}
	if !b.own && len(b.sources.shown) > 0 && (inTable != k.need || newInTable != k.fresh) {
		t.Errorf("%d in the table, %d of them new, want %d and %d", inTable, newInTable, k.need, k.fresh)
	}
	if !kind.Lists {
		return // the digest names no deals, so there is nothing that they add up to
	}
	lines, more, old := 0, 0, 0
	for _, s := range d.Overflow {
		if _, of, ok := strings.Cut(s.Title, "rom before the start, this week: "); ok {
			var these, all int
			if _, err := fmt.Sscanf(of, "%d of %d", &these, &all); err != nil || these != len(s.Lines) || these > in.BacklogPerWeek {
				t.Errorf("%d lines under %q", len(s.Lines), s.Title)
			}
			old += all
			continue
		}
		for _, l := range s.Lines {
			if l[0].Role == Index {
				lines++
				continue
			}
			var n int
			if _, err := fmt.Sscanf(l[0].Text, "%d more.", &n); err != nil && !strings.HasPrefix(l[0].Text, "Not listed") {
				t.Errorf("overflow line %q", l[0].Text)
			}
			more += n
		}
		var n int
		if _, err := fmt.Sscanf(s.Title[strings.LastIndex(s.Title, ":")+1:], "%d", &n); err != nil {
			t.Errorf("overflow title %q", s.Title)
		}
		if l := s.Lines[len(s.Lines)-1]; strings.HasPrefix(l[0].Text, "Not listed") {
			more += n
		}
	}
	for _, x := range b.book.old {
		if b.list.number[x] > 0 {
			old++
		}
	}
	if old != k.old {
		t.Errorf("sections speak of %d from before the start, want %d", old, k.old)
	}
	grouped := 0
	for _, it := range b.list.items {
		if len(it.deals) > 1 {
			grouped += len(it.deals)
		}
	}
	if lines+more != k.need-listed+grouped {
		t.Errorf("the overflow accounts for %d deals (%d lines, %d more), want %d, those that need an update and are not listed above; list or count them, or let the kind say Lists: false",
			lines+more, lines, more, k.need-listed+grouped)
	}
}
