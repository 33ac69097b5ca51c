package hubspot

import (
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
)

// HubSpot calculates on each deal how many contacts it has. Where that says some and the
// associations say none, one of the two is wrong: an answer that says "none" of every deal is
// no error, and the number may be late. The deal's contacts are unknown then, and asked for
// again with the next run, and once an hour from then on. A number that is late follows within
// minutes, and a fault of HubSpot's is over within hours, so after mostDoubts of these answers
// the associations are believed: they name who it is, and the number is calculated from them.
// Where more deals than a few are in doubt together, the fault is in the answers, and none of
// the doubts ends by itself.

// mostDoubts is how often a deal's contacts are asked for again: for half a day or more.
const mostDoubts = 12

// doubted reports whether the contacts of a deal whose own record counts some are unknown,
// though an answer names none.
func (c contacts) doubted(id string) bool {
	if c.cur.Doubts == nil {
		c.cur.Doubts = map[string]int{}
	}
	if _, known := c.cur.Doubts[id]; !known && len(c.cur.Doubts) <= manyRecords {
		c.cur.Doubts[id] = 0
	}
	return c.cur.Doubts[id] < mostDoubts || len(c.cur.Doubts) > manyRecords
}

// askedAgain counts that the contacts of deals in doubt are asked for again.
func (c contacts) askedAgain(ids []string) {
	for _, id := range ids {
		if n, in := c.cur.Doubts[id]; in && n < mostDoubts {
			c.cur.Doubts[id] = n + 1
		}
	}
}

// settle ends the doubt about a deal whose contacts are put on the page. A doubt that ends by
// itself is said once, and does not begin again while the two go on to differ.
func (c contacts) settle(id string, differ bool) {
	switch {
	case !differ:
		delete(c.cur.Doubts, id)
	case c.cur.Doubts[id] == mostDoubts:
		c.cur.Doubts[id]++
		c.note(fmt.Sprintf("%s: the record of deal %s counts contacts, and HubSpot has named none in %s, so the deal has none; if HubSpot shows some on the deal, ask HubSpot why its associations lack them",
			c.where, id, crm.Counted(mostDoubts, "answer")))
	}
}
