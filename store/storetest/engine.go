package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// writes are all steps that take a fence.
var writes = map[string]func(ctx context.Context, e store.Engine, f store.Fence) error{
	"Register": func(ctx context.Context, e store.Engine, f store.Fence) error {
		return e.Register(ctx, f, "sf", crm.Info{Type: "salesforce"})
	},
	"CommitPage": func(ctx context.Context, e store.Engine, f store.Fence) error {
		_, err := e.CommitPage(ctx, f, "sf", &crm.Page{Stream: crm.Users}, Noon)
		return err
	},
	"StreamFailed": func(ctx context.Context, e store.Engine, f store.Fence) error {
		return e.StreamFailed(ctx, f, "sf", crm.Users, errors.New("no"), Noon)
	},
	"Restart": func(ctx context.Context, e store.Engine, f store.Fence) error {
		return e.Restart(ctx, f, "sf", crm.Users)
	},
	"BeginGeneration": func(ctx context.Context, e store.Engine, f store.Fence) error {
		_, err := e.BeginGeneration(ctx, f)
		return err
	},
	"ApplySlice": func(ctx context.Context, e store.Engine, f store.Fence) error {
		return e.ApplySlice(ctx, f, "sf", "", "", func([]hygiene.Life) []hygiene.Life { return []hygiene.Life{Life("sf", "1", "a")} })
	},
	"FinishGeneration": func(ctx context.Context, e store.Engine, f store.Fence) error {
		return e.FinishGeneration(ctx, f, 1, hygiene.Snapshot{Source: "sf", At: Noon})
	},
	"BeginPeriod": func(ctx context.Context, e store.Engine, f store.Fence) error {
		_, err := e.BeginPeriod(ctx, f, digest.Period{Digest: "daily", Edition: 1}, nil)
		return err
	},
	"SaveDelivery": func(ctx context.Context, e store.Engine, f store.Fence) error {
		return e.SaveDelivery(ctx, f, Delivery("d", delivery.Planned), nil)
	},
	"Recover": func(ctx context.Context, e store.Engine, f store.Fence) error {
		_, err := e.Recover(ctx, f, Noon)
		return err
	},
	"Probe": func(ctx context.Context, e store.Engine, f store.Fence) error { return e.Probe(ctx, f) },
	"SaveParks": func(ctx context.Context, e store.Engine, f store.Fence) error {
		return e.SaveParks(ctx, f, Park("sf", "1", Noon))
	},
	"Note": func(ctx context.Context, e store.Engine, f store.Fence) error {
		return e.Note(ctx, f, "a", "b")
	},
}

// nothing fails when one of writes has stored something.
func nothing(t *testing.T, e store.Engine) {
	t.Helper()
	ctx := t.Context()
	states, err := e.Streams(ctx)
	if err != nil || len(states) > 0 {
		t.Errorf("streams: %+v, %v", states, err)
	}
	if err := e.Lives(ctx, time.Time{}, func(l hygiene.Life) error { t.Errorf("finding: %+v", l); return nil }); err != nil {
		t.Error(err)
	}
	if _, ok, err := e.Snapshot(ctx, "sf", Noon); ok || err != nil {
		t.Errorf("snapshot: %v, %v", ok, err)
	}
	if ps, err := e.Periods(ctx, 0); err != nil || len(ps) > 0 {
		t.Errorf("periods: %+v, %v", ps, err)
	}
	if ds, err := e.Deliveries(ctx); err != nil || len(ds) > 0 {
		t.Errorf("deliveries: %+v, %v", ds, err)
	}
	if ks, err := e.Parks(ctx, "sf"); err != nil || len(ks) > 0 {
		t.Errorf("parks: %+v, %v", ks, err)
	}
	if v, err := e.Noted(ctx, "a"); v != "" || err != nil {
		t.Errorf("note: %q, %v", v, err)
	}
}

func testOldFenceWritesNothing(t *testing.T, empty Empty) {
	place := empty(t)
	e := open(t, place)
	old := e.Fence()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, place)
	if e.Fence() <= old {
		t.Fatalf("fence %d after %d", e.Fence(), old)
	}
	for what, write := range writes {
		if err := write(t.Context(), e, old); !errors.Is(err, store.ErrFenced) {
			t.Errorf("%s: got %v, want ErrFenced", what, err)
		}
	}
	nothing(t, e)
}

func testClosedEngineReturnsErrClosed(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Streams(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("read: got %v", err)
	}
	for what, write := range writes {
		if err := write(t.Context(), e, e.Fence()); !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: got %v, want ErrClosed", what, err)
		}
	}
}

func testCanceledContextDoesNothing(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, write := range writes {
		if err := write(ctx, e, e.Fence()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want Canceled", what, err)
		}
	}
	if _, err := e.Streams(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("read: got %v, want Canceled", err)
	}
	nothing(t, e)
}
