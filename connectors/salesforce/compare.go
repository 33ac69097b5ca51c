package salesforce

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// A list may be cut short without a word: what it says of its size fits what it gives. So
// before a full run ends, the org is asked how many rows there
// are, in one call for all numbers of the stream. Where many more are there than came, the
// cache is judged by nothing; where a few are, none is not known of what they may belong to.
// What lacks is read by the next run. A number that the org does not tell is the first
// that the polls ask for.

// compare asks how many of the rows that a full run reads there are. What was touched since
// the run began may have been read or not, so it is not counted.
func (r *reader) compare(ctx context.Context) error {
	if r.st.whole {
		return nil
	}
	var names, paths []string
	for i, p := range r.st.parts {
		if p.sweep || p.ended || r.sights[i].object == nil {
			continue
		}
		for _, name := range r.numbers(i) {
			if r.s.org.Refusals.Holds(countOf(name)) {
				continue
			}
			path, err := r.pathOf(name, i, r.c.Run.Keep, soql.Is(r.sights[i].stamp, "<", soql.Moment(r.c.Run.Began)))
			if err != nil {
				return err
			}
			names, paths = append(names, name), append(paths, path)
		}
	}
	answers, err := r.s.org.Each(ctx, paths)
	if err != nil && concernsAll(ctx, err) {
		return err
	}
	for i, a := range answers {
		if rows, ok := told(a); ok {
			r.c.Run.Tell(names[i], rows)
		} else if tooMuch(a.Err) {
			r.slow = append(r.slow, names[i])
		}
	}
	return nil
}

// finish ends the run, and says on its last page what the cache lacks.
func (r *reader) finish(page *crm.Page) {
	full, held, all := r.c.Run.Full, r.c.Held, r.c.Run.Full || r.c.Run.Sweep
	// Where a row left nothing to ask for it by, a number that differs by one says nothing, and
	// no sweep reads closed deals. Once more is enough: what stays so is damaged over there.
	again := full && r.name == crm.Opportunities && r.c.Run.Unasked && !r.c.Run.Whole
	r.c.Finish(r.asked()...)
	r.c.Reread = r.c.Reread || again
	for _, name := range slices.Clone(r.c.Blind) {
		if slices.Contains(r.slow, name) || !r.counts(name) { // to read so many once more costs more than it tells
			r.c.Confirmed(name)
		}
	}
	if r.st.whole {
		return
	}
	if len(r.c.Blind) > 0 && all {
		said := fmt.Sprintf("Salesforce did not count its rows of %s, so it is not known whether all of them came; they are read once more, and until then nobody knows %s",
			strings.Join(r.c.Blind, " and "), unknownOf[r.name])
		page.Note, page.Sighted = joined(page.Note, said), joined(page.Sighted, said)
	}
	for i, p := range r.st.parts {
		if p.sweep || p.ended || r.sights[i].object == nil {
			continue
		}
		for _, name := range r.numbers(i) {
			n := r.c.Counts[name]
			lacks, doubted := n.Lacks(), n.Doubted(unexplained)
			if lacks <= unexplained {
				continue
			}
			if full && r.name == crm.Opportunities && (doubted || held && name != closedDeals) {
				r.c.Reread = true // a sweep reads no closed deals, and would have the others recalled one by one
			}
			said := lacking(name, n.Rows, lacks)
			switch {
			// No finding waits for closed deals, so for these it is enough to look once more; the
			// rules about the history know that it lacks; and no sweep drops people who are known.
			case r.name != crm.History && (r.name != crm.Users || full || held) && lacks > max(n.Rows/10, min(few, n.Rows/2)) && (doubted || name != closedDeals):
				page.Short = said + ". Nothing is judged by a part of them. Each sync tries to read the others; where it lasts, look at proxies in between"
			case doubted:
				page.Untold = true
				said += "; a later sync reads the others, and until then nobody knows " + unknownOf[r.name]
			}
			if all {
				page.Note = joined(page.Note, said)
			}
			if all && page.Short == "" { // which is said as long as it is so
				page.Sighted = joined(page.Sighted, said)
			}
		}
	}
}

// counts reports whether the org can be asked for a number of rows.
func (r *reader) counts(name string) bool {
	for i, p := range r.st.parts {
		if !p.sweep && !p.ended && r.sights[i].object != nil && slices.Contains(r.numbers(i), name) {
			return true
		}
	}
	return false
}

// unknownOf is what nobody knows while rows of a stream lack.
var unknownOf = map[crm.Stream]string{
	crm.Users:         "that an address is nobody's",
	crm.Opportunities: "that a deal is not there",
	crm.Activities:    "that a deal has none",
	crm.Contacts:      "that a deal has none",
	crm.History:       "that a deal has skipped a stage",
}

// few is how many rows may lack though these are more than a tenth.
const few = 5

// lacking says how many rows there are, and how many came.
func lacking(name string, rows, lacks int) string {
	object, closed := strings.CutSuffix(name, cursor.Closed(""))
	kind := "row"
	switch {
	case closed:
		kind = "closed row"
	case object == "Opportunity": // the closed ones are counted by themselves
		kind = "open row"
	}
	return fmt.Sprintf("Salesforce counts %s of %s and gave %s", crm.Counted(rows, kind), object, crm.Grouped(rows-lacks))
}

// joined is one text of two, of which the first may be empty.
func joined(text, more string) string {
	if text == "" {
		return more
	}
	return text + "; " + more
}
