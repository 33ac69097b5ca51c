package digest

import (
	"fmt"
	"slices"
)

// short is how many lines of a section a shortened digest keeps.
const short = 10

// Shorten makes the smaller edition of a digest that a channel refused for its size: the
// beginning of each section, nothing from below the fold, and a line that says so. Numbers
// stay those of the whole digest.
func Shorten(d Digest) Digest {
	left := 0
	sections := slices.Clone(d.Sections)
	for i := range sections {
		if s := &sections[i]; len(s.Lines) > short {
			left += len(s.Lines) - short
			s.Lines = slices.Clip(s.Lines[:short])
		}
	}
	for _, s := range d.Overflow {
		left += len(s.Lines)
	}
	d.Overflow = nil
	d.Sections = append(sections, Section{Lines: []Line{{{
		Text: fmt.Sprintf("The mail server took no larger message, so %d lines are left out; whoever runs Pipetidy can list all with `pipetidy check`.", left), Role: Note,
	}}}})
	return d
}
