package digest

import (
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
)

// sources are the accounts whose deals the digest is about, with how far the data of
// each can be trusted.
type sources struct {
	all   []SourceStatus
	shown []SourceStatus // judged: not withheld
	money *money
	wall  *wall
}

func newSources(in *Input, w *wall) *sources {
	s := &sources{all: in.Sources, money: newMoney(in), wall: w}
	for _, x := range in.Sources {
		if x.Withheld == "" {
			s.shown = append(s.shown, x)
		}
	}
	return s
}

// judged reports whether the findings of the source called name are shown.
func (s *sources) judged(name string) bool {
	for i := range s.shown {
		if s.shown[i].Name == name {
			return true
		}
	}
	return false
}

// unreadAfter is how old data may be before a digest says that nothing was read since:
// a poll or two that failed are nobody's news.
const unreadAfter = time.Hour

// unread reports whether the source was not read any more: its syncs fail, or nothing
// was read since the reader's last digest. Nothing new is then no sign of calm.
func (s *sources) unread(x SourceStatus) bool {
	if x.AsOf.IsZero() || s.wall.now.Sub(x.AsOf) <= unreadAfter || x.Withheld != "" && x.Cause != Stale {
		return false
	}
	return x.Failed || x.Cause == Stale || !s.wall.first() && !x.AsOf.After(s.wall.last)
}

// noNews reports whether nothing was read of any source since the reader's last digest,
// so that "0 new" would look like a calm day.
func (s *sources) noNews() bool {
	for _, x := range s.all {
		if !s.unread(x) || x.Withheld == "" && (s.wall.first() || x.AsOf.After(s.wall.last)) {
			return false
		}
	}
	return len(s.all) > 0
}

// partly reports whether a part of what deals are judged by was read after AsOf.
func (s *sources) partly(x SourceStatus) bool { return x.Newest.Sub(x.AsOf) > unreadAfter }

// since says since when the source was not read: "nothing could be read since Mon 08:31".
func (s *sources) since(x SourceStatus) string {
	what := "nothing"
	if s.partly(x) {
		what = "not everything"
	}
	how := " was read since "
	if x.Failed {
		how = " could be read since "
	}
	return what + how + s.wall.stamp(x.AsOf)
}

// unreadWords say for a subject which sources were not read, and since when.
func (s *sources) unreadWords() []string {
	var out []string
	for _, x := range s.all {
		switch {
		case !s.unread(x):
		case len(s.all) == 1:
			out = append(out, s.since(x))
		default:
			out = append(out, s.label(x)+": "+s.since(x))
		}
	}
	return out
}

// complete reports whether every source was read in full and lately, and none is
// withheld.
func (s *sources) complete() bool {
	for _, x := range s.all {
		if x.Withheld != "" || !x.Complete || s.unread(x) {
			return false
		}
	}
	return len(s.all) > 0
}

// dataLine says how old the data of each source is, and whether it is complete.
func (s *sources) dataLine() Line {
	var good, bad []string
	for _, x := range s.all {
		switch {
		case x.Withheld != "" && s.unread(x):
			bad = append(bad, s.label(x)+": "+s.since(x)+", findings withheld")
		case x.Withheld != "":
			bad = append(bad, s.asOf(x)+": findings withheld")
		case s.unread(x):
			bad = append(bad, s.label(x)+": "+s.since(x))
		case !x.Complete:
			bad = append(bad, s.dataOf(x))
		default:
			good = append(good, s.dataOf(x))
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

// dataWords say how old the data is, for the end of a message: "Salesforce 07:57,
// HubSpot 07:59".
func (s *sources) dataWords() string {
	var data []string
	sep := ", "
	for _, x := range s.all {
		data = append(data, s.dataOf(x))
		if x.Withheld != "" || s.unread(x) {
			sep = "; " // the reason may hold a comma
		}
	}
	return strings.Join(data, sep)
}

// asOf names a source and the time of its data.
func (s *sources) asOf(x SourceStatus) string {
	if x.AsOf.IsZero() {
		return s.label(x)
	}
	return s.label(x) + " " + s.wall.stamp(x.AsOf)
}

// dataOf says how old a source's data is, and what is wrong with it.
func (s *sources) dataOf(x SourceStatus) string {
	name := s.asOf(x)
	switch {
	case s.unread(x) && x.Withheld != "":
		return s.label(x) + ", " + s.since(x) + ", findings withheld"
	case s.unread(x):
		return s.label(x) + ", " + s.since(x)
	case x.Withheld != "":
		why := strings.TrimRight(plain.Clip(x.Withheld, 200), ".")
		if !strings.Contains(strings.ToLower(why), "withheld") {
			why += ", findings withheld"
		}
		return name + ": " + why
	case !x.Complete:
		return name + ": not complete"
	}
	return name
}

// label is the reader's word for the source; sources of the same type get their names
// as well.
func (s *sources) label(x SourceStatus) string {
	label := x.Label
	if label == "" {
		label = x.Name
	}
	for _, o := range s.all {
		if o.Name != x.Name && o.Label == x.Label && x.Label != "" {
			label += " (" + x.Name + ")"
			break
		}
	}
	return plain.Clip(label, 60)
}

// where names the judged sources, for a digest in which others are withheld.
func (s *sources) where() string {
	var names []string
	for _, x := range s.shown {
		names = append(names, s.label(x))
	}
	return " in " + words.List(names)
}

// origin names the source of a deal, "" for the first of the shown sources, which goes
// without saying.
func (s *sources) origin(source string) string {
	for i, x := range s.shown {
		if i > 0 && x.Name == source {
			if label := s.label(x); strings.Contains(label, "(") {
				return ", " + label
			}
			return " (" + s.label(x) + ")"
		}
	}
	return ""
}

// missing says which sources are withheld, so no number includes them, and which were
// not read any more. When every source is withheld, this section replaces all numbers.
func (s *sources) missing() Section {
	var out Section
	if len(s.all) == 0 {
		out.Lines = append(out.Lines, text("No source is configured, so nothing was judged."))
	}
	for _, x := range s.all {
		switch {
		case x.Withheld != "":
			out.Lines = append(out.Lines, text(s.withheld(x)))
		case s.unread(x):
			out.Lines = append(out.Lines, text(s.notSeen(x)))
		}
	}
	return out
}

// notSeen says what the reader cannot conclude from a digest of a source that was not
// read any more.
func (s *sources) notSeen(x SourceStatus) string {
	what := " since " + s.wall.stamp(x.AsOf) + " is "
	if s.partly(x) {
		return "Not all that was changed in " + s.label(x) + what + "in this digest."
	}
	return "What was changed in " + s.label(x) + what + "not in this digest."
}

// withheld says in plain sentences why findings are withheld, how old the data is, and
// what brings the findings back.
func (s *sources) withheld(x SourceStatus) string {
	of, why := "Findings on "+s.label(x)+" deals are withheld", strings.TrimRight(plain.Clip(x.Withheld, 200), ".")
	switch {
	case x.Cause == Stale && !x.AsOf.IsZero():
		return of + ": " + s.since(x) + ", " + ago(s.wall.now.Sub(x.AsOf)) + ". They come back with the first digest after a complete sync."
	case x.Cause == HeldBack && !x.AsOf.IsZero():
		return of + ": in the data from " + s.wall.stamp(x.AsOf) + ", " + why + ". They come back when the permissions of the login have been restored and everything has been read again."
	case x.Cause == Unjoined:
		return of + " for now: " + why + "."
	case x.Cause == WarmingUp:
		return of + " until everything has been read once (" + strings.TrimPrefix(why, "warming up: ") + ")."
	}
	return of + ": " + why + "."
}

// ago writes how long ago something was, in whole hours, or days from three on.
func ago(d time.Duration) string {
	hours := int(d.Hours())
	if hours < 72 {
		return words.Count(hours, "hour", "hours") + " ago"
	}
	return words.Count(hours/24, "day", "days") + " ago"
}
