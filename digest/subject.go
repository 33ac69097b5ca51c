package digest

import "strings"

// subject is the news in one line.
func (c *composer) subject() string {
	t := &c.tally
	var news []string
	switch {
	case len(c.shown) == 0:
		news = append(news, "findings withheld")
	case c.clean():
		news = append(news, "all "+count(t.deals, "deal", "deals")+" in order")
		if len(c.in.Unchecked) > 0 {
			news = append(news, "not all checked")
		}
	case c.empty() && t.need == 0 && t.skipped > 0:
		news = append(news, c.skippedWords())
	case c.empty() && t.need == 0:
		news = append(news, "no open deals found")
	case c.first:
		n := number(t.need)
		if t.fraction {
			n += " of " + number(t.judged())
		}
		news = append(news, n+" deals need an update")
		if len(c.old) > 0 {
			news = append(news, number(len(c.old))+" from before the start")
		}
	default:
		news = append(news, number(t.fresh)+" new", number(t.fixed)+" fixed")
	}
	if c.clean() && !c.first && t.fixed > 0 {
		news = append(news, number(t.fixed)+" fixed")
	}
	if clean, ok := c.cleanCommit(); ok {
		news = append(news, "commit "+clean+" without open doubts")
	}
	for _, s := range c.in.Sources {
		if s.Withheld != "" && len(c.shown) > 0 {
			news = append(news, c.label(s)+" withheld")
		}
	}
	return c.team() + ": " + strings.Join(news, ", ")
}

// team is the team's name as a reader says it.
func (c *composer) team() string {
	name := Clip(c.in.Team.Name, 60)
	switch {
	case name == "":
		return "Your team"
	case strings.HasPrefix(strings.ToLower(name), "team "):
		return name
	}
	return "Team " + name
}

// redirected says of a digest that goes elsewhere who would have got it.
func (c *composer) redirected(d Digest) Digest {
	say := sentence(Clip(c.in.Redirected, 300)) // it may begin with an address
	if say == "" {
		return d
	}
	d.Subject = "For " + Clip(c.in.Recipient, 100) + ": " + d.Subject
	if len(d.Sections) == 0 {
		d.Sections = []Section{{}}
	}
	first := &d.Sections[0]
	first.Lines = append([]Line{text(say)}, first.Lines...)
	return d
}
