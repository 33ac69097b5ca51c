package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// staleNote begins the name of the note that keeps why the deals of a source were not read
// once more before digests named them.
const staleNote = "stale|"

// staleFor is how long status says so: until then the digests of another day were composed.
const staleFor = 24 * time.Hour

// justNow is how long after a sync its deals are not read once more.
const justNow = 2 * time.Minute

// stale says since when deals are not read once more, and why.
type stale struct {
	At  time.Time `json:"at"`
	Why string    `json:"why"`
}

// justSynced reports whether a sync of the source has just ended well.
func (in *Intake) justSynced(source string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	end, ok := in.synced[source]
	age := in.cfg.Now().Sub(end)
	return ok && age >= 0 && age < justNow
}

// NotRechecked notes why no Recheck was made before digests were composed.
func (in *Intake) NotRechecked(ctx context.Context, src crm.Source, why string) error {
	if _, ok := src.(crm.Rereader); !ok {
		return nil
	}
	return in.noteStale(ctx, src.Name(), why)
}

// noteStale notes why deals were not read once more; "" is that they were.
func (in *Intake) noteStale(ctx context.Context, source, why string) error {
	ctx = context.WithoutCancel(ctx) // the time for asking may be over
	before, err := in.journal.Noted(ctx, staleNote+source)
	if err != nil {
		return store.AsFileError(err)
	}
	text := ""
	if why != "" {
		in.cfg.Observe(Event{Kind: Notice, Source: source, Stream: crm.Opportunities, Text: "the deals of the digests were not read once more, so digests have them as of the last sync: " + why})
		b, err := json.Marshal(stale{in.cfg.Now(), why})
		if err != nil {
			return fmt.Errorf("note what was not read once more: %w", err)
		}
		text = string(b)
	}
	if text == before {
		return nil
	}
	return store.AsFileError(in.journal.Note(ctx, in.fence, staleNote+source, text))
}

// Stale says why the deals that the last digests named were not read once more before; ""
// says that they were.
func (in *Intake) Stale(ctx context.Context, src crm.Source) (string, error) {
	s, err := in.journal.Noted(ctx, staleNote+src.Name())
	if err != nil || s == "" {
		return "", store.AsFileError(err)
	}
	var of stale
	if err := json.Unmarshal([]byte(s), &of); err != nil {
		return "", fmt.Errorf("read what was not read once more: %w", err)
	}
	if in.cfg.Now().Sub(of.At) >= staleFor {
		return "", nil
	}
	return fmt.Sprintf("source %s: the digests of %s have deals as of the last sync, because these could not be read once more before: %s",
		src.Name(), of.At.UTC().Format("2 Jan 15:04 MST"), of.Why), nil
}
