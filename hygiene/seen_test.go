package hygiene

import (
	"fmt"
	"slices"
	"testing"
)

// TestCategories: a list of categories is one of all open deals, whose pipeline may be skipped,
// or none.
func TestCategories(t *testing.T) {
	of := func(results ...Result) []string {
		var s Seen
		for i := range results {
			s.Add(&results[i])
		}
		return s.Categories()
	}
	in := func(category string) Result { return Result{Facts: Facts{Forecast: category}} }
	skipped, closed := in("Omitted"), in("Closed")
	skipped.Skipped, closed.ClosedAs = true, Won
	many := make([]Result, mostForecasts+1)
	for i := range many {
		many[i] = in(fmt.Sprint("step ", i))
	}
	for _, c := range []struct {
		name string
		got  []string
		want []string
	}{
		{"of open deals", of(in("Commit"), in("Best Case"), in("Commit"), in(""), closed), []string{"Best Case", "Commit"}},
		{"of skipped deals too", of(in("Commit"), skipped), []string{"Commit", "Omitted"}},
		{"one could not be read", of(in("Commit"), Result{Facts: Facts{Unclear: "forecast_category"}}), nil},
		{"no list, but somebody's words", of(many...), nil},
		{"no deals", of(), nil},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}
