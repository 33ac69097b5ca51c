package salesforce

import (
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
	pages map[crm.Stream][]map[string]bool
}

// before are the ids of the pages before the present one; none at the beginning of a query,
// and where a row that is touched meanwhile comes again rightly.
func (l *lately) before(r *reader) []map[string]bool {
	if run := r.c.Run; !run.Full || run.Window != nil || run.Job != nil || run.Next == "" {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pages[r.name]
}

// note adds a page to those before it.
func (l *lately) note(stream crm.Stream, before []map[string]bool, page map[string]bool) {
	pages := append(before[:len(before):len(before)], page)
	n := 0
	for i := len(pages) - 1; i >= 0; i-- {
		if n += len(pages[i]); n > mostLately {
			pages = pages[i+1:]
			break
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pages == nil {
		l.pages = map[crm.Stream][]map[string]bool{}
	}
	l.pages[stream] = pages
}

// has reports whether one of the pages has a row.
func has(pages []map[string]bool, id string) bool {
	for _, p := range pages {
		if p[id] {
			return true
		}
	}
	return false
}
