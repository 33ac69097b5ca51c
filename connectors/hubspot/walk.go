package hubspot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// walk fetches one page of a stream. Each kind of record has a type of its own around
// walk: deals, history, contacts, activities, owners.
type walk struct {
	finder

	view   *view
	survey *survey
	open   *openDeals
	seen   *seenLinks
	names  *referred
	told   *told
	cfg    *Config
	where  string // names the source in errors
	page   *crm.Page
	left   []string // records that could not be read
	fault  string   // what is said of the first of them
	said   string   // the note about all of them, "" before the first

	shared  *hit                   // what a search for several streams found; nil where the walk searches for itself
	joint   *joint                 // shared with other streams of the poll; nil is with none
	sharing *atomic.Pointer[joint] // Source.joint
}

// walk begins a page of the records of one kind of object.
func (s *Source) walk(v *view, c *cursor, object string, page *crm.Page) *walk {
	return &walk{
		finder: finder{api: s.api, object: object, cur: c, run: c.Run},
		view:   v, survey: s.survey, open: s.open, seen: s.seen, names: s.names, told: s.told, cfg: &s.cfg, where: s.where, page: page, sharing: &s.joint,
	}
}

// manyRecords bounds what may be a coincidence: where all of more records cannot be
// read, the fault is HubSpot's or ours.
const manyRecords = 10

// leave skips a record with a value that cannot be read, one of so many records on the
// page, and says so on the page: one record must not keep all others from being read.
// The cached record stays as it was.
func (w *walk) leave(rec *row.Record, of int, err error) error {
	if w.left = append(w.left, string(rec.ID)); len(w.left) == of && of > manyRecords {
		return w.api.Unreadable(err)
	}
	w.stay([]string{string(rec.ID)})
	w.odd(string(rec.ID))
	why := err
	if inner := errors.Unwrap(err); inner != nil { // the id stands beside it
		why = inner
	}
	_, lacks := errors.AsType[portal.LacksError](err)
	w.page.Left = append(w.page.Left, crm.Left{ID: portal.Name(w.object, string(rec.ID)), Why: why.Error(), Lacks: lacks})
	fault := fmt.Sprintf("%s: %s: %v", w.where, w.object, err)
	if n := len(w.left) - 1; n > 0 {
		fault = fmt.Sprintf("%s, and %d more (%s)", w.fault, n, sample(w.left[1:]))
	} else {
		w.fault = fault
	}
	stays := "; the cached record stays as it was until the value is corrected in HubSpot"
	if lacks {
		stays = "; the cached record stays as it was, and a later run asks again"
	}
	if w.page.Note == "" || w.said == w.page.Note { // otherwise the page says something else
		w.said = fault + stays
		w.page.Note = w.said
	}
	return nil
}

// mute says on the page which records HubSpot said nothing of though they were asked
// for by their ids, other than those that the page knows to be gone by another record.
// The cached records stay as they were.
func (w *walk) mute(ids []string) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(w.page.Deleted, id) })
	if len(ids) == 0 {
		return
	}
	w.stay(ids)
	w.odd(ids...)
	w.leftOut("HubSpot did not answer for it", ids...)
	if w.page.Note == "" {
		w.page.Note = fmt.Sprintf("%s: HubSpot did not answer for %s (%s), nor say that %s gone; what is cached stays as it was, and the next run asks again",
			w.where, w.counted(len(ids)), sample(ids), crm.Plural(len(ids), "it is", "they are"))
	}
}

// leftOut names records on the page of which an answer lacks something.
func (w *walk) leftOut(why string, ids ...string) {
	for _, id := range ids {
		w.page.Left = append(w.page.Left, crm.Left{ID: portal.Name(w.object, id), Why: why, Lacks: true})
	}
}

// stay tells the sweep that records are there, though they are not on the page.
func (w *walk) stay(ids []string) {
	if (w.run.Full || w.cur.Lap != nil) && (w.page.Stream == crm.Opportunities || w.page.Stream == crm.Activities) {
		for _, id := range ids {
			w.page.Exist = append(w.page.Exist, portal.Name(w.object, id))
		}
	}
}

// unlinked says on the page of which records HubSpot did not tell the associations with
// records of the kind to. What is cached of these records stays as it was.
func (w *walk) unlinked(to string, ids []string) {
	if w.page.Stream != crm.Activities || w.object != "deals" { // of links that were looked for late no record is known
		w.odd(ids...)
		w.leftOut("HubSpot did not answer which "+to+" belong to it", ids...)
	}
	if len(ids) > 0 && w.page.Note == "" {
		w.page.Note = fmt.Sprintf("%s: HubSpot did not answer which %s belong to %s (%s), nor say that there are none; what is cached of %s stays as it was, and the next run asks again",
			w.where, to, w.counted(len(ids)), sample(ids), crm.Plural(len(ids), "it", "these "+w.object))
	}
}

// counted writes how many records of the kind there are: "1 call".
func (w *walk) counted(n int) string {
	return crm.Counted(n, strings.TrimSuffix(w.object, "s"))
}

// sample lists the first of many ids.
func sample(ids []string) string {
	if len(ids) > 3 {
		return strings.Join(ids[:3], ", ") + ", …"
	}
	return strings.Join(ids, ", ")
}

// note says something on the page, unless the page says something already.
func (w *walk) note(text string) {
	if w.page.Note == "" {
		w.page.Note = text
	}
}

// count searches for the number of records at the beginning of a backfill: lists do
// not tell the number. The index may lag, so the progress may be wrong.
func (w *walk) count(ctx context.Context, parts []part) error {
	r := w.run
	if !r.Full || r.Done > 0 || r.Part > 0 || r.After != "" || parts[r.Part].fill == nil {
		return nil
	}
	r.Counts = make([]int, len(parts))
	for i, p := range parts {
		if p.fill == nil || w.view.hidden(p.object) {
			continue
		}
		found, err := w.api.Count(ctx, p.object)
		if err != nil {
			return err
		}
		w.cur.began(found.Asked)
		r.Counts[i] = found.Total
		r.Total += found.Total
	}
	return nil
}

// list fetches the page of a list at which the run stands, and moves the run on.
func (w *walk) list(ctx context.Context, l api.Listing) ([]row.Record, error) {
	l.Object, l.After = w.object, w.run.After
	got, err := w.api.List(ctx, l)
	if err != nil {
		return nil, err
	}
	w.cur.began(got.Asked)
	w.run.After = got.Next
	if !l.Archived {
		w.run.marked(got.Records)
	}
	if w.run.Lap {
		w.run.Lists++
	}
	if l.Archived {
		return got.Records, nil // who is not named there is not deleted
	}
	rows := len(got.Records)
	found := slices.DeleteFunc(got.Records, func(r row.Record) bool { return r.ID == "" })
	return found, w.nameless(rows-len(found), rows)
}

// ids finds the ids of the records modified since the last run. A search for several
// streams at once may have found the ids of the page already.
func (w *walk) ids(ctx context.Context, times int) (*hit, error) {
	first := w.run.LastID == ""
	if h := w.shared; h != nil {
		w.shared = nil
		w.cur.heard(w.object, first, h.ids)
		w.unnamed(h)
		w.cur.began(h.asked)
		w.run.Done += len(h.ids)
		if len(h.ids) > 0 {
			w.run.LastID = h.ids[len(h.ids)-1]
		}
		return h, nil
	}
	from := w.cur.from(w.object, w.cfg.Overlap)
	if j := w.joint; j != nil {
		w.known, from = j.ids, j.from
	}
	h, err := w.search(ctx, times, api.Stamped(from))
	if err == nil {
		w.cur.heard(w.object, first, h.ids)
		w.unnamed(h)
	}
	return h, err
}

// modified finds the records modified since the last run, and reads the records.
func (w *walk) modified(ctx context.Context, names, history []string) (*hit, error) {
	if j := w.joint; j != nil {
		var err error
		w.shared, err = j.records.once(ctx, spot{w.run.LastID, w.view.Schema}, func() (*hit, error) { return j.read(ctx, w.api, w.view, w.run.LastID, 1) })
		if err != nil {
			w.sharing.CompareAndSwap(j, nil) // next time each stream reads for itself
			return nil, err
		}
	}
	h, err := w.ids(ctx, 1)
	if err != nil || h.read {
		return h, err
	}
	return h, h.readBy(ctx, w.api, w.object, names, history, w.cur.memory)
}

// bin reads one page of the recycle bin. Archiving leaves no trace that a search
// could find.
func (w *walk) bin(ctx context.Context) (bool, error) {
	got, err := w.list(ctx, api.Listing{Properties: []string{"hs_object_id"}, Archived: true})
	if _, ok := errors.AsType[*api.ScopeError](err); ok {
		// The records themselves may be read, and the day's reading shows what went.
		w.note(fmt.Sprintf("%s: the archived %s cannot be read, so a deletion is noticed once a day only: %v", w.where, w.object, err))
		w.run.After = ""
		return true, nil
	}
	if err != nil {
		return false, err
	}
	w.run.Pages++
	from := w.cur.binnedFrom(w.cfg.Overlap)
	for i := range got {
		rec := &got[i]
		at, err := row.ParseTime(string(rec.ArchivedAt))
		if rec.ID != "" && rec.Archived && (w.run.Full || err != nil || at.IsZero() || !at.Before(from)) {
			w.page.Deleted = append(w.page.Deleted, portal.Name(w.object, string(rec.ID)))
		}
	}
	return w.run.After == "", nil
}
