package bolt

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store/record"
)

// The configuration may take a field of deals from another field of the account than
// before. What the cache knows of the past is then the past of the other field.

// remap drops the changes of the fields, and has the opportunities and their history read
// again. Until the opportunities are, no change of these fields is observed.
func (t cacheTx) remap(src *record.Source, fields []crm.Field) error {
	if len(fields) == 0 {
		return nil
	}
	var keys [][]byte
	told := 0
	err := t.ScanPrefix(bucketChanges, []byte{src.Key}, func(k []byte, w record.Walk) error {
		var ch crm.Change
		if err := w.Change(&ch); err != nil {
			return t.Bad(bucketChanges, k, err)
		}
		if slices.Contains(fields, ch.Field) {
			keys = append(keys, slices.Clone(k))
			if !ch.Observed {
				told++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		if _, err := t.Drop(t.Bucket(bucketChanges), k); err != nil {
			return err
		}
	}
	row, err := t.stream(src.Key, crm.History)
	if err != nil {
		return err
	}
	row.Records -= told
	if err := t.putStream(src.Key, &row); err != nil {
		return err
	}
	for _, s := range []crm.Stream{crm.Opportunities, crm.History} {
		if err := t.restart(src.Key, s); err != nil {
			return err
		}
	}
	for _, f := range fields {
		if !slices.Contains(src.Remapped, f) {
			src.Remapped = append(src.Remapped, f)
		}
	}
	return nil
}

// remapped ends with the run that has read all opportunities again.
func (c *commit) remapped() error {
	if len(c.src.Remapped) == 0 || c.page.Stream != crm.Opportunities || c.page.More || c.page.Recalled {
		return nil
	}
	c.src.Remapped = nil
	return c.putSource(c.name, &c.src)
}
