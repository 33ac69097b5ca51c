package portal

import (
	"slices"
	"strings"
	"testing"
)

// TestOverridable keeps the list of standard names that people may point elsewhere.
func TestOverridable(t *testing.T) {
	want := strings.Fields("name amount currency close_date next_step forecast_category stage_since last_activity_at next_activity_at")
	if got := Overridable(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
