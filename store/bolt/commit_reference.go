package bolt

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
)

func (c *commit) users() error {
	us := c.page.Users
	es, err := c.entries(len(us),
		func(b []byte, i int) ([]byte, error) {
			return recordKey(b, c.source, us[i].ID), checkID(crm.KindUser, us[i].ID)
		},
		func(b []byte, i int) []byte { return putUser(b, &us[i]) })
	if err != nil {
		return err
	}
	if err := c.plain(bucketUsers, es); err != nil {
		return err
	}
	for _, id := range c.page.Deleted {
		if err := c.remove(bucketUsers, recordKey(nil, c.source, id)); err != nil {
			return err
		}
	}
	return nil
}

func (c *commit) stages() error {
	ss := c.page.Stages
	es, err := c.entries(len(ss),
		func(b []byte, i int) ([]byte, error) {
			if err := checkWords("stage", ss[i].Pipeline, ss[i].ID); err != nil {
				return b, err
			}
			return stageKey(b, c.source, ss[i].Pipeline, ss[i].ID), checkID(crm.KindStage, ss[i].ID)
		},
		func(b []byte, i int) []byte { return putStage(b, &ss[i]) })
	if err != nil {
		return err
	}
	if err := c.plain(bucketStages, es); err != nil {
		return err
	}
	if len(c.page.Deleted) == 0 {
		return nil
	}
	// A deleted id does not say of which pipeline. There are few stages.
	var keys [][]byte
	err = c.scanPrefix(bucketStages, []byte{c.source}, func(k []byte, w wire) error {
		var st crm.Stage
		if err := w.stage(&st); err != nil {
			return c.bad(bucketStages, k, err)
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
		if err := c.remove(bucketStages, k); err != nil {
			return err
		}
	}
	return nil
}
