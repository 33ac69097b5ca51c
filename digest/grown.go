package digest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// ToldDeals are the open deals of which a digest told the share in order: those without a
// finding as well, which it does not name.
type ToldDeals struct {
	Owners  map[string]int `json:"o,omitempty"` // by person
	Imports []ToldImport   `json:"i,omitempty"`
}

// ToldImport is one import as a digest told it.
type ToldImport struct {
	Source string    `json:"s"`
	First  time.Time `json:"f"`
	Last   time.Time `json:"l"`
	Deals  int       `json:"n"`
}

// A share that other deals make another one is nobody's work on these. It is explained where
// so many more or fewer deals are counted than in the last digest.
const (
	grownFrom  = hygiene.ImportFrom
	grownLeast = 10 // deals that explain it as well, where they are a tenth of those before
)

// key names the person in what is kept.
func (p person) key() string {
	if p.email != "" || p.id == "" {
		return p.email
	}
	return p.source + "|" + p.id
}

// owned counts the team's open deals by owner.
func (p *portfolio) owned() map[person]int {
	out := map[person]int{}
	for _, s := range p.current {
		for _, t := range s.Tallies {
			if t.Team == p.team && t.Deals > 0 {
				out[personBy(t.OwnerEmail, s.Source, t.OwnerID)] += t.Deals
			}
		}
	}
	return out
}

// toldDeals is what the digest says of how many deals there are, nil where that is not known.
func (b *brief) toldDeals() *ToldDeals {
	if b.own || !b.book.tally.fraction || len(b.sources.shown) < len(b.sources.all) {
		return nil
	}
	t := &ToldDeals{Owners: map[string]int{}}
	for who, n := range b.portfolio.owned() {
		t.Owners[who.key()] += n
	}
	for _, x := range b.batches() {
		t.Imports = append(t.Imports, ToldImport{x.source, x.First, x.Last, x.Deals})
	}
	return t
}

// batch is an import of one source.
type batch struct {
	source string
	hygiene.Import
}

// batches lists the team's imports.
func (b *brief) batches() (out []batch) {
	for _, s := range b.portfolio.current {
		for _, x := range s.Imports {
			if x.Team == b.portfolio.team {
				out = append(out, batch{s.Source, x})
			}
		}
	}
	return out
}

// grownWords say which deals made the share in order another one since the last digest: how
// many more or fewer there are, and whose; which of these were created at once, and what the
// share is without them. They are "" where as many deals as before are counted.
func (b *brief) grownWords() string {
	if b.wall.first() || b.in.Told == nil || b.in.Told.Count == nil || b.toldDeals() == nil {
		return ""
	}
	was := b.in.Told.Count
	before, now := 0, b.book.tally.deals
	for _, n := range was.Owners {
		before += n
	}
	fresh := slices.DeleteFunc(b.batches(), func(x batch) bool {
		known := 0
		for _, t := range was.Imports {
			if t.Source == x.source && x.Meets(t.First, t.Last) {
				known += t.Deals
			}
		}
		return x.Deals-known < hygiene.ImportFrom
	})
	more := max(now-before, before-now)
	if len(fresh) == 0 && more < grownFrom && (more < grownLeast || 10*more < before) {
		return ""
	}
	var said []string
	if more > 0 {
		said = append(said, b.moreWords(now-before, was.Owners))
	}
	if len(fresh) > 0 {
		said = append(said, b.importWords(fresh))
	}
	return strings.Join(said, " ")
}

// moreWords say how many deals more or fewer are counted, and whose they are, as a sum.
func (b *brief) moreWords(more int, was map[string]int) string {
	type step struct {
		who  person
		more int
	}
	var steps []step
	rest := maps.Clone(was)
	for who, n := range b.portfolio.owned() {
		if d := n - rest[who.key()]; d != 0 {
			steps = append(steps, step{who, d})
		}
		delete(rest, who.key())
	}
	for key, n := range rest {
		steps = append(steps, step{personOfKey(key), -n})
	}
	size := func(s step) int { return max(s.more, -s.more) }
	name := b.wording.people.short
	slices.SortFunc(steps, func(x, y step) int {
		return cmp.Or(cmp.Compare(size(y), size(x)), cmp.Compare(name(x.who), name(y.who)))
	})
	var said []string
	for i, s := range steps {
		if i == mostTallied && len(steps) > mostTallied+1 {
			others := 0
			for _, s := range steps[i:] {
				others += s.more
			}
			said = append(said, words.Count(len(steps)-i, "other", "others")+" "+signed(others))
			break
		}
		said = append(said, name(s.who)+" "+signed(s.more))
	}
	word := " more"
	if more < 0 {
		more, word = -more, " fewer"
	}
	return "Since " + b.wall.since + ": " + words.Number(more) + word + words.Plural(more, " deal", " deals") + " (" + strings.Join(said, ", ") + ")."
}

// personOfKey is the person that [person.key] named.
func personOfKey(key string) person {
	if source, id, ok := strings.Cut(key, "|"); ok {
		return person{source: source, id: id}
	}
	return person{email: key}
}

// signed is a number as it is added up.
func signed(n int) string {
	switch {
	case n < 0:
		return "−" + words.Number(-n)
	case n > 0:
		return "+" + words.Number(n)
	}
	return "±0"
}

// importWords say which deals were created at once, and how the others stand.
func (b *brief) importWords(xs []batch) string {
	count := map[string]int{}
	n := 0
	var days []string
	for _, x := range xs {
		n += x.Deals
		for id, of := range x.Owners {
			count[b.wording.people.short(b.portfolio.owner(x.source, id))] += of
		}
		if day := words.Day(crm.DateOf(x.First, b.wall.loc), b.wall.farAway()); !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	whose := " (" + tallied(count) + ")"
	if len(count) == 1 {
		whose = " of " + tallied(count)
		if count["No owner"] > 0 {
			whose = " without an owner"
		}
	}
	said := words.Count(n, "deal", "deals") + whose + " were created at once on " + words.List(days)
	t := &b.book.tally
	judged, inOrder := t.judged()-n, t.inOrder()-n
	for _, d := range b.book.deals {
		if !slices.ContainsFunc(xs, func(x batch) bool { return x.source == d.source && x.Holds(d.facts.CreatedAt) }) {
			continue
		}
		switch d.class {
		case Unjudged:
			judged, inOrder = judged+1, inOrder+1 // in neither
		case Needs, Old:
			inOrder++
		case 0, Unseen, Paused:
		}
	}
	if judged > 0 && inOrder >= 0 && inOrder <= judged {
		said += "; without them " + words.Number(inOrder) + " of " + words.Number(judged) + " (" + words.Percent(float64(inOrder), float64(judged)) + ")"
	}
	return said + "."
}

// owner is the person with the id in the source.
func (p *portfolio) owner(source, id string) person {
	for _, s := range p.current {
		for _, t := range s.Tallies {
			if s.Source == source && t.OwnerID == id {
				return personBy(t.OwnerEmail, source, id)
			}
		}
	}
	return personBy("", source, id)
}
