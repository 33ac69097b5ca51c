package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// maxUnjudged is how many deals are named that are due and were not judged.
const maxUnjudged = 6

// unjudged are the deals of the commit that close this week or should have closed, and of
// which nobody could say today whether they are in order: what their rules need could not be
// read, or their source is withheld. They were on a list when they were last judged. The
// largest comes first.
func (b *brief) unjudged() []*deal {
	out := b.book.largest(func(d *deal) bool {
		return d.soon && d.unknown >= hygiene.Medium && d.severity() < hygiene.Medium
	})
	return append(out, b.outOfSight()...)
}

// outOfSight are those of sources that are withheld. The reader was told of them before: a
// source that was never shown to the reader, or is another account, says nothing here.
func (b *brief) outOfSight() []*deal {
	told := b.in.Told.byRecord()
	at := map[[2]string]*deal{}
	var out []*deal
	for i := range b.in.Unseen {
		l := &b.in.Unseen[i]
		key := [2]string{l.Source, l.Record}
		switch t := told[key]; {
		case t == nil || !b.sources.aged(l.Source) || b.own && personBy(l.Deal.OwnerEmail, "", "") != personBy(b.in.Recipient, "", ""):
			continue
		case l.Severity < hygiene.Medium:
			continue
		}
		d := at[key]
		if d == nil {
			d = &deal{source: l.Source, record: l.Record, facts: l.Deal}
			if !d.committed(b.wall.today + week) {
				continue
			}
			at[key] = d
			out = append(out, d)
		}
		d.unclear = append(d.unclear, l)
	}
	worth := func(d *deal) float64 { v, _ := b.sources.money.worth(d.source, &d.facts); return v }
	slices.SortStableFunc(out, func(x, y *deal) int { return cmp.Compare(worth(y), worth(x)) })
	return out
}

// aged reports whether the source is withheld for what the data lacks, so what it held before
// is what is known of its deals.
func (s *sources) aged(name string) bool {
	return slices.ContainsFunc(s.all, func(x SourceStatus) bool {
		return x.Name == name && x.Withheld != "" && (x.Cause == Stale || x.Cause == HeldBack || x.Cause == Unjoined)
	})
}

// unjudgedSection names them with what is known.
func (b *brief) unjudgedSection() Section {
	ds := b.unjudged()
	if len(ds) == 0 {
		return Section{}
	}
	s := Section{Title: "DUE IN THE COMMIT, AND " + strings.ToUpper(judgedSo(ds)) + " TODAY"}
	for _, d := range ds[:min(len(ds), maxUnjudged)] {
		line := append(Line{{Text: "• ", Role: Index}}, nameOf(d)...)
		line = append(line, b.wording.factSpans(d, b.wording.facts(d, !b.own))...)
		worst := slices.SortedStableFunc(slices.Values(d.unclear), func(x, y *hygiene.Life) int { return cmp.Compare(y.Severity, x.Severity) })
		s.Lines = append(s.Lines, append(line, Span{Text: ": "}, Span{Text: words.Sentence("when last judged, " + reasons(worst) + b.found(d)), Role: Reason}))
	}
	if n := len(ds) - maxUnjudged; n > 0 {
		s.Lines = append(s.Lines, text(words.Number(n)+" more"+b.wording.worthWords(ds[maxUnjudged:])+"."))
	}
	return s
}

// found says what of the deal was judged today, and found.
func (b *brief) found(d *deal) string {
	if len(d.open) == 0 {
		return ""
	}
	return "; today, " + reasons(d.open)
}

// unjudgedNews says in a subject what is due and was not judged.
func (b *brief) unjudgedNews() []string {
	ds := b.unjudged()
	if len(ds) == 0 {
		return nil
	}
	what := strings.TrimPrefix(b.wording.worthWords(ds), ", ")
	if what == "" {
		what = words.Count(len(ds), "commit deal", "commit deals")
	}
	return []string{what + " due and " + judgedSo(ds)}
}
