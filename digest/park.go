package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// parks are those that the digest is about.
func (in *Input) parks(s *sources, whose func(owner string) bool) []hygiene.Park {
	return slices.DeleteFunc(slices.Clone(in.Parks), func(k hygiene.Park) bool { return k.Away || !s.judged(k.Source) || !whose(k.Deal.OwnerEmail) })
}

// wokeWords say since when a deal is asked about again, and for how long and why it was
// parked: "Woke up today: parked 30 days for “budget in January”."
func (d *deal) wokeWords(w *wall) string {
	k := d.woke
	if k == nil {
		return wokeWord + "today." // a rule of it was parked, or the park is of long ago
	}
	on := k.Until
	if k.End != hygiene.EndOver {
		on = w.cal.Date(k.Ended)
	}
	s := wokeWord + when(on, w) + ": parked " + words.Count(max(1, k.Days(w.cal)), "day", "days")
	if k.End == hygiene.EndOver {
		s += cuts[k.Cut]
	}
	if reason := plain.Clip(k.Reason, 120); reason != "" {
		s += " for “" + reason + "”"
	}
	if k.End != hygiene.EndOver {
		s += ", " + endings[k.End]
	}
	return words.Sentence(strings.TrimSuffix(s, ","))
}

// cuts say why a park ended before the day that the CRM still asks for.
var cuts = map[hygiene.Limit]string{
	hygiene.CutOnce: ", the most at a time,",
	hygiene.CutMost: ", the last of those that its owner has,",
}

// endings say why a park ended before its last day.
var endings = map[hygiene.Ending]string{
	hygiene.EndOwner:     "and has another owner since",
	hygiene.EndTakenBack: "until its owner took that back",
	hygiene.EndUnparked:  "until somebody ended that",
	hygiene.EndReplaced:  "until that was replaced",
	hygiene.EndClosed:    "until it was closed",
	hygiene.EndOff:       "until it was no longer judged",
}

func when(d crm.Date, w *wall) string {
	if d == w.today {
		return "today"
	}
	return "on " + words.Day(d, w.today)
}

// mostPaused is how many parked deals of the commit are named.
const mostPaused = 3

// pausedSpans say which deals of the commit are in doubt because they are parked: nobody is
// asked about them, and the sum counts on them.
func (c *commitment) pausedSpans() Line {
	var ds []*deal
	for _, d := range slices.Concat(c.shares[doubt].deals, c.shares[doubt].bare) {
		if d.park != nil {
			ds = append(ds, d)
		}
	}
	slices.SortStableFunc(ds, func(a, b *deal) int { return cmp.Compare(a.park.Until, b.park.Until) })
	var line Line
	for i, d := range ds {
		if i == mostPaused {
			line = append(line, Span{Text: " " + words.Count(len(ds)-i, "more deal of it is", "more deals of it are") + " paused."})
			break
		}
		name := nameOf(d)
		name[0].Bold = false
		line = append(append(append(line, Span{Text: " "}), name...), Span{Text: " is paused " + pausedWords(d.park, c.today)})
	}
	return line
}

// pausedWords say until when, by whom and why: "to 12 Jan by its owner: budget".
func pausedWords(k *hygiene.Park, today crm.Date) string {
	by := "its owner"
	if k.How == hygiene.ByCommand {
		by = plain.Clip(cmp.Or(k.By, "those who run Pipetidy"), 60)
	}
	s := "to " + words.Day(k.Until, today) + " by " + by
	if reason := plain.Clip(k.Reason, 120); reason != "" {
		s += ": " + reason
	}
	return words.Sentence(s)
}
