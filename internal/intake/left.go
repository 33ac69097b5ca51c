package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// leftNote begins the name of the note that keeps which records of a source were left out,
// for status.
const leftNote = "left|"

// mostLeft is how many records of a stream are remembered that were left out, each with so
// many signs of the reason. leftNamed is how many status names.
const (
	mostLeft   = 100
	longestWhy = 200
	leftNamed  = 5
)

// left are records that were left out, by stream and id.
type left map[crm.Stream]map[string]*out

// out is why a record was left out. Sweeps counts the sweeps that ended since: a record
// that is purged is left out for ever, and no reading finds it well.
type out struct {
	Why    string `json:"why"`
	Sweeps int    `json:"sweeps,omitempty"`
	Lacks  bool   `json:"lacks,omitempty"` // see crm.Left
}

// noteLeft notes which records a committed page leaves out, and forgets those that it finds
// well, or gone. With whole, the page ends a run after which nothing is untold of the stream
// any more, so no row without an id is left out.
func (in *Intake) noteLeft(ctx context.Context, src crm.Source, p *crm.Page, whole bool) error {
	if kindOf[p.Stream] == "" {
		return nil
	}
	in.leaving.Lock()
	defer in.leaving.Unlock()
	all, err := in.leftOut(ctx, src)
	if err != nil || len(p.Left) == 0 && len(all) == 0 {
		return err
	}
	fresh := left{}
	for s, ids := range all {
		fresh[s] = maps.Clone(ids)
	}
	if whole {
		maps.DeleteFunc(fresh[p.Stream], func(id string, _ *out) bool { return strings.HasPrefix(id, "(") })
	}
	fresh.strike(p)
	fresh.add(p)
	maps.DeleteFunc(fresh, func(_ crm.Stream, ids map[string]*out) bool { return len(ids) == 0 })
	if maps.EqualFunc(fresh, all, sameOut) {
		return nil
	}
	b, err := json.Marshal(fresh)
	if err != nil {
		return fmt.Errorf("note what was left out: %w", err)
	}
	if err := in.journal.Note(ctx, in.fence, leftNote+src.Name(), string(b)); err != nil {
		return store.AsFileError(err)
	}
	in.left[src.Name()] = fresh
	return nil
}

func sameOut(a, b map[string]*out) bool {
	return maps.EqualFunc(a, b, func(a, b *out) bool { return *a == *b })
}

// strike forgets what the page finds well, or gone, and what two sweeps, or readings of all, have not met. What
// belongs to a deal goes with the deal.
func (l left) strike(p *crm.Page) {
	of := []crm.Stream{p.Stream}
	for id := range wellOrGone(p) {
		delete(l[p.Stream], id)
	}
	if p.Stream == crm.Opportunities {
		of = append(of, crm.History, crm.Contacts)
		for _, id := range p.Deleted {
			delete(l[crm.History], id)
			delete(l[crm.Contacts], id)
		}
	}
	if p.Replace && !p.More {
		delete(l, p.Stream)
	}
	if p.Recalled || p.More || !(p.Sweep || p.Reread) || p.SweepGoesOn {
		return
	}
	for _, s := range of {
		for id, o := range l[s] {
			l[s][id] = &out{Why: o.Why, Sweeps: o.Sweeps + 1, Lacks: o.Lacks}
			if o.Sweeps > 0 {
				delete(l[s], id)
			}
		}
	}
}

// add notes what the page leaves out.
func (l left) add(p *crm.Page) {
	now := l[p.Stream]
	for _, one := range p.Left {
		if now[one.ID] != nil || len(now) < mostLeft {
			if now == nil {
				now = map[string]*out{}
			}
			why := []rune(one.Why)
			now[one.ID] = &out{Why: string(why[:min(len(why), longestWhy)]), Lacks: one.Lacks}
		}
	}
	l[p.Stream] = now
}

// wellOrGone are the ids of the records that the page has, or names as deleted. A change is
// of the history of its deal, or of the row that its own id begins with.
func wellOrGone(p *crm.Page) map[string]bool {
	ids := map[string]bool{}
	for i := range p.Users {
		ids[p.Users[i].ID] = true
	}
	for i := range p.Opportunities {
		ids[p.Opportunities[i].ID] = true
	}
	for i := range p.Activities {
		ids[p.Activities[i].ID] = true
	}
	for i := range p.Contacts {
		ids[p.Contacts[i].ID] = true
	}
	for i := range p.Changes {
		row, _, _ := strings.Cut(p.Changes[i].ID, ":")
		ids[row], ids[p.Changes[i].OpportunityID] = true, true
	}
	for _, id := range slices.Concat(p.Deleted, p.ContactsOf, p.Well) {
		ids[id] = true
	}
	return ids
}

// leftOut are the records of a source that were left out, as this process or one before
// has noted. The caller holds in.leaving.
func (in *Intake) leftOut(ctx context.Context, src crm.Source) (left, error) {
	if l, ok := in.left[src.Name()]; ok {
		return l, nil
	}
	l := left{}
	s, err := in.journal.Noted(ctx, leftNote+src.Name())
	if err != nil {
		return nil, store.AsFileError(err)
	}
	if s != "" {
		if err := json.Unmarshal([]byte(s), &l); err != nil {
			return nil, fmt.Errorf("read what was left out: %w", err)
		}
	}
	in.left[src.Name()] = l
	return l, nil
}

// Left says which records of a source were left out and have not been found well since; ""
// is none.
func (in *Intake) Left(ctx context.Context, src crm.Source) (string, error) {
	in.leaving.Lock()
	defer in.leaving.Unlock()
	l, err := in.leftOut(ctx, src)
	if err != nil {
		return "", err
	}
	n, lacking := 0, 0
	var named []string
	for _, s := range []crm.Stream{crm.Opportunities, crm.Activities, crm.Contacts, crm.History, crm.Users, crm.Stages} {
		for _, id := range slices.Sorted(maps.Keys(l[s])) {
			if s != crm.Opportunities && l[crm.Opportunities][id] != nil {
				continue // the deal itself is named
			}
			if n++; l[s][id].Lacks {
				lacking++
			}
			if len(named) < leftNamed {
				named = append(named, fmt.Sprintf("%s %s: %s", kindOf[s], id, l[s][id].Why))
			}
		}
	}
	if n == 0 {
		return "", nil
	}
	more := ""
	if n > len(named) {
		more = fmt.Sprintf("; and %d more", n-len(named))
	}
	are := crm.Counted(n, "record") + crm.Plural(n, " was left out, and the cache has it as it was", " were left out, and the cache has them as they were")
	advice := ""
	if lacking < n {
		advice = "; correct the values in the CRM"
	}
	if lacking > 0 {
		advice += "; what the CRM did not answer for is asked for again"
	}
	return fmt.Sprintf("source %s: %s before, if at all: %s%s%s", src.Name(), are, strings.Join(named, "; "), more, advice), nil
}

// kindOf names one record of a stream.
var kindOf = map[crm.Stream]string{crm.Opportunities: "deal", crm.Activities: "activity", crm.Contacts: "contacts of deal", crm.History: "history", crm.Users: "user", crm.Stages: "stage"}
