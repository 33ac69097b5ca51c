package rest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
)

// TestClock follows a server's clock, which goes on between two answers.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c rest.Clock
		if !c.Now().IsZero() || !c.Last().IsZero() {
			t.Error("a clock that has heard nothing shows a time")
		}
		date := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
		if _, ok := c.Hear(http.Header{"Date": {date.Format(http.TimeFormat)}}); !ok {
			t.Fatal("a Date was not heard")
		}
		time.Sleep(90 * time.Minute)
		if _, ok := c.Hear(http.Header{"Date": {"yesterday"}}); ok {
			t.Error("no Date was heard as one")
		}
		if got := c.Now(); !got.Equal(date.Add(90*time.Minute)) || !c.Last().Equal(date) {
			t.Errorf("90 minutes later the clock shows %v, and heard %v last", got, c.Last())
		}
	})
}
