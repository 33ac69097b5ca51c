package intake

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// usageNote begins the name of the note that keeps a source's API usage in the
// journal, for the next process and for commands that make no calls.
const usageNote = "usage|"

// noteEvery is after how many calls the usage is noted while a sync runs, so that a
// killed process forgets about as many calls of the day's budget and no more.
const noteEvery = 100

// noteUsage notes what the source says of its API usage, where it counts its calls.
func (in *Intake) noteUsage(ctx context.Context, src crm.Source) error {
	m, ok := src.(crm.Meter)
	if !ok {
		return nil
	}
	u := m.Usage()
	if u.Limit == 0 && len(u.Spent) == 0 {
		return nil
	}
	b, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("note API usage: %w", err)
	}
	// The calls were made even if the sync was stopped.
	return store.AsFileError(in.journal.Note(context.WithoutCancel(ctx), in.fence, usageNote+src.Name(), string(b)))
}

// Usage returns the API usage that was noted last for the source; zero when none was.
func (in *Intake) Usage(ctx context.Context, src crm.Source) (u crm.Usage, err error) {
	s, err := in.journal.Noted(ctx, usageNote+src.Name())
	if err != nil || s == "" {
		return u, store.AsFileError(err)
	}
	if err := json.Unmarshal([]byte(s), &u); err != nil {
		return u, fmt.Errorf("read API usage: %w", err)
	}
	return u, nil
}

// resume tells the source, once and before its first call, which calls an earlier
// process made. The caller holds the source's turn to sync.
func (in *Intake) resume(ctx context.Context, src crm.Source) error {
	m, ok := src.(crm.Meter)
	if !ok {
		return nil
	}
	in.mu.Lock()
	done := in.resumed[src.Name()]
	in.resumed[src.Name()] = true
	in.mu.Unlock()
	if done {
		return nil
	}
	u, err := in.Usage(ctx, src)
	if err != nil {
		return err
	}
	m.Resume(u)
	return nil
}

// calls is how many API calls the source has made; 0 when it does not count them.
func calls(src crm.Source) int64 {
	if m, ok := src.(crm.Meter); ok {
		return m.Usage().Calls
	}
	return 0
}
