package allowance

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(80, 10*time.Second)
		begin := time.Now()
		var at []time.Duration
		for range 161 {
			if err := p.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			at = append(at, time.Since(begin))
		}
		if at[79] != 0 || at[80] != 10*time.Second || at[159] != 10*time.Second || at[160] != 20*time.Second {
			t.Errorf("calls began after %v, %v, %v, %v", at[79], at[80], at[159], at[160])
		}
		p.Learn(152, 10*time.Second)
		before := time.Now()
		for range 151 { // one has begun in this window
			if err := p.Wait(t.Context()); err != nil || time.Since(before) != 0 {
				t.Fatalf("of 152 calls that were learned, one waited %v, %v", time.Since(before), err)
			}
		}
		if err := p.Wait(t.Context()); err != nil || time.Since(before) != 10*time.Second {
			t.Errorf("call 153 waited %v, %v", time.Since(before), err)
		}
		before = time.Now()
		p.Hold(time.Second)
		if err := p.Wait(t.Context()); err != nil || time.Since(before) != time.Second {
			t.Errorf("waited %v, %v", time.Since(before), err)
		}
	})
}

// TestPaceStops: Wait ends with the cause of a context that ends.
func TestPaceStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(1, time.Hour)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("enough"))
		defer cancel()
		begin := time.Now()
		if err := p.Wait(ctx); err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(ctx); err == nil || err.Error() != "enough" || time.Since(begin) != time.Minute {
			t.Errorf("got %v after %v", err, time.Since(begin))
		}
	})
}
