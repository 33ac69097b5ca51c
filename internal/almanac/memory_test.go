package almanac_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/almanac"
)

// notes is a memory.
type notes map[string]string

func (n notes) Note(_ context.Context, name, value string) error {
	n[name] = value
	return nil
}

func (n notes) Noted(_ context.Context, name string) (string, error) { return n[name], nil }

// disk has files by path; one that is missing cannot be read.
type disk map[string]string

func (d disk) open(path string) ([]byte, error) {
	if text, ok := d[path]; ok {
		return []byte(text), nil
	}
	return nil, errors.New("there is no such file")
}

const (
	away  = "/away.csv"
	plant = "/plant.ics"
	head  = "person,from,to,cover\n"
	ana   = "ana@acme.example,2026-11-23,2026-12-04,ben@acme.example\n"
	ben   = "ben@acme.example,2026-12-07,2026-12-08,\n"
	later = "ana@acme.example,2026-12-21,2026-12-22,\n"
	past  = "ana@acme.example,2026-10-01,2026-10-02,\nben@acme.example,2026-10-01,2026-10-02,\nana@acme.example,2026-10-05,2026-10-05,\n"
	party = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261228\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)

// process begins with the files that the configuration names, and what is remembered.
func process(t *testing.T, m notes, d disk, files ...string) *almanac.Reader {
	t.Helper()
	p := almanac.Plan{Company: time.UTC, Holidays: map[string]almanac.Holidays{}, People: map[string]string{}, Open: d.open, Declared: []string{"ana@acme.example", "ben@acme.example"}}
	for _, path := range files {
		switch path {
		case plant:
			p.Holidays["plant"] = almanac.Holidays{File: path, Place: "holidays.plant.file", Why: "holiday plant"}
			p.Teams = []almanac.Team{{Name: "Plant", Zone: time.UTC, Holidays: "plant"}}
		default:
			p.Away = almanac.Away{File: path, At: "away.file", Cover: almanac.Manager}
		}
	}
	r := almanac.New(p)
	if err := r.Recall(t.Context(), m, func() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }); err != nil {
		t.Fatal(err)
	}
	return r
}

func remember(t *testing.T, r *almanac.Reader, m notes) {
	t.Helper()
	if err := r.Remember(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// state is who is away, the days off of the plant, and what is wrong.
func state(a *hygiene.Almanac) string {
	var out []string
	for _, x := range a.Absences {
		out = append(out, strings.TrimSuffix(x.Person, "@acme.example")+" "+x.From.Short())
	}
	if c := a.Teams["Plant"]; c != nil {
		for _, s := range c.Without(a.Teams["Plant"].Date(time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)), c.Date(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC))) {
			out = append(out, s.Why+" "+s.From.Short())
		}
	}
	for _, t := range a.Troubles {
		out = append(out, t.Text)
	}
	return strings.Join(out, "; ")
}

// TestWhatFilesSaidOutlivesTheProcess: a process that begins while a file cannot be read goes
// on from what it said before, and says so; and it believes the file once it can be read.
func TestWhatFilesSaidOutlivesTheProcess(t *testing.T) {
	const holds = "; until then what the file said before holds"
	for _, c := range []struct{ name, before, now, want string }{
		{"gone", head + ana + ben, "-", "ana 23 Nov; ben 7 Dec; away.file: there is no such file" + holds},
		{"emptied", head + ana + ben, "", "ana 23 Nov; ben 7 Dec; away.file: the first line of the file has to name its columns: person,from,to,cover" + holds},
		{"another file", head + ana, "password\nhunter2\n", "ana 23 Nov; away.file: the first line of the file has to name its columns: person,from,to,cover" + holds},
		{"a row taken out", head + ana + ben, head + ben, "ben 7 Dec"},
		{"both taken out", head + ana + ben, head, ""},
		{"three taken out", head + ana + ben + later, head, "ana 23 Nov; ana 21 Dec; ben 7 Dec; away.file: the file has no row any more, and had 3 that are not over; put them back, or, if nobody is away, take the file out of the configuration and restart" + holds},
		{"three taken out that are over", head + past, head, ""},
		{"no row is understood", head + ana, head + "ana@acme.example,23.11.2026,04.12.2026,\n", "ana 23 Nov; away.file: no row of the file is understood any more: line 2 of the file, column 2 (from): must be a date, year-month-day, such as 2026-12-01" + holds},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, d := notes{}, disk{away: c.before}
			remember(t, process(t, m, d, away), m)
			if d[away] = c.now; c.now == "-" {
				delete(d, away)
			}
			for n := range 3 { // whatever a process remembers, it does not wear off
				r := process(t, m, d, away)
				if got := state(r.Read()); got != c.want {
					t.Errorf("process %d: got  %s\nwant %s", n, got, c.want)
				}
				remember(t, r, m)
			}
			r := process(t, m, d, away)
			d[away] = head + later
			if got := state(r.Read()); got != "ana 21 Dec" {
				t.Errorf("once it can be read: got %s", got)
			}
		})
	}
}

// TestCalendarFileOutlivesTheProcess is the same for holidays, and for two files at once.
func TestCalendarFileOutlivesTheProcess(t *testing.T) {
	m, d := notes{}, disk{away: head + ana, plant: party}
	remember(t, process(t, m, d, away, plant), m)
	clear(d)
	const want = "ana 23 Nov; holiday plant 28 Dec; away.file: there is no such file; until then what the file said before holds; holidays.plant.file: there is no such file; until then what the file said before holds"
	r := process(t, m, d, away, plant)
	if got := state(r.Read()); got != want {
		t.Errorf("got %s", got)
	}
	for _, x := range r.Troubles() {
		if !x.Whole || x.Lost {
			t.Errorf("%+v", x)
		}
	}
}

// TestOtherFilesAreNotRecalled: what was never read is lost, and a file that the configuration
// names no more, or names another in place of, is forgotten.
func TestOtherFilesAreNotRecalled(t *testing.T) {
	m, d := notes{}, disk{away: head + ana}
	lost := func(file string) bool {
		ts := process(t, m, d, file).Troubles()
		return len(ts) == 1 && ts[0].Lost
	}
	if !lost("/other.csv") {
		t.Error("a file that nobody ever read is not lost")
	}
	remember(t, process(t, m, d, away), m)
	delete(d, away)
	if !lost("/other.csv") {
		t.Error("another file of the same key has the rows of this one")
	}
	remember(t, process(t, m, d), m)
	if !lost(away) {
		t.Error("a file that the configuration named no more is recalled")
	}
	m["files of days off"] = "{"
	if !lost(away) {
		t.Error("a note that cannot be read is no reason to fail")
	}
}

// TestNothingIsSaidOfWhatIsOver: a row is said to be wrong up to its last day, whether the file
// changes or not.
func TestNothingIsSaidOfWhatIsOver(t *testing.T) {
	now := time.Date(2026, 12, 4, 8, 0, 0, 0, time.UTC)
	d := disk{away: head + "anna@acme.example,2026-11-23,2026-12-04,ben@acme.example\n"}
	r := almanac.New(almanac.Plan{Company: time.UTC, Open: d.open, Away: almanac.Away{File: away, At: "away.file"}, Declared: []string{"ana@acme.example", "ben@acme.example"}})
	if err := r.Recall(t.Context(), notes{}, func() time.Time { return now }); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []int{1, 0} {
		if ts := r.Read().Troubles; len(ts) != wrong {
			t.Errorf("%s: %v", now, ts)
		}
		now = now.AddDate(0, 0, 1)
	}
}

// TestADiskThatDoesNotAnswer: what the file said holds, and only the first look waits.
func TestADiskThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := notes{}, disk{away: head + ana}
		remember(t, process(t, m, d, away), m)
		hang := make(chan struct{})
		p := almanac.Plan{
			Company: time.UTC, Away: almanac.Away{File: away, At: "away.file", Cover: almanac.Manager}, Declared: []string{"ana@acme.example", "ben@acme.example"},
			Open: func(path string) ([]byte, error) { <-hang; return d.open(path) },
		}
		begun := time.Now()
		r := almanac.New(p)
		if err := r.Recall(t.Context(), m, time.Now); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			if got := state(r.Read()); got != "ana 23 Nov; away.file: the disk that the file is on does not answer; is it mounted?; until then what the file said before holds" {
				t.Fatalf("got %s", got)
			}
		}
		if took := time.Since(begun); took > 6*time.Second {
			t.Errorf("waited for %v", took)
		}
		d[away] = head + ben
		close(hang)
		synctest.Wait()
		if got := state(r.Read()); got != "ben 7 Dec" {
			t.Errorf("once it answers: got %s", got)
		}
	})
}
