package storetest

import (
	"testing"
)

func testNotes(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	for _, v := range []string{"yes", "no", ""} {
		if err := e.Note(t.Context(), e.Fence(), "paused", v); err != nil {
			t.Fatal(err)
		}
		if got, err := e.Noted(t.Context(), "paused"); got != v || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}
