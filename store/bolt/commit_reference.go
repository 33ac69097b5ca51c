package bolt

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store/record"
)

// users is the way of the stream of users.
type users struct{ *commit }

func (c users) store() error {
	us := c.page.Users
	if err := c.keepAddresses(us); err != nil {
		return err
	}
	if err := c.believe(c.emptied(us)); err != nil {
		return err
	}
	es, err := c.entries(len(us),
		func(b []byte, i int) ([]byte, error) {
			return record.Key(b, c.source, us[i].ID), record.CheckID(crm.KindUser, us[i].ID)
		},
		func(b []byte, i int) []byte { return record.AppendUser(b, &us[i]) })
	if err != nil {
		return err
	}
	if err := c.plain(bucketUsers, es); err != nil {
		return err
	}
	for _, id := range c.page.Deleted {
		if err := c.remove(bucketUsers, record.Key(nil, c.source, id)); err != nil {
			return err
		}
	}
	return nil
}

func (c users) lose(key []byte) error { return c.remove(bucketUsers, key) }

// stages is the way of the stream of stages.
type stages struct{ *commit }

func (c stages) store() error {
	ss := c.page.Stages
	es, err := c.entries(len(ss),
		func(b []byte, i int) ([]byte, error) {
			if err := record.CheckWords("stage", ss[i].Pipeline, ss[i].ID); err != nil {
				return b, err
			}
			return record.StageKey(b, c.source, ss[i].Pipeline, ss[i].ID), record.CheckID(crm.KindStage, ss[i].ID)
		},
		func(b []byte, i int) []byte { return record.AppendStage(b, &ss[i]) })
	if err != nil {
		return err
	}
	if err := c.plain(bucketStages, es); err != nil {
		return err
	}
	if len(c.page.Deleted) == 0 {
		return nil
	}
	// A deleted id does not name its pipeline, so look through all stages: there are few.
	var keys [][]byte
	err = c.ScanPrefix(bucketStages, []byte{c.source}, func(k []byte, w record.Walk) error {
		var st crm.Stage
		if err := w.Stage(&st); err != nil {
			return c.Bad(bucketStages, k, err)
		}
		if slices.Contains(c.page.Deleted, st.ID) {
			keys = append(keys, slices.Clone(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := c.lose(k); err != nil {
			return err
		}
	}
	return nil
}

// lose marks a stage as gone. Deals may still be in it, and history names it, so its name
// is kept.
func (c stages) lose(key []byte) error {
	st, ok, err := c.read(key)
	if err != nil || !ok || st.Gone {
		return err
	}
	st.Gone, st.Active = true, false
	_, err = c.Put(c.Bucket(bucketStages), key, c.Value(key, func(b []byte) []byte { return record.AppendStage(b, &st) }))
	c.count.Deleted++
	return err
}

// isGone reports whether no run has to mention the stage, because none did before.
func (c stages) isGone(key []byte) (bool, error) {
	st, _, err := c.read(key)
	return st.Gone, err
}

func (c stages) read(key []byte) (st crm.Stage, ok bool, err error) {
	w, ok, err := c.Read(bucketStages, key)
	if err != nil || !ok {
		return st, false, err
	}
	return st, true, c.Bad(bucketStages, key, w.Stage(&st))
}
