package bolt

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store/record"
)

// history is the way of the stream of the CRM's own history. Changes that the CRM deletes
// are kept: most CRMs drop history after a year or two, and the deal's past is the same
// as before.
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
