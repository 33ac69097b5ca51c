package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
)

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
