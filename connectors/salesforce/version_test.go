package salesforce_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestVersionIsNegotiated: an org that does not have our version of the API yet, or has
// it no longer, is read by the newest that it has, also where it takes no composites. An
// org whose versions are all too old is named, and so is a login that may not read deals.
func TestVersionIsNegotiated(t *testing.T) {
	for name, c := range map[string]struct {
		oldest, newest int
		apart, hidden  bool
		reads, err     string
	}{
		"as it comes":                  {reads: "/v66.0/"},
		"not yet":                      {newest: 65, reads: "/v65.0/"},
		"not yet, and no composites":   {newest: 60, apart: true, reads: "/v60.0/"},
		"the least that is required":   {newest: 53, reads: "/v53.0/"},
		"too old":                      {newest: 52, err: "the newest API version of this org is v52.0, and Pipetidy requires v53.0 or later"},
		"retired":                      {oldest: 67, newest: 90, reads: "/v90.0/"},
		"our version, without deals":   {hidden: true, err: "the login cannot read the object Opportunity"},
		"another version, and no deal": {newest: 60, hidden: true, err: "the login cannot read the object Opportunity"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 30})
			a.org.Set(func(o *sim.SalesforceOptions) {
				o.OldestAPI, o.NewestAPI = c.oldest, c.newest
				if c.apart {
					o.NoComposite = 403
				}
			})
			if c.hidden {
				a.company.HideObject("Opportunity")
			}
			src := a.Source(t)
			_, err := src.Describe(t.Context())
			if c.err != "" {
				if !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			a.org.ResetCalls()
			if p, err := src.Fetch(t.Context(), crm.Opportunities, ""); err != nil || p.Len() == 0 {
				t.Errorf("%d deals, %v", p.Len(), err)
			}
			for _, call := range a.org.Calls() {
				if !strings.Contains(call.Path, c.reads) {
					t.Errorf("it asked for %s", call.Path)
				}
			}
			if got := fmt.Sprint(calls(a)); got == "[]" {
				t.Error("the scenario does not hold: no call was made")
			}
		})
	}
}
