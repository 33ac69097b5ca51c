package digest

import (
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// heading is the first section: who and when, and how far the data can be
// trusted. Its title heads the whole message, its first line is the data line.
func (c *composer) heading() Section {
	s := Section{Title: c.team() + " · " + c.today.Weekday().String()[:3] + " " + c.today.Short()}
	s.Lines = compact(c.dataLine())
	if c.in.Missed != "" {
		s.Lines = append(s.Lines, text(sentence(upperFirst(Clip(c.in.Missed, 300)))))
	}
	return s
}

// dataLine says of each source how old its data is and whether it is complete.
func (c *composer) dataLine() Line {
	var good, bad []string
	for _, s := range c.in.Sources {
		switch {
		case s.Withheld != "":
			bad = append(bad, c.asOf(s)+": findings withheld")
		case !s.Complete:
			bad = append(bad, c.dataOf(s))
		default:
			good = append(good, c.dataOf(s))
		}
	}
	var parts []string
	if len(good) > 0 {
		word := "complete"
		switch {
		case len(good) == 2:
			word = "both complete"
		case len(good) > 2:
			word = "all complete"
		}
		parts = append(parts, strings.Join(good, ", ")+", "+word)
	}
	if len(parts)+len(bad) == 0 {
		return nil
	}
	return text(strings.Join(append(parts, bad...), "; "))
}

// asOf names a source and the time of its data.
func (c *composer) asOf(s SourceStatus) string {
	if s.AsOf.IsZero() {
		return c.label(s)
	}
	return c.label(s) + " " + c.stamp(s)
}

// dataOf says how old a source's data is, and what is wrong with it.
func (c *composer) dataOf(s SourceStatus) string {
	name := c.asOf(s)
	switch {
	case s.Withheld != "":
		why := strings.TrimRight(Clip(s.Withheld, 200), ".")
		if !strings.Contains(strings.ToLower(why), "withheld") {
			why += ", findings withheld"
		}
		return name + ": " + why
	case !s.Complete:
		return name + ": not complete"
	}
	return name
}

// stamp is the time of a source's data: with the day unless it is today's.
func (c *composer) stamp(s SourceStatus) string {
	clock := s.AsOf.In(c.loc).Format("15:04")
	if crm.DateOf(s.AsOf, c.loc) == c.today {
		return clock
	}
	return moment(s.AsOf, c.in.Now, c.loc) + " " + clock
}

// label is what the reader calls the source; two of one kind get their names.
func (c *composer) label(s SourceStatus) string {
	label := s.Label
	if label == "" {
		label = s.Name
	}
	for _, o := range c.in.Sources {
		if o.Name != s.Name && o.Label == s.Label && s.Label != "" {
			label += " (" + s.Name + ")"
			break
		}
	}
	return Clip(label, 60)
}

// origin names the source of a deal where more than one is shown: all but the
// first.
func (c *composer) origin(source string) string {
	for i, s := range c.shown {
		if i > 0 && s.Name == source {
			if label := c.label(s); strings.Contains(label, "(") {
				return ", " + label
			}
			return " (" + c.label(s) + ")"
		}
	}
	return ""
}

// missing says which sources no number speaks for. It stands in place of all numbers
// where that is every source.
func (c *composer) missing() Section {
	var s Section
	if len(c.in.Sources) == 0 {
		s.Lines = append(s.Lines, text("No source is configured, so nothing was judged."))
	}
	for _, src := range c.in.Sources {
		if src.Withheld != "" {
			s.Lines = append(s.Lines, text(c.withheld(src)))
		}
	}
	return s
}

// withheld says in plain sentences why findings are withheld, as of when the data
// is, and what brings them back.
func (c *composer) withheld(s SourceStatus) string {
	of, why := "Findings on "+c.label(s)+" deals are withheld", strings.TrimRight(Clip(s.Withheld, 200), ".")
	switch {
	case s.Cause == Stale && !s.AsOf.IsZero():
		return of + ": the data is from " + c.stamp(s) + ", " + ago(c.in.Now.Sub(s.AsOf)) + ". They come back with the first digest after a complete sync."
	case s.Cause == HeldBack && !s.AsOf.IsZero():
		return of + ": in the data from " + c.stamp(s) + ", " + why + ". They come back when the permissions of the login have been restored and everything has been read again."
	case s.Cause == WarmingUp:
		return of + " until everything has been read once (" + strings.TrimPrefix(why, "warming up: ") + ")."
	}
	return of + ": " + why + "."
}

// ago writes how long ago something was that is hours old or more.
func ago(d time.Duration) string {
	hours := int(d.Hours())
	if hours < 72 {
		return count(hours, "hour", "hours") + " ago"
	}
	return count(hours/24, "day", "days") + " ago"
}

// closing says what was fixed and closed, what was not checked, and where to ask.
func (c *composer) closing() Section {
	s := Section{Lines: compact(c.fixedLine(), c.closedLine())}
	if l := c.uncheckedLine(); l != nil {
		s.Lines = append(s.Lines, l)
	}
	var help string
	if len(c.needs)+len(c.old) > 0 {
		help = "Fix it in the CRM, and it leaves this list at the next sync."
	}
	if ask := Clip(c.in.Help, 100); ask != "" {
		help = strings.TrimSpace(help + " Wrong? Ask " + sentence(ask))
	}
	if help != "" {
		s.Lines = append(s.Lines, note(help))
	}
	return s
}

// uncheckedLine says what could not be checked, nil when everything could.
func (c *composer) uncheckedLine() Line {
	var words []string
	for _, u := range c.in.Unchecked {
		if u = strings.TrimRight(Clip(u, 200), "."); u != "" {
			words = append(words, u)
		}
	}
	if len(words) == 0 {
		return nil
	}
	const most = 8
	if len(words) > most {
		words = append(words[:most], number(len(words)-most)+" more")
	}
	return note("Not checked: " + sentence(strings.Join(words, "; ")))
}

func note(s string) Line { return Line{{Text: s, Role: Note}} }
