package hubspot

import (
	"fmt"
	"strings"
	"sync"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// told remembers which details of activities the portal has answered for: HubSpot writes an
// empty property as null, and leaves out one that the portal does not have. So a detail that
// an answer leaves out of one activity, and that was answered for of another, is the answer's
// fault, and is asked for again; one that was never answered for is none of the portal's. A
// new process knows of no answer.
type told struct {
	mu  sync.Mutex
	has map[string]bool // by object and property
}

// lacks lists for each of the records, by its place, the details that its answer lacks, or
// has in another form. It notes what the records have.
func (k *told) lacks(object string, found []row.Record) map[int][]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.has == nil {
		k.has = map[string]bool{}
	}
	details := portal.ActivityDetails(object)
	for i := range found {
		for _, p := range details {
			if _, ok := found[i].Properties[p]; ok {
				k.has[object+" "+p] = true
			}
		}
	}
	out := map[int][]string{}
	for i := range found {
		for _, p := range details {
			if v, ok := found[i].Properties[p]; !ok && k.has[object+" "+p] || v == row.Strange {
				out[i] = append(out[i], p)
			}
		}
	}
	return out
}

// detailsLost says on the page that an answer lacks details of an activity, which is asked for
// again.
func (a activities) detailsLost(id string, names []string) {
	a.odd(id)
	a.note(fmt.Sprintf("%s: HubSpot did not answer for all of %s %s (%s); the rest counts, and the next run asks again",
		a.where, strings.TrimSuffix(a.object, "s"), id, sample(names)))
}
