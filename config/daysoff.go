package config

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/almanac"
	"github.com/pipetidy/pipetidy/internal/holiday"
)

type holidayEntry struct {
	Country string          `yaml:"country" doc:"ISO 3166 code of the country whose public holidays count." default:"none" example:"de"`
	Region  string          `yaml:"region" doc:"Part of the country with holidays of its own: a state of Germany or Australia, or a canton of Switzerland." example:"by"`
	Add     []date          `yaml:"add" doc:"Further days off." example:"[2026-12-24, 2026-12-31]"`
	File    connectors.Path `yaml:"file" doc:"Calendar file (iCalendar, .ics), relative to this file, whose all-day events are days off. It is read anew when it changes, without a restart; where it cannot be read, what it said before holds, also after a restart." example:"plant.ics"`
}

type businessEntry struct {
	Default hours         `yaml:"default" doc:"Business hours of a day of work, on the clock of the team." default:"09:00-17:30" example:"\"09:00-17:30\""`
	Freezes []freezeEntry `yaml:"freezes" doc:"Days off of the whole company: no business days, and no digest about deals goes out on them; the one about the program does. The first digest after a freeze lists only what is high, and what is due in the commit."`
}

type freezeEntry struct {
	From date `yaml:"from,required" doc:"First day." example:"2026-12-24"`
	To   date `yaml:"to,required" doc:"Last day." example:"2027-01-02"`
}

// hours are business hours, written "09:00-17:30".
type hours struct{ hygiene.Hours }

// Takes says how business hours are written.
func (hours) Takes() string { return "two times" }

// Scalar marks the type as one that takes one word.
func (h *hours) Scalar() {}

func (h *hours) Read(v form.Value) {
	from, to, ok := strings.Cut(v.Literal(), "-")
	begin, err1 := digest.ParseAt(strings.TrimSpace(from))
	end, err2 := digest.ParseAt(strings.TrimSpace(to))
	switch {
	case !ok || err1 != nil || err2 != nil:
		v.Report("must be two times such as \"09:00-17:30\"")
		return
	}
	h.From, h.To = sinceMidnight(begin), sinceMidnight(end)
	if h.To <= h.From {
		v.Report("must end after they begin, on the same day")
	}
}

func sinceMidnight(at digest.At) time.Duration {
	return time.Duration(at.Hour)*time.Hour + time.Duration(at.Minute)*time.Minute
}

// mostFreeze is the longest freeze in days.
const mostFreeze = 60

// freezes are the days off of the whole company.
func (b *builder) freezes() (out []hygiene.Span) {
	for i, f := range b.file.Business.Freezes {
		path := "business_hours.freezes[" + strconv.Itoa(i) + "]"
		switch {
		case f.From.IsZero() || f.To.IsZero():
			continue // reported
		case f.To.Date < f.From.Date:
			b.report(path+".to", "is before the first day, %s", f.From.Date)
		case f.To.Date-f.From.Date >= mostFreeze:
			b.report(path+".to", "a freeze of more than %d days would switch everything off; correct one of the dates", mostFreeze)
		}
		out = append(out, hygiene.Span{From: f.From.Date, To: f.To.Date, Why: "freeze"})
	}
	return out
}

type awayEntry struct {
	File  connectors.Path `yaml:"file" doc:"CSV file, relative to this file, with the columns person, from, to and cover in its first line, in any order and among others: an address, the first and the last day, and the address of who covers, or manager. It is read anew when it changes, without a restart; where it cannot be read, or has lost all its rows (3 or more that are not over), what it said before holds, also after a restart." example:"away.csv"`
	Cover string          `yaml:"default_cover" doc:"Who covers where nobody is named: manager, or an address." default:"manager"`
	List  []absenceEntry  `yaml:"list" doc:"The same for each absence, written here."`
}

type absenceEntry struct {
	Person string `yaml:"person,required" doc:"Address of who is away." example:"ana@acme.example"`
	From   date   `yaml:"from,required" doc:"First day." example:"2026-11-23"`
	To     date   `yaml:"to,required" doc:"Last day." example:"2026-12-04"`
	Cover  string `yaml:"cover" doc:"Address of who covers, or manager." default:"default_cover" example:"ben@acme.example"`
}

func (a *awayEntry) Read(v form.Value) {
	if v.IsList() {
		v.Into(&a.List)
		return
	}
	type keys awayEntry
	v.Fill(nil, (*keys)(a))
}

// away is what the file says of absences.
func (b *builder) away() almanac.Away {
	e := b.file.Away
	out := almanac.Away{Place: "away.list", At: "away.file", File: string(e.File), Cover: b.cover("away.default_cover", cmp.Or(e.Cover, almanac.Manager))}
	if !b.form.Has(out.Place) {
		out.Place = "away"
	}
	if b.form.Has("away.file") && e.File == "" {
		b.report("away.file", "must be the path of a CSV file")
	}
	for i, x := range e.List {
		path := out.Place + "[" + strconv.Itoa(i) + "]"
		a := hygiene.Absence{From: x.From.Date, To: x.To.Date}
		if b.form.Has(path + ".person") {
			a.Person = b.address(path+".person", x.Person)
		}
		if x.Cover != "" {
			a.Cover = b.cover(path+".cover", x.Cover)
		}
		switch {
		case a.From.IsZero() || a.To.IsZero() || a.Person == "":
			continue // reported
		case a.To < a.From:
			b.report(path+".to", "is before the first day, %s", a.From)
		case a.To-a.From >= almanac.MostAbsence:
			b.report(path+".to", "is more than three years after the first day; correct one of them")
		}
		out.List = append(out.List, a)
	}
	return out
}

// cover is an address, or the word for the person's manager.
func (b *builder) cover(path, s string) string {
	if strings.EqualFold(s, almanac.Manager) {
		return almanac.Manager
	}
	address, ok := plainAddress(s)
	if !ok {
		b.report(path, "%s is neither manager nor an e-mail address", form.Quote(s))
	}
	return address
}

// date is a day, written 2026-12-24.
type date struct{ crm.Date }

// Takes says how a date is written.
func (date) Takes() string { return "a date: `2026-12-24`" }

// Scalar marks the type as one that takes one word.
func (d *date) Scalar() {}

func (d *date) Read(v form.Value) {
	s := v.Literal()
	on, err := crm.ParseDate(s)
	switch {
	case s == "" || err != nil:
		v.Report("must be a date, year-month-day, such as 2026-12-24")
	case !holiday.Within(on):
		v.Report("must be a date from %d to %d", holiday.FirstYear, holiday.LastYear)
	default:
		d.Date = on
	}
}

// daysOff reads who works when. It is called after people and teams, whose holidays it
// looks up.
func (b *builder) daysOff() {
	b.out.Hours = b.file.Business.Default.Hours
	p := almanac.Plan{Company: b.out.Location, Freezes: b.freezes(), Away: b.away(), Names: b.out.People, Declared: b.out.Declared, Holidays: map[string]almanac.Holidays{}, People: map[string]string{}, Open: b.open}
	for _, name := range slices.Sorted(maps.Keys(b.file.Holidays)) {
		p.Holidays[name] = b.holidays(name, b.file.Holidays[name])
	}
	for _, h := range b.ownHolidays {
		if name := b.named(h.path, h.prefix, h.name, p.Holidays); name != "" {
			p.People[h.person] = name
		}
	}
	for i := range b.out.Teams.List {
		t := &b.out.Teams.List[i]
		path := "teams[" + strconv.Itoa(i) + "].holidays"
		p.Teams = append(p.Teams, almanac.Team{
			Name: t.Name, Zone: t.Calendar.Location, Members: t.Members, Manager: t.Manager, Deputy: t.Deputy,
			Holidays: b.named(path, "", b.file.Teams[i].Holidays, p.Holidays),
		})
	}
	b.out.Almanac = almanac.New(p)
}

// holidays are the days off under a name of the file.
func (b *builder) holidays(name string, e holidayEntry) almanac.Holidays {
	path := form.Child("holidays", name)
	h := almanac.Holidays{Why: "holiday " + name, Place: path + ".file", File: string(e.File)}
	switch {
	case e.Country != "":
		days, err := holiday.Of(strings.ToLower(e.Country), strings.ToLower(e.Region), h.Why)
		if err != nil {
			at := path + ".country"
			if holiday.Known(strings.ToLower(e.Country)) && e.Region != "" {
				at = path + ".region"
			}
			b.report(at, "%s", err)
		}
		h.Days = days
	case e.Region != "":
		b.report(path+".region", "a region is one of a country; name the country as well")
	case len(e.Add) == 0 && e.File == "":
		b.report(path, "has no days; name a country, a file, or days under add")
	}
	for _, d := range e.Add {
		if !d.IsZero() {
			h.Days = append(h.Days, hygiene.DayOff{Date: d.Date, Why: h.Why})
		}
	}
	return h
}

// named is the name of the holidays that the value at path means, which known then has: a
// name under holidays, or the code of a country. "" is none, or a mistake that was
// reported.
func (b *builder) named(path, prefix, name string, known map[string]almanac.Holidays) string {
	if name == "" {
		return ""
	}
	if _, ok := known[name]; ok {
		return name
	}
	code := strings.ToLower(name)
	why := "holiday " + code
	days, err := holiday.Of(code, "", why)
	if err != nil {
		own := slices.Sorted(maps.Keys(b.file.Holidays))
		hint := err.Error()
		if near := form.Suggest(name, own); near != "" && !holiday.Known(code) {
			hint = "nothing under holidays has this name" + near
		}
		b.form.Report(path, "%s%s", prefix, hint)
		return ""
	}
	if _, ok := known[code]; !ok {
		known[code] = almanac.Holidays{Days: days, Why: why}
	}
	return code
}

// ownHolidays are the holidays of one person, and where the file says so.
type ownHolidays struct{ person, name, path, prefix string }

// open reads a file that the configuration names, if its owner is trusted. It is called as
// long as the program runs.
func (b *builder) open(path string) ([]byte, error) {
	data, info, err := readFile(path)
	switch {
	case errors.Is(err, errAbsent):
		return nil, errors.New("there is no such file; write a path relative to this configuration file")
	case errors.Is(err, errDirectory):
		return nil, errors.New("is a directory; name the file in it")
	case err != nil:
		return nil, err
	}
	if info != nil {
		if err := b.keeper.Trust(path, info); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// CheckDaysOff reports what is not understood of the files of days off. Load goes on without
// it: a list that others keep stops nobody's digest, and a process may know what the file said
// before.
func (c *Config) CheckDaysOff() Problems {
	return c.daysOffProblems(func(*almanac.Trouble) bool { return true })
}

// CheckLostDaysOff reports the files of days off of which nothing is known: without them,
// whoever is away would be asked about deals.
func (c *Config) CheckLostDaysOff() Problems {
	return c.daysOffProblems(func(t *almanac.Trouble) bool { return t.Lost })
}

func (c *Config) daysOffProblems(of func(*almanac.Trouble) bool) (ps Problems) {
	if c.Almanac == nil {
		return nil
	}
	for _, t := range c.Almanac.Troubles() {
		if of(&t) {
			ps = append(ps, c.form.Problem(t.Place, t.Text))
		}
	}
	return ps
}
