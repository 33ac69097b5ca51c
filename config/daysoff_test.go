package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	said := func() string { return strings.Join(r.Read().Troubles, "\n") }
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
