package bolt

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store/record"
)

// history is the stream of the CRM's own history on its way into the cache. What the
// CRM deletes of it is kept: most CRMs drop history after a year or two, and a
// deal's past stays its past.
type history struct{ *commit }

func (c history) store() error {
	cs := c.page.Changes
	es, err := c.entries(len(cs),
		func(b []byte, i int) ([]byte, error) {
			ch := &cs[i]
			if err := record.CheckID(crm.KindOpportunity, ch.OpportunityID); err != nil {
				return b, err
			}
			return record.ChangeKey(b, c.source, ch.OpportunityID, ch.At, ch.ID), record.CheckID(crm.KindChange, ch.ID)
		},
		func(b []byte, i int) []byte { return record.AppendChange(b, &cs[i]) })
	if err != nil {
		return err
	}
	return c.plain(bucketChanges, es)
}

// lose is never called: no run of history is noted.
func (c history) lose([]byte) error { return nil }
