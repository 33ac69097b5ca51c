package bolt

import (
	"bytes"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// believe returns a [store.VanishedError] where the page would empty so many values at once
// that it is doubted. each calls count with the stored value of each record of the page that
// the cache has; changed leaves out those that are the same.
func (c *commit) believe(each func(changed bool, e *store.Emptied) error) error {
	if c.page.Sure || c.losses != nil || !c.complete {
		return nil
	}
	var e store.Emptied
	if err := each(true, &e); err != nil || !e.Any(c.page) {
		return err
	}
	e = store.Emptied{}
	if err := each(false, &e); err != nil {
		return err
	}
	readable := func(field string) bool {
		remapped := slices.Contains(c.src.Remapped, crm.Field(field)) // the cache has the values of another field
		return !remapped && c.src.Info.Fields.Access(field) == crm.Readable
	}
	if v := e.Doubt(c.page, readable); v != nil {
		return v
	}
	return nil
}

// emptied counts what the page would empty of opportunities.
func (c opportunities) emptied(es []entry) func(bool, *store.Emptied) error {
	return func(changed bool, e *store.Emptied) error {
		var was crm.Opportunity
		for i := range es {
			name, stored := bucketOpen, c.Bucket(bucketOpen).Get(es[i].key)
			if stored == nil {
				name, stored = bucketClosed, c.Bucket(bucketClosed).Get(es[i].key)
			}
			if stored == nil || changed && bytes.Equal(stored, es[i].value) {
				continue
			}
			w, err := c.Open(name, es[i].key, stored)
			if err != nil {
				return err
			}
			if err := w.Opportunity(&was); err != nil {
				return c.Bad(name, es[i].key, err)
			}
			e.Opportunity(&was, &c.page.Opportunities[es[i].i])
		}
		return nil
	}
}

// emptied counts what the page would empty of users.
func (c users) emptied(us []crm.User) func(bool, *store.Emptied) error {
	return func(_ bool, e *store.Emptied) error {
		for i := range us {
			was, ok, err := c.read(us[i].ID)
			if err != nil {
				return err
			}
			if ok {
				e.User(&was, &us[i])
			}
		}
		return nil
	}
}

func (c users) read(id string) (u crm.User, ok bool, err error) {
	key := record.Key(nil, c.source, id)
	w, ok, err := c.Read(bucketUsers, key)
	if err != nil || !ok {
		return u, false, err
	}
	return u, true, c.Bad(bucketUsers, key, w.User(&u))
}

// keepAddresses has users who come without an address keep the one that is known: nobody
// stops having one, and who has none is in no team.
func (c users) keepAddresses(us []crm.User) error {
	for i := range us {
		if us[i].Email != "" {
			continue
		}
		was, ok, err := c.read(us[i].ID)
		if err != nil {
			return err
		}
		if ok && was.Email != "" {
			us[i].Email = was.Email
			c.count.Addresses++
		}
	}
	return nil
}
