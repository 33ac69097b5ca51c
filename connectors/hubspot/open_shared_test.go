package hubspot

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
)

// TestTwoLooksShareTheSearches has two streams look at all open deals at the same time, while
// the stream of deals goes on: each search is made once, and both see all.
func TestTwoLooksShareTheSearches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, searches := newOpenDeals(), 0
		search := func(lastID string) (*api.Found, error) {
			searches++
			time.Sleep(time.Second)
			if lastID == "" {
				o.note("7", false) // closed meanwhile
				return &api.Found{IDs: numbers(8, 10)}, nil
			}
			return &api.Found{IDs: numbers(11, 13), Done: true}, nil
		}
		o.note("7", true)
		o.note("900", true)
		want := append(numbers(8, 13), "900")
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				var got []string
				for id, done := "", false; !done; {
					var some []string
					var err error
					some, done, err = o.after(t.Context(), id, 4, search)
					if err != nil || len(some) == 0 && !done {
						t.Errorf("after %s: %v, %v", id, some, err)
						return
					}
					got = append(got, some...)
					id = got[len(got)-1]
				}
				if !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		}
		wg.Wait()
		if searches != 2 {
			t.Errorf("%d searches, want 2", searches)
		}
		// A search that fails is made again by the next who comes.
		o, searches = newOpenDeals(), 0
		fails := func(string) (*api.Found, error) { return nil, fmt.Errorf("busy") }
		if _, _, err := o.after(t.Context(), "", 4, fails); err == nil {
			t.Error("no error")
		}
		if got, _, err := o.after(t.Context(), "", 3, search); err != nil || !slices.Equal(got, numbers(8, 10)) {
			t.Errorf("after an error: %v, %v", got, err)
		}
	})
}
