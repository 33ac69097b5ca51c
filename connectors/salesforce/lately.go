package salesforce

import (
	"slices"
	"sync"

	"github.com/pipetidy/pipetidy/crm"
)

// mostLately is how many ids of the pages before are remembered of each stream: five pages of
// the largest size.
const mostLately = 10_000

// lately remembers which rows the last pages of one query had. The pages of a query by id
// have each row once, so a page that has one again lacks another, which the announced number
// of rows has counted. A process that has just begun knows of no page, and of very many pages
// only the last are known: what a list lacked then is found by the next sweep.
type lately struct {
	mu    sync.Mutex
	pages map[crm.Stream][]listed
}

// listed is a page of a list: the locator by which it was asked for, "" for the first one, and
// the ids of its rows.
type listed struct {
	locator string
	ids     map[string]bool
}

// before are the pages before the present one; none at the beginning of a query, and where a
// row that is touched meanwhile comes again rightly. A page that is asked for again is not
// before itself.
func (l *lately) before(r *reader) []listed {
	run := r.c.Run
	if !run.Full || run.Window != nil || run.Job != nil || run.Next == "" {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	pages := l.pages[r.name]
	if i := slices.IndexFunc(pages, func(p listed) bool { return p.locator == run.Next }); i >= 0 {
		pages = pages[:i]
	}
	return pages
}

// note adds a page to those before it.
func (l *lately) note(stream crm.Stream, before []listed, page listed) {
	pages := append(slices.Clone(before), page)
	n := 0
	for i, p := range slices.Backward(pages) {
		if n += len(p.ids); n > mostLately {
			pages = pages[i+1:]
			break
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pages == nil {
		l.pages = map[crm.Stream][]listed{}
	}
	l.pages[stream] = pages
}

// has reports whether one of the pages has a row.
func has(pages []listed, id string) bool {
	return slices.ContainsFunc(pages, func(p listed) bool { return p.ids[id] })
}
