package hygiene

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Yardstick is all that the deals of a source are judged by, as one short value for each
// part: the name of a part is its kind and what it is about, "rule no-activity". It is
// kept from one evaluation to the next, so what ends or begins because the yardstick
// changed is told from what people did. A part that is not there, such as a rule that is
// off, is as good as any other value.
type Yardstick map[string]string

// The kinds of parts.
const (
	partRule        = "rule "        // id: its check, its parameters, and what the login sees of what it reads
	partSeverity    = "severity "    // rule id: the operator's severity
	partSight       = "sight "       // field: the access, where it is not readable
	partDefinitions = "definitions " // pipeline in lower case, "" is any other: what the operator says of its stages
	partStages      = "stages "      // pipeline: its stages and their order in the CRM
	partSkip        = "skip "        // pipeline: its deals are not judged
	partCalendar    = "calendar "    // owner's address; "" is the company's
	partTeam        = "team "        // key of a team: its calendar, for deals without an owner
	partClock       = "clock"        // zone of the account, and which of its times are dates
	partCommit      = "commit"       // which deals are in the commit
	partAmount      = "amount"       // which field of the CRM the amounts are
	partFormat      = "format"
)

// yardstickFormat is written anew when parts are made in another way, so that yardsticks
// and bases of different versions of the program are not compared.
const yardstickFormat = "1"

// guards is the version of what decides about all rules alike: the guards of check, the
// touches, who hides whom. Raise it when one of them decides otherwise than before.
const guards = 2

// everyRule are the fields that the verdicts of all rules rest on.
var everyRule = []string{"pipeline", "stage", string(crm.Stages)}

// Yardstick is what the pass, which has been prepared, judges by.
func (p *Pass) Yardstick() Yardstick {
	y := Yardstick{partFormat: yardstickFormat}
	for i := range p.Rules {
		r := &p.Rules[i]
		s := p.Settings[r.ID]
		if s.Severity != 0 {
			y[partSeverity+r.ID] = s.Severity.String()
		}
		if !r.Off(s) {
			y[partRule+r.ID] = p.ruleMark(r, y)
		}
	}
	h := mark(0).add(p.access("forecast_category", y))
	commit := slices.Clone(p.Commit)
	slices.Sort(commit)
	y[partCommit] = h.add(commit...).String()
	y[partAmount] = mark(0).add(p.access("amount", y)).String()
	y[partClock] = mark(0).add(p.Source.Info.TimeZone).add(slices.Sorted(slices.Values(p.Source.Info.Dates))...).String()
	for key, l := range p.index.chart {
		if key != unreadPipeline { // the access to the stages is in each rule
			y[partStages+key], y[partDefinitions+key] = l.marks()
		}
	}
	for key := range p.index.skipped {
		y[partSkip+key] = "1"
	}
	p.calendarMarks(y)
	return y
}

// ruleMark sums up one rule, and notes which fields it reads that the login does not see.
func (p *Pass) ruleMark(r *Rule, y Yardstick) string {
	h := mark(0).add(strconv.Itoa(guards), strconv.Itoa(r.Version))
	for _, param := range r.Params {
		v, _ := p.Param(r.ID, param.Name)
		h = h.add(param.Name, strconv.FormatFloat(v, 'g', -1, 64))
	}
	for _, f := range r.Fields(p) {
		h = h.add(p.access(f, y))
	}
	if r.Quarters {
		h = h.add("fiscal", strconv.Itoa(int(max(p.Fiscal, time.January))))
	}
	if slices.Contains(r.Needs, "forecast_category") { // the rule is about deals of some categories alone
		h = h.add("commit").add(slices.Sorted(slices.Values(p.Commit))...)
	}
	return h.String()
}

// access says which field of the CRM the field is, and whether the login sees it.
func (p *Pass) access(field string, y Yardstick) string {
	a := p.Source.Info.Fields.Access(field)
	if a != crm.Readable {
		y[partSight+field] = string(a)
	}
	return field + " " + string(a) + " " + p.Source.Info.Mapped[field]
}

// Fields lists the fields that the verdicts of the rule rest on, sorted.
func (r *Rule) Fields(p *Pass) []string {
	all := slices.Concat(everyRule, r.Needs, r.Reads)
	if r.Wants != nil {
		all = append(all, r.Wants(p)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// marks sums up the stages of a pipeline and what the operator says of them.
func (l *line) marks() (stages, definitions string) {
	var s, d mark
	for _, id := range slices.Sorted(maps.Keys(l.stages)) {
		at := l.stages[id]
		s = s.add(fmt.Sprint(id, at.position, at.stage.Active, at.stage.Closed, at.stage.Won), category(at.stage.Forecast))
		if at.definition != nil {
			d = d.add(id, at.definition.Name)
		}
		if at.late {
			s = s.add("late")
		}
	}
	for i := range l.definitions {
		def := &l.definitions[i]
		d = d.add(def.Name, strconv.Itoa(def.MaxDays), strconv.FormatBool(def.Late), "entry").add(def.Entry...).add("exit").add(def.Exit...)
		if !def.From.IsZero() {
			d = d.add("from", def.From.String())
		}
	}
	return s.String(), d.String()
}

// calendarMarks notes the company's calendar, and those of teams and people that differ
// from it.
func (p *Pass) calendarMarks(y Yardstick) {
	company := p.index.calendar.mark()
	y[partCalendar] = company
	if p.Teams == nil {
		return
	}
	of := map[*Team]string{}
	for i := range p.Teams.List {
		t := &p.Teams.List[i]
		if of[t] = company; p.Almanac.Of(t) != nil && p.Almanac.Of(t).Location != nil {
			of[t] = p.Almanac.Of(t).mark()
		}
		if of[t] != company {
			y[partTeam+t.Key()] = of[t]
		}
	}
	for email, t := range p.index.teams {
		if of[t] != company {
			y[partCalendar+email] = of[t]
		}
	}
	if p.Almanac == nil {
		return
	}
	for email, c := range p.Almanac.People {
		if m := c.mark(); m != company {
			y[partCalendar+email] = m
		} else {
			delete(y, partCalendar+email)
		}
	}
}

// The holidays of these years make a calendar's mark. They are fixed, so that the turn of
// a year is no change.
const firstYear, lastYear = 2015, 2050

func (c *Calendar) mark() string {
	h := mark(0).add(c.Location.String())
	if c.Holidays != nil && c.Holidays.mark != "" {
		h = h.add(c.Holidays.mark)
	}
	for _, s := range c.Off {
		h = h.add(strconv.Itoa(int(s.From)), strconv.Itoa(int(s.To)))
	}
	return h.String()
}

// sum sums up the holidays that are no weekend; "" is none.
func (h *Holidays) sum() string {
	m := mark(0)
	first, last := crm.NewDate(firstYear, time.January, 1), crm.NewDate(lastYear, time.December, 31)
	for _, d := range h.days {
		if workday(d.Date) && first <= d.Date && d.Date <= last {
			m = m.add(strconv.Itoa(int(d.Date)))
		}
	}
	if m == 0 {
		return ""
	}
	return m.String()
}

// Basis is what the verdict of a rule rests on for a deal with these facts.
func (y Yardstick) Basis(rule string, f *Facts) Basis {
	pipeline := strings.ToLower(f.Pipeline)
	skip := y[partSkip+pipeline]
	if _, listed := y[partStages+pipeline]; !listed {
		pipeline = ""
	}
	calendar := ""
	switch {
	case f.OwnerEmail != "":
		calendar = y[partCalendar+f.OwnerEmail]
	case f.OwnerID == "" && f.Team != "":
		calendar = y[partTeam+f.Team]
	}
	return Basis{
		Verdict: mark(0).add(y[partRule+rule], y[partStages+pipeline], y[partDefinitions+pipeline], skip,
			cmp.Or(calendar, y[partCalendar]), y[partClock]).known(),
		Weight: mark(0).add(y[partSeverity+rule], y[partCommit]).known(),
	}
}

// Sum is a hash of the whole yardstick.
func (y Yardstick) Sum() uint32 {
	h := mark(0)
	for _, part := range slices.Sorted(maps.Keys(y)) {
		h = h.add(part, y[part])
	}
	return h.known()
}

// Changed lists the parts that differ from those of was, sorted; none where was is of a
// version that made parts in another way. A part that every yardstick has and was does not
// is of an earlier version, which did not note it.
func (y Yardstick) Changed(was Yardstick) (parts []string) {
	if !y.comparable(was) {
		return nil
	}
	all := maps.Clone(y)
	maps.Copy(all, was)
	for _, part := range slices.Sorted(maps.Keys(all)) {
		if y[part] != was[part] && (part != partAmount || was[part] != "") {
			parts = append(parts, part)
		}
	}
	return parts
}

// comparable reports whether the parts of both are made in the same way.
func (y Yardstick) comparable(other Yardstick) bool { return y[partFormat] == other[partFormat] }

// Ran returns the yardstick of an evaluation that is only known to have run the rules ids:
// it is taken for this one in all else.
func (y Yardstick) Ran(ids []string) Yardstick {
	out := maps.Clone(y)
	maps.DeleteFunc(out, func(part, _ string) bool {
		id, ok := strings.CutPrefix(part, partRule)
		return ok && !slices.Contains(ids, id)
	})
	return out
}

// PartOfRule reports whether another value of the part can change what the rule finds on
// many deals at once: its own, and those that all rules share.
func PartOfRule(part, rule string) bool {
	switch kind, of, _ := strings.Cut(part, " "); kind + " " {
	case partRule:
		return of == rule
	case partStages, partDefinitions, partSkip:
		return true
	case partCalendar:
		return of == ""
	}
	return part == partClock || part == partFormat
}

// mark is an FNV-1a hash of texts.
type mark uint32

func (m mark) add(texts ...string) mark {
	if m == 0 {
		m = 2166136261
	}
	for _, s := range texts {
		for i := range len(s) {
			m = (m ^ mark(s[i])) * 16777619
		}
		m = (m ^ 0xff) * 16777619 // no byte of UTF-8: the end of a text
	}
	return m
}

// known is the hash as a number that is not zero, which would be unknown.
func (m mark) known() uint32 { return max(uint32(m), 1) }

func (m mark) String() string { return strconv.FormatUint(uint64(m), 36) }
