package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Change is a part of what deals are judged by that has been another one since the last
// digest.
type Change struct {
	Source string
	// Rule, Pipeline and Owner say for which findings it counts; "" is all.
	Rule     string
	Pipeline string
	Owner    string // email
	Of       Fact   // what it makes of deals; 0 is which findings they have
	Text     string // a clause in the reader's words: "the stage definitions were changed"
}

// Fact is what digests tell of a deal that a setting, or our sight, can change with nobody's
// work.
type Fact byte

// The facts.
const (
	InCommit Fact = iota + 1 // whether the deal is in the commit
	Amount                   // how large it is
)

// concerns reports whether the finding is judged by what changed.
func (c *Change) concerns(l *hygiene.Life) bool {
	return c.Of == 0 && c.Source == l.Source && (c.Rule == "" || c.Rule == l.Rule) &&
		(c.Pipeline == "" || strings.EqualFold(c.Pipeline, l.Deal.Pipeline)) && (c.Owner == "" || strings.EqualFold(c.Owner, l.Deal.OwnerEmail))
}

// changedLine says because of which changes deals are no longer checked or newly checked,
// nil where there are none, or where nobody knows why.
func (b *brief) changedLine() Line {
	var why []string
	explained := func(l *hygiene.Life) (ok bool) {
		if b.in.foldOf(l) != nil {
			return false // a line of its own says it
		}
		for i := range b.in.Changed {
			c := &b.in.Changed[i]
			if !c.concerns(l) {
				continue
			}
			ok = true
			if w := strings.TrimRight(plain.Clip(c.Text, 120), "."); w != "" && !slices.Contains(why, w) {
				why = append(why, w)
			}
		}
		return ok
	}
	some := func(ls []*hygiene.Life, so func(*hygiene.Life) bool) (ok bool) {
		for _, l := range ls {
			ok = so(l) && explained(l) || ok
		}
		return ok
	}
	ended, begun := 0, 0
	for _, d := range b.book.deals {
		switch {
		case d.left == off && some(d.ended, func(l *hygiene.Life) bool { return l.State == hygiene.Off && l.Rejudged.Equal(l.Ended) }):
			ended++
		case d.came == started && some(d.open, func(l *hygiene.Life) bool { return l.Newly && l.Opened.After(b.wall.last) }):
			begun++
		}
	}
	if len(why) == 0 {
		return nil
	}
	var said []string
	if ended > 0 {
		said = append(said, words.Number(ended)+" no longer checked")
	}
	if begun > 0 {
		said = append(said, words.Number(begun)+" newly checked")
	}
	const most = 3
	if len(why) > most {
		why = append(why[:most], words.Number(len(why)-most)+" more changes")
	}
	return note(words.Sentence(strings.Join(said, ", ") + ": " + strings.Join(why, "; ")))
}

// uncheckedLine says what could not be checked, and what changed in that since the last
// digest; nil when everything could and can be.
func (b *brief) uncheckedLine() Line {
	var fresh, still, again []string
	is := map[string]bool{}
	for _, u := range b.in.Unchecked {
		u = strings.TrimRight(plain.Clip(u, 200), ".")
		is[subject(u)] = true
		switch {
		case u == "":
		case b.in.Told != nil && len(b.in.Told.Withheld) == 0 && !b.in.Told.unchecked(u):
			fresh = append(fresh, u)
		default:
			still = append(still, u)
		}
	}
	if b.in.Told != nil {
		for _, u := range b.in.Told.Unchecked {
			if w := plain.Clip(subject(u), 200); w != "" && !is[subject(u)] && slices.Contains(b.in.Checked, subject(u)) && !slices.Contains(again, w) {
				again = append(again, w)
			}
		}
	}
	var said []string
	for _, x := range []struct {
		words string
		what  []string
	}{{"Not checked since " + b.wall.since + ": ", fresh}, {"Checked again: ", again}, {"Not checked: ", still}} {
		const most = 8
		if len(x.what) > most {
			x.what = append(x.what[:most], words.Number(len(x.what)-most)+" more")
		}
		if len(x.what) > 0 {
			said = append(said, x.words+words.Sentence(strings.Join(x.what, "; ")))
		}
	}
	if len(said) == 0 {
		return nil
	}
	return note(strings.Join(said, " "))
}

// subject is what a sentence about something unchecked is about: the words before the
// reason in brackets, which may become another one.
func subject(sentence string) string {
	if i := strings.LastIndex(sentence, " ("); i > 0 {
		return sentence[:i]
	}
	return sentence
}

// unchecked reports whether the digest told that what the sentence is about was not checked.
func (t *Told) unchecked(sentence string) bool {
	return slices.ContainsFunc(t.Unchecked, func(u string) bool { return subject(u) == subject(sentence) })
}

// notChecked is what the reader has been told, or is told now, not to be checked. What a
// source that is withheld today could not check is not known, and stays as it was told.
func (b *brief) notChecked() []string {
	out := slices.Clone(b.in.Unchecked)
	if b.in.Told == nil || len(b.sources.shown) == len(b.sources.all) {
		return out
	}
	for _, u := range b.in.Told.Unchecked {
		about := func(w string) bool { return subject(w) == subject(u) }
		if !slices.ContainsFunc(out, about) && !slices.Contains(b.in.Checked, subject(u)) {
			out = append(out, u)
		}
	}
	return out
}

// dayLine explains the number of the day where the digest uses it.
func dayLine(d *Digest) Line {
	counts := func(s Section) bool {
		return slices.ContainsFunc(s.Lines, func(l Line) bool {
			return slices.ContainsFunc(l, func(x Span) bool { return x.Role == Status && strings.HasPrefix(x.Text, " "+dayWord) })
		})
	}
	if !slices.ContainsFunc(d.Sections, counts) && !slices.ContainsFunc(d.Overflow, counts) {
		return nil
	}
	return note(dayWord + "n: the deal's nth business day on this list.")
}
