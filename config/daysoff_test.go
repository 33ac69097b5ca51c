package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// installation is a configuration with its files in a directory.
type installation struct {
	t   *testing.T
	dir string
}

func install(t *testing.T, yaml string, files map[string]string) installation {
	t.Helper()
	in := installation{t, t.TempDir()}
	in.write("pipetidy.yaml", yaml)
	for name, text := range files {
		in.write(name, text)
	}
	return in
}

func (in installation) path(name string) string { return filepath.Join(in.dir, name) }

func (in installation) write(name, text string) {
	in.t.Helper()
	if err := os.WriteFile(in.path(name), []byte(text), 0o600); err != nil {
		in.t.Fatal(err)
	}
}

func (in installation) load() *config.Config {
	in.t.Helper()
	c, err := config.Load(in.path("pipetidy.yaml"))
	if err != nil {
		in.t.Fatal(err)
	}
	return c
}

// on is why the calendar has the date off.
func on(t *testing.T, c *hygiene.Calendar, date string) string {
	t.Helper()
	d, err := crm.ParseDate(date)
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		t.Fatal("no calendar")
	}
	why, _ := c.OffOn(d)
	return why
}

const plant = `holidays:
  plant: {country: de, region: by, add: [2026-12-24], file: plant.ics}
teams:
  - {name: West, manager: maria@acme.example, members: [ana@acme.example, ben@acme.example], holidays: us, timezone: America/Los_Angeles}
  - {name: Plant, manager: zoe@acme.example, members: [carl@acme.example], holidays: plant}
people:
  list:
    - {email: ben@acme.example, also: [ben@oldco.example], country: plant}
    - {email: director@acme.example, country: GB}
`

func plantFile(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("testdata/daysoff/plant.ics")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestHolidays: a person has the person's holidays, else those of the team, in the zone of
// the team; and the day before and the day after are none.
func TestHolidays(t *testing.T) {
	in := install(t, minimal+plant, map[string]string{"plant.ics": plantFile(t)})
	a := in.load().Almanac.Read()
	west, plant := a.Teams["West"], a.Teams["Plant"]
	for _, c := range []struct {
		cal        *hygiene.Calendar
		date, want string
	}{
		{west, "2026-11-25", ""}, {west, "2026-11-26", "holiday us"}, {west, "2026-11-27", ""}, {west, "2026-12-24", ""},
		{plant, "2026-11-26", ""}, {plant, "2026-01-06", "holiday plant"}, {plant, "2026-12-23", ""}, {plant, "2026-12-24", "holiday plant"},
		{plant, "2026-12-27", ""}, {plant, "2026-12-28", "holiday plant"}, {plant, "2026-12-31", "holiday plant"}, {plant, "2027-07-17", "holiday plant"},
		{a.People["ben@acme.example"], "2026-11-26", ""}, {a.People["ben@acme.example"], "2026-12-24", "holiday plant"},
		{a.People["director@acme.example"], "2026-12-28", "holiday gb"}, {a.Company, "2026-11-26", ""},
	} {
		if got := on(t, c.cal, c.date); got != c.want {
			t.Errorf("%s in %s: got %q, want %q", c.date, c.cal.Location, got, c.want)
		}
	}
	if len(a.People) != 2 || a.People["ben@acme.example"].Location != west.Location {
		t.Errorf("people: %v", a.People)
	}
}

// TestCalendarFileIsReadAnew: what stands in the file now counts without a restart; what
// is no whole file changes nothing, and is said until it is mended.
func TestCalendarFileIsReadAnew(t *testing.T) {
	whole := plantFile(t)
	in := install(t, minimal+plant, map[string]string{"plant.ics": whole})
	r := in.load().Almanac
	off := func(date string) string { return on(t, r.Read().Teams["Plant"], date) }
	said := func() string { return troubles(r.Read()) }
	party := "holidays.plant.file: line 15 of the file: the event has a time, so it is no day off; make it an all-day event"
	if said() != party {
		t.Errorf("got %q", said())
	}
	if first := r.Read(); first != r.Read() {
		t.Error("an unchanged file makes another almanac")
	}
	in.write("plant.ics", strings.ReplaceAll(whole, "20261228", "20261230"))
	if off("2026-12-28") != "" || off("2026-12-30") != "holiday plant" || off("2026-12-24") != "holiday plant" {
		t.Error("the changed file does not count")
	}
	for name, broken := range map[string]string{"cut": whole[:200], "emptied": "", "another file": "token: hunter2"} {
		in.write("plant.ics", broken)
		if off("2026-12-30") != "holiday plant" || off("2026-01-06") != "holiday plant" {
			t.Errorf("%s: the last good file does not count", name)
		}
		if !strings.Contains(said(), "until then what the file said before holds") || strings.Contains(said(), "hunter2") {
			t.Errorf("%s: got %q", name, said())
		}
	}
	if err := os.Remove(in.path("plant.ics")); err != nil {
		t.Fatal(err)
	}
	if off("2026-12-30") != "holiday plant" || !strings.Contains(said(), "holidays.plant.file: there is no such file") {
		t.Errorf("a file that is gone: got %q", said())
	}
	in.write("plant.ics", whole)
	if off("2026-12-28") != "holiday plant" || said() != party {
		t.Errorf("the mended file: got %q", said())
	}
	if err := os.Chmod(in.path("plant.ics"), 0o666); err != nil {
		t.Fatal(err)
	}
	if off("2026-12-28") != "holiday plant" || !strings.Contains(said(), "can be changed by others") {
		t.Errorf("a file that others may change: got %q", said())
	}
}

// TestCheckSaysWhatIsNotUnderstood: Load goes on without the event, and Check names it.
func TestCheckSaysWhatIsNotUnderstood(t *testing.T) {
	t.Setenv("SALESFORCE_CLIENT_SECRET", "hunter2")
	in := install(t, strings.Replace(minimal, "{file: secrets/salesforce}", "{env: SALESFORCE_CLIENT_SECRET}", 1)+plant, map[string]string{"plant.ics": plantFile(t)})
	in.load()
	_, err := config.Check(in.path("pipetidy.yaml"))
	var ps config.Problems
	if !errors.As(err, &ps) || len(ps) != 1 || ps[0].Path != "holidays.plant.file" || !strings.Contains(ps[0].Message, "line 15 of the file: the event has a time") {
		t.Errorf("got %v", err)
	}
}

// TestFreezes: they are days off of everybody, with a team or without.
func TestFreezes(t *testing.T) {
	freeze := "business_hours: {default: \"08:00-16:30\", freezes: [{from: 2026-12-24, to: 2027-01-02}, {from: 2026-07-01, to: 2026-07-01}]}\n"
	in := install(t, minimal+freeze+plant, map[string]string{"plant.ics": plantFile(t)})
	c := in.load()
	a := c.Almanac.Read()
	for name, cal := range map[string]*hygiene.Calendar{"company": a.Company, "west": a.Teams["West"], "ben": a.People["ben@acme.example"]} {
		for date, want := range map[string]string{"2026-06-30": "", "2026-07-01": "freeze", "2026-07-02": "", "2026-12-23": "", "2026-12-24": "freeze", "2027-01-02": "freeze", "2027-01-03": ""} {
			if got := on(t, cal, date); got != want {
				t.Errorf("%s on %s: got %q, want %q", name, date, got, want)
			}
		}
	}
	if c.Hours.From != 8*time.Hour || c.Hours.To != 16*time.Hour+30*time.Minute {
		t.Errorf("hours: %+v", c.Hours)
	}
}

const westAway = `teams:
  - {name: West, manager: maria@acme.example, deputy: tom@acme.example, members: [ana@acme.example, ben@acme.example, cleo@acme.example]}
people: {list: [{email: ana@acme.example, also: [ana@oldco.example]}]}
away: {file: away.csv, default_cover: cleo@acme.example}
`

// absences are those of the almanac as "person from to cover".
func absences(a *hygiene.Almanac) string {
	var out []string
	for _, x := range a.Absences {
		out = append(out, strings.TrimSpace(strings.Join([]string{strings.TrimSuffix(x.Person, "@acme.example"), x.From.String(), x.To.String(), strings.TrimSuffix(x.Cover, "@acme.example")}, " ")))
	}
	return strings.Join(out, "; ")
}

// troubles are the sentences of the almanac, one a line.
func troubles(a *hygiene.Almanac) string {
	var out []string
	for _, t := range a.Troubles {
		out = append(out, t.Text)
	}
	return strings.Join(out, "\n")
}

// TestAway: who is away, until when, and who covers. What is wrong in a row is said with
// its line and column, and the other rows count.
func TestAway(t *testing.T) {
	for _, c := range []struct {
		name, file, want string
		notes            []string
	}{
		{"a row", "person,from,to,cover\nAna@acme.example,2026-11-23,2026-12-04,ben@acme.example\n", "ana 2026-11-23 2026-12-04 ben", nil},
		{"columns in another order, semicolons, another address, lines of a spreadsheet", "\uFEFFFrom;To;Person\r\n2026-11-23;2026-12-04;ana@oldco.example\r\n;;\r\n", "ana 2026-11-23 2026-12-04 cleo", nil},
		{"the manager covers", "person,from,to,cover\nana@acme.example,2026-11-23,2026-12-04,manager\ncleo@acme.example,2026-11-23,2026-12-04,\n", "ana 2026-11-23 2026-12-04; cleo 2026-11-23 2026-12-04", nil},
		{"the manager is away", "person,from,to,cover\nmaria@acme.example,2026-11-23,2026-12-04,ben@acme.example\n", "maria 2026-11-23 2026-12-04 ben", nil},
		{"nobody", "person,from,to,cover\n", "", nil},
		{
			"rows that are wrong", "person,from,to,cover\nana@acme.example,23.11.2026,2026-12-04,\nben@acme.example,2026-12-04,2026-12-01,\nben@acme.example,2026-12-01,2026-12-01,\"cleo\ncleo,2026-12-01,2026-12-01,\nana@acme.example,2026-12-01,2026-12-01,a,b\nana@acme.example,2026-12-01\nben@acme.example,2026-12-01,2036-12-01,x@acme.example\nben@acme.example,2026-12-01,2026-12-01,nobody\nben@acme.example,2026-12-24,2026-12-24,ana@acme.example\n",
			"ben 2026-12-24 2026-12-24 ana",
			[]string{
				"line 2 of the file, column 2 (from): must be a date, year-month-day, such as 2026-12-01",
				"line 3 of the file, column 3 (to): is before the first day, 2026-12-04",
				"line 4 of the file is not CSV; check its quotes",
				"line 5 of the file, column 1 (person): must be an e-mail address",
				"line 6 of the file has more fields than the first line; check the commas and quotes",
				"line 7 of the file, column 3 (to): must be a date, year-month-day, such as 2026-12-01",
				"line 8 of the file, column 3 (to): is more than three years after the first day; correct one of them",
				"line 9 of the file, column 4 (cover): must be an e-mail address, manager, or nothing",
			},
		},
		{
			"addresses that nobody has", "person,from,to,cover\nanna@acme.example,2026-11-23,2026-12-04,ben@acme.example\nben@acme.example,2026-11-23,2026-12-04,cleoo@acme.example\n",
			"anna 2026-11-23 2026-12-04 ben; ben 2026-11-23 2026-12-04",
			[]string{
				"line 2 of the file: anna@acme.example is in no team and not under people, so nobody's absence is noted; did you mean ana@acme.example?",
				"line 2 of the file: ben@acme.example, who is to cover, is away too from 2026-11-23 to 2026-12-04, and nobody else covers; name somebody else: until then the manager sees the deals",
				"line 3 of the file: cleoo@acme.example, who is to cover, is in no team and not under people; did you mean cleo@acme.example?; until then it is the manager",
			},
		},
		{
			"two covers that point at each other", "person,from,to,cover\nana@acme.example,2026-11-23,2026-12-04,ben@acme.example\nben@acme.example,2026-12-03,2026-12-08,ana@acme.example\n",
			"ana 2026-11-23 2026-12-04 ben; ben 2026-12-03 2026-12-08 ana",
			[]string{"line 2 of the file: ana@acme.example and ben@acme.example are away together from 2026-12-03 to 2026-12-04 and cover for each other, so neither does; name somebody else for one of them: until then their managers see the deals"},
		},
		{"one after the other", "person,from,to,cover\nana@acme.example,2026-11-23,2026-12-04,ben@acme.example\nben@acme.example,2026-12-05,2026-12-08,ana@acme.example\n", "ana 2026-11-23 2026-12-04 ben; ben 2026-12-05 2026-12-08 ana", nil},
		{
			"the same person", "person,from,to,cover\nana@acme.example,2026-11-23,2026-12-04,ana@acme.example\n", "ana 2026-11-23 2026-12-04",
			[]string{"line 2 of the file: ana@acme.example covers for nobody but the same person; name somebody else, or manager"},
		},
		{
			"somebody without a list", "person,from,to,cover\nana@acme.example,2026-11-23,2026-12-04,tom@acme.example\nben@acme.example,2026-11-23,2026-12-04,maria@acme.example\n", "ana 2026-11-23 2026-12-04 tom; ben 2026-11-23 2026-12-04 maria",
			[]string{"line 2 of the file: tom@acme.example, who is to cover, is a member of no team, so gets no list of deals; the manager alone sees them"},
		},
		{"columns of others, among them a tab", "Name\tPerson\tFrom\tTo\tReason\nAna Alvarez\tana@acme.example\t2026-11-23\t2026-12-04\tleave\n", "ana 2026-11-23 2026-12-04 cleo", nil},
		{"a column with a slip", "person,from,to,covr\nana@acme.example,2026-11-23,2026-12-04,ben@acme.example\n", "ana 2026-11-23 2026-12-04 cleo", []string{"line 1 of the file, column 4: is it cover? Until then it is passed over"}},
		{
			"three who cover for one another", "person,from,to,cover\nana@acme.example,2026-11-23,2026-12-04,ben@acme.example\nben@acme.example,2026-11-25,2026-11-27,cleo@acme.example\ncleo@acme.example,2026-11-26,2026-11-26,ana@acme.example\n",
			"ana 2026-11-23 2026-12-04 ben; ben 2026-11-25 2026-11-27 cleo; cleo 2026-11-26 2026-11-26 ana",
			[]string{
				"line 3 of the file: cleo@acme.example, who is to cover, is away too from 2026-11-26 to 2026-11-26, and nobody else covers; name somebody else: until then the manager sees the deals",
				"line 4 of the file: ana@acme.example, who is to cover, is away too from 2026-11-26 to 2026-11-26, and nobody else covers; name somebody else: until then the manager sees the deals",
			},
		},
		{
			"who covers is away, and nobody for them", "person,from,to,cover\nana@acme.example,2026-11-23,2026-12-04,ben@acme.example\nben@acme.example,2026-12-01,2026-12-08,manager\n", "ana 2026-11-23 2026-12-04 ben; ben 2026-12-01 2026-12-08",
			[]string{"line 2 of the file: ben@acme.example, who is to cover, is away too from 2026-12-01 to 2026-12-04, and nobody else covers; name somebody else: until then the manager sees the deals"},
		},
		{"who covers is away, and somebody for them", "person,from,to,cover\nana@acme.example,2026-11-23,2026-12-04,ben@acme.example\nben@acme.example,2026-12-01,2026-12-08,cleo@acme.example\n", "ana 2026-11-23 2026-12-04 ben; ben 2026-12-01 2026-12-08 cleo", nil},
		{"the same row twice", "person,from,to,cover\nana@acme.example,2026-11-23,2026-12-04,ben@acme.example\nana@acme.example,2026-11-23,2026-12-04,ben@acme.example\n", "ana 2026-11-23 2026-12-04 ben", nil},
		{"rows of one person that overlap", "person,from,to,cover\nana@acme.example,2026-12-01,2026-12-08,ben@acme.example\nana@acme.example,2026-11-23,2026-12-04,cleo@acme.example\nana@acme.example,2026-11-24,2026-11-25,\n", "ana 2026-11-23 2026-12-04 cleo; ana 2026-12-05 2026-12-08 ben", []string{"line 2 of the file: ana@acme.example is away from 2026-12-01 to 2026-12-04 by another row as well, with another cover; until then that of the row which begins first counts. Correct one of the dates"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("SALESFORCE_CLIENT_SECRET", "hunter2")
			in := install(t, strings.Replace(minimal, "{file: secrets/salesforce}", "{env: SALESFORCE_CLIENT_SECRET}", 1)+westAway, map[string]string{"away.csv": c.file})
			cfg := in.load()
			if got := absences(cfg.Almanac.Read()); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
			_, err := config.Check(in.path("pipetidy.yaml"))
			var ps config.Problems
			errors.As(err, &ps)
			var got []string
			for _, p := range ps {
				got = append(got, p.Message)
				if p.Path != "away.file" {
					t.Errorf("a problem of %s: %s", p.Path, p.Message)
				}
			}
			if diff := cmp.Diff(c.notes, got); diff != "" {
				t.Errorf("config check, want -, got +:\n%s", diff)
			}
		})
	}
}

// TestAwayIsReadAnew: the file that others keep counts as it is now, and as it was where it
// cannot be read.
func TestAwayIsReadAnew(t *testing.T) {
	const ana, ben = "ana@acme.example,2026-11-23,2026-12-04,ben@acme.example\n", "ben@acme.example,2026-12-07,2026-12-08,\n"
	in := install(t, minimal+westAway, map[string]string{"away.csv": "person,from,to,cover\n" + ana})
	r := in.load().Almanac
	if got := on(t, r.Read().People["ana@acme.example"], "2026-12-04"); got != "away" {
		t.Errorf("Ana's last day: got %q", got)
	}
	in.write("away.csv", "person,from,to,cover\n"+ana+ben)
	const both = "ana 2026-11-23 2026-12-04 ben; ben 2026-12-07 2026-12-08 cleo"
	if got := absences(r.Read()); got != both {
		t.Errorf("after a row was added: got %s", got)
	}
	for name, broken := range map[string]string{"emptied": "", "another file": "password\nhunter2\n", "no text": "person,from,to\n\xff\xfe"} {
		in.write("away.csv", broken)
		a := r.Read()
		if got := absences(a); got != both || len(a.Troubles) != 1 || !strings.Contains(troubles(a), "away.file: ") || !strings.Contains(troubles(a), "until then what the file said before holds") || strings.Contains(troubles(a), "hunter2") {
			t.Errorf("%s: got %s, %q", name, got, a.Troubles)
		}
	}
	in.write("away.csv", "person,from,to,cover\n"+ben)
	if a := r.Read(); absences(a) != "ben 2026-12-07 2026-12-08 cleo" || len(a.Troubles) != 0 || a.People["ana@acme.example"] != nil {
		t.Errorf("after a row was taken out: got %s, %q", absences(a), a.Troubles)
	}
}

// TestAbsencesDoNotEndAllAtOnce: a table that loses all its rows was cut, or saved with other
// dates; one or two rows are taken out by hand.
func TestAbsencesDoNotEndAllAtOnce(t *testing.T) {
	const head = "person,from,to,cover\n"
	const ana, ben, later = "ana@acme.example,2026-11-23,2026-12-04,ben@acme.example\n", "ben@acme.example,2026-12-07,2026-12-08,\n", "ana@acme.example,2026-12-21,2026-12-22,\n"
	const two, three = "ana 2026-11-23 2026-12-04 ben; ben 2026-12-07 2026-12-08 cleo", "ana 2026-11-23 2026-12-04 ben; ana 2026-12-21 2026-12-22 cleo; ben 2026-12-07 2026-12-08 cleo"
	for name, c := range map[string]struct{ before, after, want, says string }{
		"all are cut":              {ana + ben + later, "", three, "the file has no row any more, and had 3 that are not over; put them back, or, if nobody is away, take the file out of the configuration and restart; until then what the file said before holds"},
		"lines of commas are left": {ana + ben + later, ",,,\n,,,\n", three, "the file has no row any more, and had 3"},
		"the only row is unread":   {ana, "ana@acme.example,23.11.2026,04.12.2026,\n", "ana 2026-11-23 2026-12-04 ben", "no row of the file is understood any more: line 2 of the file, column 2 (from): must be a date"},
		"one is left":              {ana + ben + later, ana, "ana 2026-11-23 2026-12-04 ben", ""},
		"two are taken out":        {ana + ben, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t, minimal+westAway, map[string]string{"away.csv": head + c.before})
			r := in.load().Almanac
			in.write("away.csv", head+c.after)
			for range 2 { // it does not wear off
				a := r.Read()
				says := troubles(a)
				if absences(a) != c.want || !strings.Contains(says, c.says) || c.says == "" && says != "" {
					t.Errorf("got %s, %q; want %s, %q", absences(a), says, c.want, c.says)
				}
			}
			in.write("away.csv", head+ana+ben)
			if a := r.Read(); absences(a) != two || len(a.Troubles) != 0 {
				t.Errorf("once there are rows again: got %s, %q", absences(a), a.Troubles)
			}
			in.write("away.csv", head)
			if a := in.load().Almanac.Read(); absences(a) != "" || len(a.Troubles) != 0 {
				t.Errorf("begun anew without rows: got %s, %q", absences(a), a.Troubles)
			}
		})
	}
}

// TestAwayList is the same in the configuration itself.
func TestAwayList(t *testing.T) {
	list := strings.Replace(westAway, "away: {file: away.csv, default_cover: cleo@acme.example}", "away: [{person: ana@oldco.example, from: 2026-11-23, to: 2026-12-04, cover: ben@acme.example}]", 1)
	for _, yaml := range []string{list, strings.Replace(list, "away: [", "away: {default_cover: manager, list: [", 1)} {
		yaml = strings.Replace(yaml, "ben@acme.example}]\n", "ben@acme.example}]"+map[bool]string{true: "}", false: ""}[strings.Contains(yaml, "list: [{person")]+"\n", 1)
		c, err := config.Parse([]byte(minimal + yaml))
		if err != nil {
			t.Fatal(err)
		}
		if got := absences(c.Almanac.Read()); got != "ana 2026-11-23 2026-12-04 ben" {
			t.Errorf("got %s", got)
		}
		if c.Teams.List[0].Deputy != "tom@acme.example" {
			t.Errorf("deputy %q", c.Teams.List[0].Deputy)
		}
	}
}
