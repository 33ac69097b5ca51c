package evaluation

import (
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/hygiene"
)

// oddities gathers the open deals with values that could not be read: the first few by
// name, of the others the number.
type oddities struct {
	deals   int
	unowned int // of these, deals whose owner is not known: other than deals without an owner
	named   []string
}

// oddNamed is how many deals are named.
const oddNamed = 5

func (o *oddities) add(d *hygiene.Deal, r *hygiene.Result) {
	if r.Skipped || r.Twin || r.ClosedAs != 0 {
		return
	}
	var what []string
	for _, f := range d.Opportunity.Unclear {
		what = append(what, hygiene.Words(f))
	}
	for i := range d.Activities {
		if a := &d.Activities[i]; a.Unclear {
			what = append(what, fmt.Sprintf("the %s %s", a.Kind, a.ID))
		}
	}
	if len(what) == 0 {
		return
	}
	if d.Opportunity.IsUnclear("owner") {
		o.unowned++
	}
	if o.deals++; len(o.named) < oddNamed {
		if len(what) > oddNamed {
			what = append(what[:oddNamed], "more")
		}
		o.named = append(o.named, plain.Text(fmt.Sprintf("%s %s (%s)", d.Opportunity.ID, d.Opportunity.Name, hygiene.List(what))))
	}
}

// notices says which deals have such values, and what to do.
func (o *oddities) notices(src *Source) []notice {
	if o.deals == 0 {
		return nil
	}
	named, more := strings.Join(o.named, ", "), ""
	if n := o.deals - len(o.named); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	text := fmt.Sprintf("%s: %s values that cannot be read, so rules about these values are unknown there: %s%s; correct the values in the CRM, "+
		"or the key under fields that names a field of another type; what the CRM left out of an answer is asked for again", src.Name(), counted(o.deals, "has", "have"), named, more)
	return []notice{{Cause: "odd", Text: text}}
}
