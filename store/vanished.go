package store

import (
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// A person empties a value of a deal, and an import those of some. A value that disappears
// at once from all deals of an answer that had one did not come: the login lost a permission
// between two looks, a proxy or the CRM's own index left it out. To believe that would accuse
// everybody of what nobody did.

// VanishedError is the refusal of a page that would empty a value of so many records at once
// that the page is doubted. Nothing of the page was stored. A page that is Sure is not refused.
type VanishedError struct {
	Stream crm.Stream
	Field  string // as [crm.Fields] names it
	Had    int    // records of the page that have a value in the cache
	Lost   int    // those of them that the page has without one
}

// Error says what came and what the cache keeps.
func (e *VanishedError) Error() string {
	said := strings.ReplaceAll(e.Field, "_", " ") + " came empty for %d of %s that had it"
	what := "opportunity"
	if e.Stream == crm.Users {
		said, what = "%d of %s came as deactivated", "active user"
	}
	return fmt.Sprintf(said+" at once, so the answer is doubted and what is known stays", e.Lost, crm.Counted(e.Had, what))
}

// Emptied counts the values that a page would empty, field by field.
type Emptied struct {
	fields map[string]*emptied
}

// emptied counts the records of a page for one field.
type emptied struct {
	had, lost int
	unmarked  int // those of lost that by their stamp nobody has modified
}

const (
	// manyLost is how many values disappear at once that are doubted, where these are nine of
	// ten that were there.
	manyLost = 10
	// fewLost is how many are enough, of however many, where no stamp says that somebody has
	// modified the record.
	fewLost = 3
	// manyLeft is how many users are deactivated at once that are doubted, where these are
	// half of all.
	manyLeft = 5
)

// Opportunity counts a deal of the page, which the cache has as was.
func (e *Emptied) Opportunity(was, is *crm.Opportunity) {
	same := !is.ModifiedAt.IsZero() && is.ModifiedAt.Equal(was.ModifiedAt)
	count := func(field string, had, has, marks bool) {
		if had && !was.IsUnclear(field) && !is.IsUnclear(field) {
			e.add(field, !has, same && marks)
		}
	}
	count("name", was.Name != "", is.Name != "", true)
	count("pipeline", was.Pipeline != "", is.Pipeline != "", true)
	count("created_at", !was.CreatedAt.IsZero(), !is.CreatedAt.IsZero(), true)
	count("stage", was.Stage != "", is.Stage != "", true)
	count("amount", was.Amount.Known, is.Amount.Known, true)
	count("close_date", !was.CloseDate.IsZero(), !is.CloseDate.IsZero(), true)
	count("owner", was.OwnerID != "", is.OwnerID != "", true)
	count("next_step", was.NextStep != "", is.NextStep != "", true)
	count("forecast_category", was.ForecastCategory != "", is.ForecastCategory != "", true)
	count("lead_source", was.LeadSource != "", is.LeadSource != "", true)
	count("type", was.Type != "", is.Type != "", true)
	count("account", was.AccountID != "", is.AccountID != "", false)
	for _, c := range was.Custom {
		now, _ := is.Get(c.Name)
		count(c.Name, c.Type != crm.Empty, now.Type != crm.Empty, false) // a formula follows no stamp
	}
}

// User counts a user of the page, whom the cache has as was.
func (e *Emptied) User(was, is *crm.User) {
	if was.Active {
		e.add("active", !is.Active, false)
	}
}

func (e *Emptied) add(field string, lost, unmarked bool) {
	n := e.fields[field]
	if n == nil {
		if e.fields == nil {
			e.fields = map[string]*emptied{}
		}
		n = &emptied{}
		e.fields[field] = n
	}
	n.had++
	if lost {
		n.lost++
		if unmarked {
			n.unmarked++
		}
	}
}

// Any reports whether the page empties enough of any field that the records which did not
// change are worth counting too.
func (e *Emptied) Any(p *crm.Page) bool {
	for _, n := range e.fields {
		if n.lost >= manyLeft || n.unmarked >= fewLost || p.Alone && n.unmarked > 0 {
			return true
		}
	}
	return false
}

// Doubt returns the field of which the most is doubted, nil where the page can be believed.
// readable says which fields the login could read when it was last described: what it cannot
// read comes empty, and no rule judges that. Deals that are read once more, because somebody
// is about to be told of them, were read minutes ago: one value that disappears from them
// without a stamp is enough, because the deals can stay as they were.
func (e *Emptied) Doubt(p *crm.Page, readable func(field string) bool) *VanishedError {
	var worst *VanishedError
	for field, n := range e.fields {
		doubted := n.lost >= manyLost && n.lost*10 >= n.had*9 || n.unmarked >= fewLost
		switch {
		case p.Stream == crm.Users:
			doubted = n.lost >= manyLeft && 2*n.lost >= n.had
		case !readable(field):
			continue
		}
		doubted = doubted || p.Alone && n.unmarked > 0
		if doubted && (worst == nil || n.lost > worst.Lost || n.lost == worst.Lost && field < worst.Field) {
			worst = &VanishedError{p.Stream, field, n.had, n.lost}
		}
	}
	return worst
}
