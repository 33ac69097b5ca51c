package evaluation

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/store"
)

// startNote names the journal's note of the first evaluation.
const startNote = store.NoteStarted

// Started is when the first evaluation was made; zero before it.
func (e *Evaluation) Started(ctx context.Context) (time.Time, error) {
	s, err := e.journal.Noted(ctx, startNote)
	if err != nil || s == "" {
		return time.Time{}, store.AsFileError(err)
	}
	return time.Parse(time.RFC3339, s)
}

// noteStart notes when the first evaluation was made; the first days count from then.
func (e *Evaluation) noteStart(ctx context.Context, at time.Time) error {
	t, err := e.Started(ctx)
	if err != nil || !t.IsZero() {
		return err
	}
	return store.AsFileError(e.journal.Note(ctx, e.fence, startNote, at.UTC().Format(time.RFC3339)))
}

// Latest is the newest evaluation of any source; zero when there was none.
func (e *Evaluation) Latest(ctx context.Context) (time.Time, error) {
	var t time.Time
	for i := range e.cfg.Sources {
		s, ok, err := e.journal.Snapshot(ctx, e.cfg.Sources[i].Name(), e.cfg.Now())
		if err != nil {
			return t, store.AsFileError(err)
		}
		if ok && s.At.After(t) {
			t = s.At
		}
	}
	return t, nil
}
