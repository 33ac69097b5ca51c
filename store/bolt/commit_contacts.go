package bolt

import (
	"bytes"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store/record"
)

// contacts is the way of the stream of links to contacts.
type contacts struct{ *commit }

// store puts a row for each link below its opportunity, so a scan finds the link beside
// its deal. The bucket contact_links has the opportunity of each link. A link whose
// opportunity is not in the cache yet is kept, because streams are read side by side.
func (c contacts) store() error {
	cs := c.page.Contacts
	for i := range cs {
		if err := record.CheckID(crm.KindOpportunity, cs[i].OpportunityID); err != nil {
			return err
		}
	}
	es, err := c.entries(len(cs),
		func(b []byte, i int) ([]byte, error) {
			return record.Key(b, c.source, cs[i].ID), record.CheckID(crm.KindContact, cs[i].ID)
		},
		func(b []byte, i int) []byte { return record.AppendLinks(b, []string{cs[i].OpportunityID}) })
	if err != nil {
		return err
	}
	rows := &edits{}
	for i := range es {
		if err := c.save(&cs[es[i].i], &es[i], rows); err != nil {
			return err
		}
	}
	if err := rows.apply(c.Tx, bucketContacts); err != nil {
		return err
	}
	for _, id := range c.page.ContactsOf {
		if err := c.only(id, es); err != nil {
			return err
		}
	}
	for _, id := range c.page.ContactsKept {
		if err := c.keep(id); err != nil {
			return err
		}
	}
	for _, id := range c.page.Deleted {
		if err := record.CheckID(crm.KindContact, id); err != nil {
			return err
		}
		key := record.Key(nil, c.source, id)
		if err := c.named(key, id); err != nil {
			return err
		}
		if err := c.lose(key); err != nil {
			return err
		}
	}
	return nil
}

// save stores one link; rows collects the changes of its row.
func (c contacts) save(p *crm.Contact, e *entry, rows *edits) error {
	if err := c.note(e.key); err != nil {
		return err
	}
	before, had, err := c.of(e.key)
	if err != nil {
		return err
	}
	key := c.rowKey(p.OpportunityID, e.key)
	value := c.Value(key, func(b []byte) []byte { return record.AppendContact(b, p) })
	if had && before == p.OpportunityID && bytes.Equal(c.Bucket(bucketContacts).Get(key), value) {
		c.count.Unchanged++
		return nil
	}
	if had {
		rows.drop(c.commit, []string{before}, e.key)
	}
	rows.put(key, value)
	c.tally(had, true)
	_, err = c.Put(c.target(bucketContactLinks), e.key, e.value)
	return err
}

// of returns the opportunity that the link with that key belongs to.
func (c contacts) of(link []byte) (opportunity string, ok bool, err error) {
	w, ok, err := c.Read(bucketContactLinks, link)
	if err != nil || !ok {
		return "", false, err
	}
	var ids []string
	if err := w.Links(&ids); err != nil {
		return "", false, c.Bad(bucketContactLinks, link, err)
	}
	if len(ids) != 1 {
		return "", false, c.Damaged(bucketContactLinks, link, "not one opportunity")
	}
	return ids[0], true, nil
}

// only removes the links of the opportunity that the page does not mention: the page says
// in ContactsOf that it has all contacts of the opportunity. es are the page's links,
// sorted.
func (c contacts) only(opportunity string, es []entry) error {
	if err := record.CheckID(crm.KindOpportunity, opportunity); err != nil {
		return err
	}
	key := record.Key(nil, c.source, opportunity)
	if _, err := c.Drop(c.Bucket(bucketUntold), key); err != nil {
		return err
	}
	links, err := c.below(key)
	if err != nil {
		return err
	}
	lost := slices.DeleteFunc(slices.Clone(links), func(link []byte) bool {
		_, mentioned := slices.BinarySearchFunc(es, link, func(e entry, k []byte) int { return bytes.Compare(e.key, k) })
		return mentioned
	})
	for _, link := range lost {
		if id, _ := record.TakeID(link[1:]); len(lost) == len(links) {
			c.unlinked(id, []string{opportunity})
		}
		if err := c.lose(link); err != nil {
			return err
		}
	}
	return nil
}

// keep notes the links of the opportunity as mentioned by the run, and that the CRM did
// not tell them: until it does, an opportunity without links is not one without contacts.
func (c contacts) keep(opportunity string) error {
	if err := record.CheckID(crm.KindOpportunity, opportunity); err != nil {
		return err
	}
	key := record.Key(nil, c.source, opportunity)
	untold := c.Value(key, func(b []byte) []byte { return record.AppendUntold(b, c.now) })
	if _, err := c.Put(c.Bucket(bucketUntold), key, untold); err != nil || c.seen == nil {
		return err
	}
	links, err := c.below(key)
	if err != nil {
		return err
	}
	for _, link := range links {
		if err := c.note(link); err != nil {
			return err
		}
	}
	return nil
}

// below returns the keys of the links to contacts of the opportunity with that key.
func (c contacts) below(opportunity []byte) (links [][]byte, err error) {
	prefix := record.Below(nil, opportunity)
	err = c.ScanPrefix(bucketContacts, prefix, func(k []byte, _ record.Walk) error {
		links = append(links, append([]byte{c.source}, k[len(prefix):]...))
		return nil
	})
	return links, err
}

// lose removes a link and its row.
func (c contacts) lose(link []byte) error {
	ok, err := c.unlink(link)
	if ok {
		c.count.Deleted++
	}
	return err
}

// unlink removes a link and its row and, unlike lose, does not count the link as
// deleted by the page.
func (c contacts) unlink(link []byte) (bool, error) {
	opportunity, ok, err := c.of(link)
	if err != nil || !ok {
		return false, err
	}
	if _, err := c.Drop(c.Bucket(bucketContacts), c.rowKey(opportunity, link)); err != nil {
		return false, err
	}
	c.grown[crm.Contacts]--
	return c.Drop(c.Bucket(bucketContactLinks), link)
}
