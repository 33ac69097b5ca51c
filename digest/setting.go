package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// leastRenamed is how many deals have to have got the same other forecast category, and
// none another, to be taken for one that was renamed: nobody moves each deal of a category.
const leastRenamed = 3

// replaced reports whether the source had the former category on open deals, of any team, and
// has it on none any more, and the other way round for the present one. Where both are in use
// on either day, people moved the deals, however many they are. Nobody knows of a day on which
// some category could not be read.
func (in *Input) replaced(source, former, present string) bool {
	on := func(ss []hygiene.Snapshot) []string {
		for i := range ss {
			if ss[i].Source == source {
				return ss[i].Forecasts
			}
		}
		return nil
	}
	was, is := on(in.Previous), on(in.Snapshots)
	return slices.Contains(was, former) && !slices.Contains(was, present) && slices.Contains(is, present) && !slices.Contains(is, former)
}

// settings knows what a setting, or our sight, has made of deals since the last digest. None
// of that is an event, even of a deal that somebody dealt with as well.
type settings struct {
	changed []Change
	renamed map[[3]string]bool // by source, former and present forecast category
}

func newSettings(in *Input) *settings {
	s := &settings{changed: in.Changed, renamed: map[[3]string]bool{}}
	told := in.Told.byRecord()
	if len(told) == 0 {
		return s
	}
	became := map[[2]string]map[string]int{} // by source and former category
	seen := map[[2]string]bool{}
	for i := range in.Lives {
		l := &in.Lives[i]
		key := [2]string{l.Source, l.Record}
		t := told[key]
		if t == nil || seen[key] || l.State != hygiene.Open || l.Held || t.Forecast == "" || l.Deal.Forecast == "" {
			continue
		}
		seen[key] = true
		of := [2]string{l.Source, t.Forecast}
		if became[of] == nil {
			became[of] = map[string]int{}
		}
		became[of][l.Deal.Forecast]++
	}
	for of, now := range became {
		for category, n := range now {
			if len(now) == 1 && n >= leastRenamed && in.replaced(of[0], of[1], category) {
				s.renamed[[3]string{of[0], of[1], category}] = true
			}
		}
	}
	return s
}

// made reports whether what the fact says of the deal may be another since the last digest
// without anybody having done anything.
func (s *settings) made(f Fact, d *deal) bool { return s.why(f, d) != "" }

// why says because of what the fact may be another, "" where that can only be somebody's
// doing.
func (s *settings) why(f Fact, d *deal) string {
	for i := range s.changed {
		if c := &s.changed[i]; c.Of == f && c.Source == d.source && (c.Pipeline == "" || strings.EqualFold(c.Pipeline, d.facts.Pipeline)) {
			return c.Text
		}
	}
	if f == InCommit && d.told != nil && s.renamed[[3]string{d.source, d.told.Forecast, d.facts.Forecast}] {
		return "the forecast category " + d.told.Forecast + " is called " + d.facts.Forecast + " now"
	}
	return ""
}

// outcome counts deals of which one setting made something else.
type outcome struct{ into, out, amount int }

// settingsLine says once what settings made of the deals that the last digest told of, nil
// for nothing.
func (b *brief) settingsLine() Line {
	var why []string
	of := map[string]*outcome{}
	because := func(text string) *outcome {
		if of[text] == nil {
			of[text] = &outcome{}
			why = append(why, text)
		}
		return of[text]
	}
	for _, d := range b.book.deals {
		t := d.told
		if t == nil || len(d.open) == 0 {
			continue
		}
		switch text := b.ranking.settings.why(InCommit, d); {
		case text == "" || d.facts.Commit == t.Commit:
		case d.facts.Commit:
			because(text).into++
		default:
			because(text).out++
		}
		if text := b.ranking.settings.why(Amount, d); text != "" && d.facts.Amount.Value != t.Amount {
			because(text).amount++
		}
	}
	var said []string
	const most = 3
	for _, text := range why[:min(len(why), most)] {
		var what []string
		if n := of[text].into; n > 0 {
			what = append(what, words.Number(n)+" counted as commit since "+b.wall.since)
		}
		if n := of[text].out; n > 0 {
			what = append(what, words.Number(n)+" no longer counted as commit")
		}
		if n := of[text].amount; n > 0 {
			what = append(what, words.Count(n, "deal has another amount", "deals have another amount"))
		}
		said = append(said, words.Sentence(strings.Join(what, ", ")+": "+strings.TrimRight(plain.Clip(text, 160), ".")))
	}
	if len(said) == 0 {
		return nil
	}
	return note(strings.Join(said, " "))
}
