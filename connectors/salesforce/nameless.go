package salesforce

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// A row without an id, or with the id of another object, is nobody's: it is left out and
// named, and the rows beside it are read. Which cached record it was cannot be known, so the
// stream is swept within a day; what a sweep does not mention is confirmed by its id before
// it is dropped. A sweep reads no closed deals, so what has the stamp of such a row is asked
// for again as well, as odd rows are by their ids.

// errNameless says that an answer is no answer, because too many of its rows have no id.
var errNameless = errors.New("rows have no id")

// identify returns the id of a row; ok is false where the row has none, or that of another
// object.
func (c *reading) identify(from *row.Row) (id string, ok bool) {
	if id, ok = row.LongID(from.Text("Id")); !ok {
		return "", false
	}
	return id, strings.HasPrefix(id, prefixes[c.part.object])
}

// leaveNameless leaves a row out and names it by when it was created, where that is read.
func (c *reading) leaveNameless(from *row.Row) {
	c.nameless++
	name := c.part.object + " without an id"
	if at := from.Time("CreatedDate"); !at.IsZero() {
		name += ", created " + at.UTC().Format(time.RFC3339)
	}
	if at := from.Time(c.stamp); !at.IsZero() {
		c.stamps = append(c.stamps, strconv.FormatInt(at.Unix(), 10))
	}
	c.left = append(c.left, crm.Left{ID: "(" + name + ")", Why: from.FaultOf("Id"), Lacks: true})
}
