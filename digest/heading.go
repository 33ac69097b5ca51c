package digest

import (
	"strings"

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
		if s.Withheld != "" || !s.Complete {
			bad = append(bad, c.dataOf(s))
		} else {
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

// dataOf says how old a source's data is, and what is wrong with it.
func (c *composer) dataOf(s SourceStatus) string {
	name := c.label(s)
	if !s.AsOf.IsZero() {
		name += " " + c.stamp(s)
	}
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

// withheld stands in place of all numbers when no source may be judged.
func (c *composer) withheld() Section {
	if len(c.in.Sources) == 0 {
		return Section{Lines: []Line{text("No source is configured, so nothing was judged.")}}
	}
	what := "Findings are withheld today, because judging on such data would be wrong. They come back with the next digest after a complete sync."
	return Section{Lines: []Line{text(what)}}
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

func note(s string) Line { return Line{{Text: s, Kind: Note}} }
