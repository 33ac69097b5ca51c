package bolt

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store/record"
)

// Export is a step of [store.Records]. Its cursor is the key of the last record.
func (c cache) Export(ctx context.Context, source string, stream crm.Stream, after string, limit int) (p crm.Page, next string, err error) {
	position, err := hex.DecodeString(after)
	if err != nil {
		return p, "", fmt.Errorf("export: cursor %q is not one that an export returned; begin with an empty cursor", after)
	}
	p.Stream = stream
	limit = max(limit, 1)
	err = c.view(ctx, func(t cacheTx) error {
		src, ok, err := t.source(source)
		if err != nil || !ok {
			return err
		}
		e := &export{cacheTx: t, page: &p, record: src, source: src.Key, limit: limit, from: append([]byte{src.Key}, position...)}
		last, err := e.run(stream)
		if err == nil && last != nil {
			next = hex.EncodeToString(last[1:])
		}
		return err
	})
	if err != nil {
		return crm.Page{}, "", err
	}
	p.More = next != ""
	return p, next, nil
}

// export is one call of Export.
type export struct {
	cacheTx
	page   *crm.Page
	record record.Source
	source byte
	limit  int
	from   []byte // key of the last record of the page before; at the start the source's key byte
}

// run fills the page and returns the key of its last record, nil when no record
// follows.
func (e *export) run(stream crm.Stream) ([]byte, error) {
	switch stream {
	case crm.Opportunities:
		return e.opportunities()
	case crm.Activities:
		return e.records([]string{bucketLinks}, e.activity)
	case crm.Users:
		return e.records([]string{bucketUsers}, func(_ []byte, w record.Walk) error {
			e.page.Users = append(e.page.Users, crm.User{})
			return w.User(&e.page.Users[len(e.page.Users)-1])
		})
	case crm.Stages:
		return e.records([]string{bucketStages}, func(_ []byte, w record.Walk) error {
			e.page.Stages = append(e.page.Stages, crm.Stage{})
			return w.Stage(&e.page.Stages[len(e.page.Stages)-1])
		})
	case crm.History:
		return e.history()
	case crm.Contacts:
		return e.records([]string{bucketContactLinks}, e.contact)
	}
	return nil, fmt.Errorf("export: unknown stream %q", stream)
}

// records calls add with the values of several buckets, merged in the order of their
// keys.
func (e *export) records(buckets []string, add func(k []byte, w record.Walk) error) (last []byte, err error) {
	type side struct {
		name string
		c    *bbolt.Cursor
		k, v []byte
	}
	sides := make([]side, len(buckets))
	for i, name := range buckets {
		s := side{name: name, c: e.Bucket(name).Cursor()}
		if s.k, s.v = s.c.Seek(e.from); bytes.Equal(s.k, e.from) {
			s.k, s.v = s.c.Next()
		}
		sides[i] = s
	}
	for n := 0; ; n++ {
		var first *side
		for i := range sides {
			s := &sides[i]
			if s.k != nil && s.k[0] == e.source && (first == nil || bytes.Compare(s.k, first.k) < 0) {
				first = s
			}
		}
		if first == nil {
			return nil, nil
		}
		if n == e.limit {
			return last, nil
		}
		w, err := e.Open(first.name, first.k, first.v)
		if err != nil {
			return nil, err
		}
		if err := add(first.k, w); err != nil {
			return nil, e.Bad(first.name, first.k, err)
		}
		last = slices.Clone(first.k)
		first.k, first.v = first.c.Next()
	}
}

// opportunities adds opportunities, open and closed, with the number of their
// contacts, as a scan lends them.
func (e *export) opportunities() ([]byte, error) {
	counted, err := e.headcount(&e.record)
	if err != nil {
		return nil, err
	}
	links := side{c: e.Bucket(bucketContacts).Cursor()}
	return e.records([]string{bucketOpen, bucketClosed}, func(k []byte, w record.Walk) error {
		e.page.Opportunities = append(e.page.Opportunities, crm.Opportunity{})
		o := &e.page.Opportunities[len(e.page.Opportunities)-1]
		if err := w.Opportunity(o); err != nil {
			return err
		}
		n, prefix := 0, record.Below(nil, k)
		for s := links.at(prefix); s.under(prefix); s.next() {
			n++
		}
		counted.Put(o, n, e.Bucket(bucketUntold).Get(k) == nil)
		return nil
	})
}

// activity adds the activity with that key; w holds the ids of its opportunities.
func (e *export) activity(k []byte, w record.Walk) error {
	var ids []string
	if err := w.Links(&ids); err != nil || len(ids) == 0 {
		return err
	}
	row := append(record.Below(nil, record.Key(nil, e.source, ids[0])), k[1:]...)
	w, ok, err := e.Read(bucketActivities, row)
	if err != nil || !ok {
		return err
	}
	var a crm.Activity
	if err := w.Activity(&a); err != nil {
		return err
	}
	e.page.Activities = append(e.page.Activities, a)
	return nil
}

// contact adds the link to a contact with that key; w holds the id of its opportunity.
func (e *export) contact(k []byte, w record.Walk) error {
	var ids []string
	if err := w.Links(&ids); err != nil || len(ids) == 0 {
		return err
	}
	row := append(record.Below(nil, record.Key(nil, e.source, ids[0])), k[1:]...)
	w, ok, err := e.Read(bucketContacts, row)
	if err != nil || !ok {
		return err
	}
	e.page.Contacts = append(e.page.Contacts, crm.Contact{})
	return w.Contact(&e.page.Contacts[len(e.page.Contacts)-1])
}

// history adds the folded changes of whole opportunities.
func (e *export) history() (last []byte, err error) {
	c := e.Bucket(bucketChanges).Cursor()
	from := e.from
	if len(from) > 1 {
		from = record.After(from) // after all changes of the last opportunity
	}
	for k, v := c.Seek(from); k != nil && k[0] == e.source; {
		_, rest := record.TakeID(k[1:])
		prefix := slices.Clone(k[:len(k)-len(rest)+1]) // with the separator
		var cs []crm.Change
		for ; k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
			w, err := e.Open(bucketChanges, k, v)
			if err != nil {
				return nil, err
			}
			var ch crm.Change
			if err := w.Change(&ch); err != nil {
				return nil, e.Bad(bucketChanges, k, err)
			}
			cs = append(cs, ch)
		}
		if e.dropped(prefix[:len(prefix)-1]) {
			continue // the changes wait for the opportunity to come back
		}
		cs = crm.Fold(cs)
		if have := len(e.page.Changes); have > 0 && have+len(cs) > e.limit {
			return last, nil
		}
		e.page.Changes = append(e.page.Changes, cs...)
		last = prefix
	}
	return nil, nil
}
