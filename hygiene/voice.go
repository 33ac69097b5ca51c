package hygiene

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/pipetidy/pipetidy/crm"
)

// Voice makes sentences for a reader of a day: dates are written as of Today, and business
// days are counted in Calendar, that of the deal's owner, up to Today.
type Voice struct {
	Today    crm.Date
	Calendar *Calendar
}

// Voice is how the verdicts of the pass on the deal are said.
func (p *Pass) Voice(d *Deal) Voice {
	v := p.of(d)
	return Voice{Today: v.today, Calendar: v.cal}
}

// Days counts the business days after date, up to and including the day of the voice.
func (v Voice) Days(date crm.Date) int {
	cal := v.Calendar
	if cal == nil {
		cal = &Calendar{}
	}
	return cal.Between(date, v.Today)
}

// Tell writes the words of a life for a reader of the day of the pass, or of the day on which
// it ended, and measures what is counted in business days.
func (p *Pass) Tell(l *Life) {
	at := p.Now
	if !l.Ended.IsZero() {
		at = l.Ended
	}
	team := p.index.teams[l.Deal.OwnerEmail]
	for i := 0; team == nil && p.Teams != nil && i < len(p.Teams.List); i++ {
		if t := &p.Teams.List[i]; t.Key() == l.Deal.Team {
			team = t
		}
	}
	cal := p.index.calendar
	if c := p.Almanac.For(l.Deal.OwnerEmail, team); c != nil && c.Location != nil {
		cal = c
	}
	v := Voice{Today: cal.Date(at), Calendar: cal}
	l.Message, l.Value, l.Threshold, l.Fix = v.Text(l.Says.Message), v.Text(l.Says.Value), v.Text(l.Says.Threshold), v.Text(l.Says.Fix)
	l.Measured, l.Done = v.Measured(&l.Says), v.Text(l.SaysDone)
}

// Measured is what the value of a finding counts.
func (v Voice) Measured(s *Says) float64 {
	if s.Since.IsZero() {
		return s.Count
	}
	return float64(v.Days(s.Since))
}

// Text is the sentence. A sentence that the catalogue does not have, of a newer version,
// is "".
func (v Voice) Text(s Said) string {
	if s == "" {
		return ""
	}
	var b strings.Builder
	v.write(&b, s, 0)
	return b.String()
}

// mostNested bounds how deep sentences lie in each other.
const mostNested = 8

func (v Voice) write(b *strings.Builder, s Said, depth int) {
	id, args := s.args()
	if id == "" {
		if len(args) == 1 {
			b.WriteString(args[0].text)
		}
		return
	}
	sentence := english()[id]
	if sentence == nil || depth == mostNested {
		return
	}
	for _, p := range sentence.pieces {
		b.WriteString(p.text)
		if p.arg >= 0 && p.arg < len(args) {
			v.writeArg(b, &args[p.arg], p.formats, depth)
		}
	}
}

func (v Voice) writeArg(b *strings.Builder, a *Arg, formats []string, depth int) {
	switch a.kind {
	case argText:
		b.WriteString(a.text)
	case argTexts:
		if a.text != "" {
			v.list(b, strings.Split(a.text, separator), depth)
		}
	case argNumber:
		v.writeNumber(b, a.n, formats)
	case argDate:
		b.WriteString(v.date(crm.Date(a.n), formats))
	case argDates:
		for i, text := range strings.Split(a.text, separator) {
			if i > 0 {
				b.WriteString(", ")
			}
			n, _ := strconv.Atoi(text)
			b.WriteString(v.Date(crm.Date(n)))
		}
	case argSince:
		n := v.Days(crm.Date(a.n))
		if len(formats) == 0 {
			v.write(b, Say("business-days", Number(n)), depth+1)
			return
		}
		v.writeNumber(b, n, formats)
	case argSaid:
		v.write(b, Said(a.text), depth+1)
	case argSaids:
		var parts []string
		for rest := a.text; ; {
			text, after, ok := counted(rest)
			if !ok {
				break
			}
			var part strings.Builder
			v.write(&part, Said(text), depth+1)
			parts, rest = append(parts, part.String()), after
		}
		v.list(b, parts, depth)
	}
}

// list joins items as in a sentence: "a", "a and b", "a, b and c".
func (v Voice) list(b *strings.Builder, items []string, depth int) {
	last := len(items) - 1
	if last < 1 {
		b.WriteString(strings.Join(items, ""))
		return
	}
	v.write(b, Say("and", Text(strings.Join(items[:last], ", ")), Text(items[last])), depth+1)
}

// writeNumber writes a number as the sentence asks for: as it is, as people count, or with
// its noun.
func (v Voice) writeNumber(b *strings.Builder, n int, formats []string) {
	switch {
	case len(formats) == 2:
		noun := formats[1]
		if n == 1 {
			noun = formats[0]
		}
		b.WriteString(strconv.Itoa(n) + " " + noun)
	case len(formats) == 1 && formats[0] == "ordinal":
		b.WriteString(ordinal(n))
	default:
		b.WriteString(strconv.Itoa(n))
	}
}

func (v Voice) date(d crm.Date, formats []string) string {
	switch {
	case len(formats) == 0:
		return v.Date(d)
	case formats[0] == "day":
		return v.Day(d)
	case formats[0] == "weekday":
		return d.Weekday().String()[:3] + " " + v.Date(d)
	}
	return d.String() // "iso"
}

// Day writes a date as the reader of the day would: "today", "Mon" within the last six
// days, "23 Oct", and with the year where it is not this year's.
func (v Voice) Day(date crm.Date) string {
	switch age := int(v.Today) - int(date); {
	case age == 0:
		return "today"
	case age > 0 && age < 7:
		return date.Weekday().String()[:3]
	}
	return v.Date(date)
}

// Date writes "23 Oct", with the year where it is not this year's.
func (v Voice) Date(date crm.Date) string {
	this, _, _ := v.Today.Civil()
	if year, _, _ := date.Civil(); year != this {
		return date.Short() + " " + strconv.Itoa(year)
	}
	return date.Short()
}

// ordinal writes a number as people count: "third", "12th".
func ordinal(n int) string {
	words := []string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
	if n >= 0 && n < len(words) {
		return words[n]
	}
	end := "th"
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		end = "st"
	case n%10 == 2:
		end = "nd"
	case n%10 == 3:
		end = "rd"
	}
	return strconv.Itoa(n) + end
}

// sentence is a line of the catalogue.
type sentence struct {
	args   []string
	pieces []piece
}

// piece is a text, and the value after it; -1 is none.
type piece struct {
	text    string
	arg     int
	formats []string
}

//go:embed sentences/en.txt
var englishText string

// english is the catalogue of sentences by id.
var english = sync.OnceValue(func() map[string]*sentence { return catalogue(englishText) })

// catalogue reads lines as "id parameter parameter: sentence with a {parameter}". What is not
// a sentence is left out; a test reads the file strictly.
func catalogue(text string) map[string]*sentence {
	out := map[string]*sentence{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		head, body, ok := strings.Cut(line, ": ")
		names := strings.Fields(head)
		if !ok || len(names) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		s := &sentence{args: names[1:]}
		for body != "" {
			before, rest, open := strings.Cut(body, "{")
			name, after, closed := strings.Cut(rest, "}")
			if !open || !closed {
				s.pieces = append(s.pieces, piece{text: body, arg: -1})
				break
			}
			words := strings.Split(name, "|")
			p := piece{text: before, arg: -1, formats: words[1:]}
			for i, n := range s.args {
				if n == words[0] {
					p.arg = i
				}
			}
			s.pieces, body = append(s.pieces, p), after
		}
		out[names[0]] = s
	}
	return out
}
