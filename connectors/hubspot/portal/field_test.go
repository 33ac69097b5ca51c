package portal

import (
	"slices"
	"strings"
	"testing"
)

// TestOverridable keeps the list of standard names that people may point elsewhere.
func TestOverridable(t *testing.T) {
	want := strings.Fields("name amount currency close_date account next_step forecast_category stage_since lead_source type probability products created_by created_via created_app created_app_name modified_by last_activity_at next_activity_at")
	if got := Overridable(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
