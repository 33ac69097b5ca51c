package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/internal/api"
)

// TestProgressBar looks at the screen after each event: finished lines stay,
// the bar is drawn over and taken away, and nothing is wider than the terminal.
func TestProgressBar(t *testing.T) {
	var screen strings.Builder
	p := &progress{out: &screen, bar: &screen, width: 60}
	for _, e := range []api.SyncEvent{
		{Source: "sales", Stream: "opportunities", Done: 2000, Total: 8000, Added: 2000},
		{Source: "sales", Stream: "opportunities", Done: 8000, Total: 8000, Added: 6000, Ended: true},
		{Source: "sales", Stream: "activities", Done: 50, Total: 200, Added: 50},
		{Source: "sales", Stream: "history", Done: 12, Added: 12},
		{Source: "sales", Stream: "contacts", Done: 3, Added: 3, Ended: true},
		{Source: "sales", Stream: "activities", Done: 200, Total: 200, Changed: 150, Ended: true},
		{Source: "sales", Finished: true, Added: 8012, Calls: 6},
	} {
		p.watch(&e)
		p.show(&e)
	}
	p.done()
	const wipe = "\r\x1b[K"
	want := wipe + "sales  opportunities  [=======                       ] 2,0…" +
		wipe + "sales  opportunities  8,000 added\n" +
		wipe + "sales  activities     [=======                       ] 50…" +
		wipe + "sales  activities 25 %, history 12" +
		wipe + "sales  contacts       3 added\n" +
		wipe + "sales  activities 25 %, history 12" +
		wipe + "sales  activities     50 added, 150 changed\n" +
		wipe + "sales  history        12" +
		wipe + "sales  history        12 added\n" +
		"sales  done: 8,012 added; 6 API calls\n"
	if diff := cmp.Diff(want, screen.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := p.verdict(); err != nil {
		t.Error(err)
	}
}
