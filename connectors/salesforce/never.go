package salesforce

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Salesforce never leaves some values empty: the owner and the stage of a deal, whether it
// is closed, the deal of a history or of a contact role. A row without one was spoilt on
// its way, and tells nothing of that value: neither that a deal lost its owner, nor that it
// is open. The value is odd, like one of another form.

// never are the columns that Salesforce never leaves empty, by object, where what they say
// decides. The describes of all orgs say so too (nillable is false), and the Object
// Reference marks them as required or without Nillable.
var never = map[string][]string{
	"Opportunity":            {"Name", "StageName", "CloseDate", "OwnerId", "IsClosed", "IsWon", "CreatedDate", "LastModifiedDate"},
	"OpportunityHistory":     {"OpportunityId", "StageName", "CreatedDate"},
	"OpportunityContactRole": {"OpportunityId"},
	"OpportunityStage":       {"MasterLabel", "IsActive", "IsClosed", "IsWon"},
	"Task":                   {"OwnerId", "IsClosed", "IsRecurrence", "CreatedDate"},
	"Event":                  {"OwnerId", "IsAllDayEvent", "IsRecurrence", "IsChild", "CreatedDate"},
	"User":                   {"IsActive"},
}

// parents are the columns that hold the id of another record, and how that begins; "" is
// anyhow.
var parents = []struct{ column, prefix string }{{"OpportunityId", prefixes["Opportunity"]}, {"OwnerId", ""}, {"WhatId", ""}}

// starts are the columns of Event of which one at least has a value.
var starts = []string{"StartDateTime", "ActivityDateTime", "ActivityDate"}

// errBare says that an answer is no answer, because too many of its rows lack values that
// Salesforce never leaves empty.
var errBare = errors.New("rows lack what Salesforce never leaves empty")

// bare notes which values of a row cannot be as they are: empty ones, and parents that are
// no ids. A column that was not asked for is not looked at.
func (c *reading) bare(from *row.Row) {
	before := len(from.Odd())
	filled := func(name string) bool { return from.Has(name) && !from.Empty(name) }
	if from.Empty("IsDeleted") {
		from.Fail("IsDeleted")
	}
	for _, name := range never[c.part.object] {
		if from.Empty(name) {
			from.Fail(name)
		}
	}
	for _, p := range parents {
		if !filled(p.column) {
			continue
		}
		if id, ok := row.LongID(from.Text(p.column)); !ok || !strings.HasPrefix(id, p.prefix) {
			from.Fail(p.column)
		}
	}
	if c.linked && from.Empty("WhatId") { // the query asks for activities of opportunities
		from.Fail("WhatId")
	}
	if c.part.object == "Event" && !slices.ContainsFunc(starts, filled) && slices.ContainsFunc(starts, from.Has) {
		from.Fail(starts[0])
	}
	if len(from.Odd()) > before && !slices.Contains(c.known, from.Text("Id")) {
		c.spoilt++
	}
}

// sound returns an error where so many rows of an answer have no id, or lack what
// Salesforce never leaves empty, that these are no odd rows but no answer. Rows that were
// odd before, and are asked for again, do not count.
//
// Nor is an answer one that has a row twice: a query gives each once, so that another row,
// which the number of rows has counted, did not come.
func (c *reading) sound(rows int) error {
	if c.twice > 0 {
		return fmt.Errorf("%w: %d of %s of %s", errLoop, c.twice, crm.Counted(rows, "row"), c.part.object)
	}
	for _, kind := range []struct {
		n   int
		err error
	}{{c.nameless, errNameless}, {c.spoilt, errBare}} {
		if n := kind.n; n > cursor.MostOdd || n > 1 && 2*n > rows {
			return fmt.Errorf("%w: %d of %s of %s", kind.err, n, crm.Counted(rows, "row"), c.part.object)
		}
	}
	return nil
}
