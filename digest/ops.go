package digest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
)

// ops is the daily digest of those who run the program: what to do first, how the data is,
// what was sent, and what changed. It is sent on each of its days: who hears nothing cannot
// tell a quiet day from a daemon that has ended.
func ops() Kind {
	return Kind{
		Name:       "ops",
		Doc:        "those under ops.notify get one about the program: what to do first, the data, what was sent",
		Program:    true,
		Recipients: eachOps,
		Quiet:      func(*Input) bool { return false },
		Compose:    opsDaily,
	}
}

func eachOps(a Audience) []Recipient {
	var out []Recipient
	for i, email := range a.Ops {
		out = append(out, Recipient{Email: email, Why: "runs Pipetidy", Place: fmt.Sprintf("ops.notify[%d]", i)})
	}
	return out
}

// mostMatters, mostNames and mostReasons bound the lists; `pipetidy status` has the rest.
const (
	mostMatters = 20
	mostNames   = 10
	mostReasons = 3
)

func opsDaily(in *Input) Digest {
	b := newBrief(in, false)
	d := b.digest("Pipetidy ops, " + b.wall.day() + ": " + b.upkeepNews())
	d.Sections = append(d.Sections,
		Section{Title: "Pipetidy · ops · " + b.wall.day(), Lines: compact(b.runningLine(), b.welcomeOps(), b.missedLine())},
		b.mattersSection(),
		Section{Lines: compact(b.pollsLine(), b.outcomesLine(), b.parkedLine(), b.changesLine(), b.nobodysLine())},
		Section{Lines: []Line{note("pipetidy status shows how everything stands.")}})
	return b.finished(d)
}

// allWell reports whether there is nothing to do, everything was read, and everything that
// was to arrive did.
func (b *brief) allWell() bool {
	return len(b.in.Upkeep.Matters) == 0 && b.sources.complete() && b.in.Upkeep.Sent.well()
}

func (b *brief) upkeepNews() string {
	switch n := len(b.in.Upkeep.Matters); {
	case n > 0:
		return words.Number(n) + " to do"
	case b.allWell():
		return "all well"
	}
	return "nothing to do"
}

// runningLine says since when which version runs.
func (b *brief) runningLine() Line {
	var says []string
	if at := b.in.Upkeep.Since; !at.IsZero() {
		says = append(says, "running since "+b.wall.stamp(at))
	}
	if v := plain.Clip(b.in.Upkeep.Version, 40); v != "" {
		says = append(says, "version "+v)
	}
	if len(says) == 0 {
		return nil
	}
	return text(strings.Join(says, ", "))
}

// mattersSection lists what somebody has to do something about.
func (b *brief) mattersSection() Section {
	ms := b.in.Upkeep.Matters
	switch {
	case b.allWell():
		return Section{Lines: []Line{text("All well: nothing waits for you.")}}
	case len(ms) == 0:
		return Section{Lines: []Line{text("Nothing waits for you.")}}
	}
	s := Section{Title: "DO FIRST"}
	for i, m := range ms[:min(len(ms), mostMatters)] {
		line := Line{{Text: words.Number(i+1) + " ", Role: Index}, {Text: words.Sentence(plain.Clip(m.Text, 600)), Role: Reason}}
		if !m.Told.IsZero() {
			line = append(line, Span{Text: " Told " + b.wall.stamp(m.Told) + ".", Role: Status})
		}
		s.Lines = append(s.Lines, line)
	}
	if n := len(ms) - mostMatters; n > 0 {
		s.Lines = append(s.Lines, text(words.Number(n)+" more: pipetidy status."))
	}
	return s
}

// about is a line under a word in bold.
func about(what, says string) Line {
	return Line{{Text: what + ":", Bold: true}, {Text: " " + says}}
}

// pollsLine says for each source when it was read, how it is, and what that costs. What is
// not known is not said.
func (b *brief) pollsLine() Line {
	var says []string
	for _, x := range b.sources.all {
		say := plain.Clip(x.Name, 60)
		switch {
		case b.sources.unread(x):
			say += ": " + b.sources.since(x)
		case x.Cause == WarmingUp:
			say += ": " + strings.TrimRight(plain.Clip(x.Withheld, 200), ".")
		case x.AsOf.IsZero():
			say += ": not read to its end yet"
		default:
			say += " " + b.wall.stamp(x.AsOf)
		}
		if x.Withheld != "" {
			say += ", findings withheld"
		}
		if i := slices.IndexFunc(b.in.Upkeep.Polls, func(p Poll) bool { return p.Source == x.Name }); i >= 0 {
			say += ", " + words.Percent(b.in.Upkeep.Polls[i].Used, 1) + " of its share of today's calls used"
		}
		says = append(says, say)
	}
	if len(says) == 0 {
		return about("Data", "no source is configured")
	}
	return about("Data", strings.Join(says, " · "))
}

// outcomesLine says what became of yesterday's digests.
func (b *brief) outcomesLine() Line {
	o := &b.in.Upkeep.Sent
	var says []string
	if n := o.due(); n > 0 {
		say := words.Number(inAll(o.By)) + " of " + words.Number(n)
		if len(o.By) > 0 {
			var by []string
			for _, t := range o.By {
				by = append(by, words.Number(t.N)+" by "+plain.Clip(t.What, 20))
			}
			say += ": " + strings.Join(by, ", ")
		}
		says = append(says, say, words.Number(o.Unknown)+" unknown")
	} else {
		says = append(says, "no digest was to arrive")
	}
	if o.Waiting > 0 {
		says = append(says, words.Number(o.Waiting)+" not settled yet")
	}
	for _, of := range []struct {
		what string
		ts   []Tallied
	}{{"failed", o.Failed}, {"expired", o.Expired}, {"skipped", o.Skipped}} {
		if len(of.ts) > 0 {
			says = append(says, words.Number(inAll(of.ts))+" "+of.what+" ("+because(of.ts)+")")
		}
	}
	for _, s := range o.Unsent[:min(len(o.Unsent), mostNames)] {
		says = append(says, plain.Clip(s, 200))
	}
	if n := len(o.Unsent) - mostNames; n > 0 {
		says = append(says, words.Count(n, "other reason", "other reasons")+" for which digests went to nobody")
	}
	return about("Sent yesterday", words.Sentence(strings.Join(says, "; ")))
}

// because gives the first few reasons, with their numbers where there are several.
func because(ts []Tallied) string {
	var out []string
	for _, t := range ts[:min(len(ts), mostReasons)] {
		say := plain.Clip(t.What, 120)
		if len(ts) > 1 {
			say = words.Number(t.N) + " " + say
		}
		out = append(out, say)
	}
	if n := len(ts) - mostReasons; n > 0 {
		out = append(out, words.Count(n, "other reason", "other reasons"))
	}
	return strings.Join(out, "; ")
}

// parkedLine counts the deals that are parked, and names those that wake up tomorrow.
func (b *brief) parkedLine() Line {
	deals, wake := map[[2]string]bool{}, []string(nil)
	ks := b.in.parks(b.sources, func(string) bool { return true })
	for i := range ks {
		k := &ks[i]
		id := [2]string{k.Source, k.Record}
		if !k.Holds() || deals[id] {
			continue
		}
		if deals[id] = true; k.Until == b.wall.today+1 {
			wake = append(wake, plain.Clip(k.Deal.Name, 60))
		}
	}
	if len(deals) == 0 {
		return nil
	}
	say := words.Number(len(deals))
	if n := len(wake); n > 0 {
		slices.Sort(wake)
		say += ", " + words.Number(n) + words.Plural(n, " wakes", " wake") + " up tomorrow (" + listed(wake) + ")"
	}
	return about("Parked", words.Sentence(say))
}

// changesLine says what deals are judged by otherwise than at the last digest.
func (b *brief) changesLine() Line {
	var says []string
	for i := range b.in.Changed {
		c := &b.in.Changed[i]
		say := plain.Clip(c.Source, 60) + ": " + strings.TrimRight(plain.Clip(c.Text, 160), ".")
		if of := plain.Clip(cmp.Or(c.Pipeline, c.Owner), 60); of != "" {
			say += " (" + of + ")"
		}
		if !slices.Contains(says, say) {
			says = append(says, say)
		}
	}
	if len(says) == 0 {
		return nil
	}
	return about("Changed since "+b.wall.since, words.Sentence(listedBy(says, "; ")))
}

// nobodysLine names those who own deals and are in no team, so that no digest lists these.
func (b *brief) nobodysLine() Line {
	var says []string
	for _, x := range b.in.Upkeep.Nobody {
		n := words.Number(x.Deals)
		if len(says) == 0 {
			n = words.Count(x.Deals, "deal", "deals")
		}
		says = append(says, plain.Clip(x.Owner, 60)+" ("+n+")")
	}
	if len(says) == 0 {
		return nil
	}
	return about("Nobody's", words.Count(len(says), "owner", "owners")+" in no team: "+words.Sentence(listed(says)))
}

// listed lists the first of many, and says how many there are besides.
func listed(all []string) string { return listedBy(all, ", ") }

func listedBy(all []string, sep string) string {
	s := strings.Join(all[:min(len(all), mostNames)], sep)
	if n := len(all) - mostNames; n > 0 {
		s += sep + words.Number(n) + " more"
	}
	return s
}
