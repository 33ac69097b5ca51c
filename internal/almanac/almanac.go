// Package almanac keeps who works when: what the configuration says of holidays, freezes
// and absences, and the files that it names, which are read anew when they change. A
// [Reader] makes a [hygiene.Almanac] of them, the state of one moment. What holidays there
// are is the business of package internal/holiday; who is told what of somebody's leave,
// that of internal/edition.
package almanac

import (
	"bytes"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/holiday"
)

// Plan is what the configuration says. All addresses are first addresses.
type Plan struct {
	Company  *time.Location
	Freezes  []hygiene.Span      // days off of everybody
	Holidays map[string]Holidays // by name
	Teams    []Team
	People   map[string]string // address → name of the holidays, of those who have holidays of their own
	Away     Away
	Names    hygiene.People // who is who: other addresses of a person
	Declared []string       // people of the configuration who are in no team
	// Open returns what is in a file of the operator's. Its errors name no secret.
	Open func(path string) ([]byte, error)

	table []row           // of Away.File
	today func() crm.Date // nil is not known
}

// Holidays are days off under a name.
type Holidays struct {
	Days  []hygiene.DayOff
	File  string // absolute, of a calendar with more of them; "" is none
	Place string // of File in the configuration: holidays.plant.file
	Why   string // what each day of File is called
}

// Team is a team and what its members have in common.
type Team struct {
	Name     string
	Zone     *time.Location
	Holidays string // name; "" is none
	Manager  string
	Deputy   string // "" is nobody
	Members  []string
}

// Trouble is what could not be read, and what to do about it.
type Trouble struct {
	Place string // the key of the configuration
	Text  string
	// Cause is the same as long as the trouble is the same, whatever else changes in the file.
	Cause string
	// Whole says that nothing counts of the file as it is, but still what it said before.
	Whole bool
	// Lost says that nobody knows what it said before, either.
	Lost bool
}

// Reader reads the files. Its methods may be called from several goroutines.
type Reader struct {
	plan Plan

	mu    sync.Mutex
	files []*file
	cross []Trouble // of absences that do not go together
	last  *hygiene.Almanac
	day   crm.Date // of last
}

// file is one file of the operator's, as it was last understood.
type file struct {
	path, place string
	parse       func(data []byte) (notes []note, err error) // keeps what it understood
	data        []byte                                      // nil was never understood
	notes       []note
	err         error
	answer      chan answer // of a look that has none yet
}

// note says what was not understood of a file. What is not understood has the same cause
// wherever it stands in the file.
type note struct{ cause, text string }

// answer is what a look at a file found.
type answer struct {
	data []byte
	err  error
}

// lookFor bounds how long a look at a file takes: a disk that is far away may not answer.
const lookFor = 5 * time.Second

// New reads the files for the first time.
func New(plan Plan) *Reader {
	r := &Reader{plan: plan}
	for name, h := range plan.Holidays {
		if h.File == "" {
			continue
		}
		f := &file{path: h.File, place: h.Place}
		own := h.Days
		f.parse = func(data []byte) ([]note, error) {
			days, texts, err := holiday.Read(data, h.Why)
			if err != nil {
				return nil, err
			}
			h.Days = slices.Concat(own, days)
			r.plan.Holidays[name] = h
			var notes []note
			for _, text := range texts {
				_, cause, _ := strings.Cut(text, ": ") // without its line
				notes = append(notes, note{cause, text})
			}
			return notes, nil
		}
		r.files = append(r.files, f)
	}
	if plan.Away.File != "" {
		r.files = append(r.files, &file{path: plan.Away.File, place: plan.Away.At, parse: func(data []byte) ([]note, error) {
			rows, notes, err := readTable(data)
			if err == nil {
				err = vanished(r.plan.ahead(), len(rows), notes)
			}
			if err == nil {
				r.plan.table = rows
			}
			return notes, err
		}})
	}
	slices.SortFunc(r.files, func(a, b *file) int { return bytes.Compare([]byte(a.place), []byte(b.place)) })
	r.Read()
	return r
}

// Read is who works when, by the files as they are now. A file that cannot be read, or is
// no whole file, changes nothing: what it said before still holds, and a trouble says so.
func (r *Reader) Read() *hygiene.Almanac {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed := r.last == nil || r.plan.today != nil && r.plan.today() != r.day // another row may be over
	for _, f := range r.files {
		changed = f.look(r.plan.Open) || changed
	}
	if changed {
		if r.plan.today != nil {
			r.day = r.plan.today()
		}
		r.last, r.cross = r.plan.almanac()
		for _, t := range r.troubles() {
			r.last.Troubles = append(r.last.Troubles, hygiene.Trouble{Cause: t.Place + ": " + t.Cause, Text: t.Place + ": " + t.Text})
		}
	}
	return r.last
}

// Troubles are those of the last Read.
func (r *Reader) Troubles() []Trouble {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.troubles()
}

func (r *Reader) troubles() (out []Trouble) {
	for _, f := range r.files {
		if f.err != nil {
			t := Trouble{Place: f.place, Text: f.err.Error(), Cause: "unread", Whole: true, Lost: f.data == nil}
			if !t.Lost {
				t.Text += "; until then what the file said before holds"
			}
			out = append(out, t)
		}
		for _, n := range f.notes {
			out = append(out, Trouble{Place: f.place, Text: n.text, Cause: n.cause})
		}
	}
	return append(out, r.cross...)
}

// look reads the file, and reports whether anything is otherwise than before. Files are
// small and read rarely, so they are compared as a whole: a time of change can be the same
// for two contents.
func (f *file) look(open func(string) ([]byte, error)) (changed bool) {
	data, err := f.open(open)
	if err == nil {
		if f.data != nil && bytes.Equal(data, f.data) {
			changed, f.err = f.err != nil, nil
			return changed
		}
		var notes []note
		if notes, err = f.parse(data); err == nil {
			f.data, f.notes, f.err = data, notes, nil
			return true
		}
	}
	changed = f.err == nil || f.err.Error() != err.Error()
	f.err = err
	return changed
}

// open is what is in the file, with an error where nobody answers for a while. Then a later
// look takes that answer if it is there, and waits no more.
func (f *file) open(open func(string) ([]byte, error)) ([]byte, error) {
	if f.answer == nil {
		f.answer = make(chan answer, 1)
		go func(to chan<- answer) {
			data, err := open(f.path)
			to <- answer{data, err}
		}(f.answer)
		t := time.NewTimer(lookFor)
		defer t.Stop()
		select {
		case a := <-f.answer:
			f.answer = nil
			return a.data, a.err
		case <-t.C:
		}
	}
	select {
	case a := <-f.answer:
		f.answer = nil
		return a.data, a.err
	default:
		return nil, errors.New("the disk that the file is on does not answer; is it mounted?")
	}
}

// almanac makes the calendars.
func (p *Plan) almanac() (*hygiene.Almanac, []Trouble) {
	freezes := hygiene.Apart(p.Freezes)
	sets := map[string]*hygiene.Holidays{}
	for name, h := range p.Holidays {
		sets[name] = hygiene.NewHolidays(h.Days)
	}
	absences, troubles := p.absences()
	a := &hygiene.Almanac{
		Company:  &hygiene.Calendar{Location: p.Company, Off: freezes},
		Teams:    map[string]*hygiene.Calendar{},
		People:   map[string]*hygiene.Calendar{},
		Freezes:  freezes,
		Absences: absences,
	}
	away := map[string][]hygiene.Span{}
	for _, x := range absences {
		away[x.Person] = append(away[x.Person], hygiene.Span{From: x.From, To: x.To, Why: hygiene.Leave})
	}
	own := func(person string, of *hygiene.Calendar) {
		c := *of
		name, has := p.People[person]
		if has {
			c.Holidays = sets[name]
		}
		if spans := away[person]; len(spans) > 0 {
			c.Off, has = hygiene.Apart(append(slices.Clone(freezes), spans...)), true
		}
		if has {
			a.People[person] = &c
		}
	}
	for i := range p.Teams {
		t := &p.Teams[i]
		c := &hygiene.Calendar{Location: t.Zone, Holidays: sets[t.Holidays], Off: freezes}
		a.Teams[t.Name] = c
		for _, m := range t.Members {
			own(m, c)
		}
		if a.People[t.Manager] == nil {
			own(t.Manager, c)
		}
	}
	for _, others := range []iter.Seq[string]{maps.Keys(p.People), maps.Keys(away)} {
		for person := range others {
			if a.People[person] == nil {
				own(person, a.Company)
			}
		}
	}
	return a, troubles
}
