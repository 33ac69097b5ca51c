package almanac

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Memory keeps notes longer than the process lives. A note is "" where there is none.
type Memory interface {
	Note(ctx context.Context, name, value string) error
	Noted(ctx context.Context, name string) (string, error)
}

// filesNote is the name of the note with what the files said.
const filesNote = "files of days off"

// kept is what a file said when it was last understood. Another path is another file.
type kept struct {
	Path string `json:"path"`
	Data []byte `json:"data"`
}

// Recall goes on from what the files said before this process began, as if it had read them
// all along: where one cannot be read, or has lost its absences, what it said then holds. now
// tells which absences are over. Files that the configuration does not name any more are
// forgotten by the next Remember.
func (r *Reader) Recall(ctx context.Context, m Memory, now func() time.Time) error {
	before, err := recall(ctx, m)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan.today = func() crm.Date { return crm.DateOf(now(), r.plan.Company) }
	for _, f := range r.files {
		k, ok := before[f.place]
		if !ok || k.Path != f.path {
			continue
		}
		f.data = nil
		if notes, err := f.parse(k.Data); err == nil {
			f.data, f.notes = k.Data, notes
		}
		f.look(r.plan.Open)
	}
	r.last = nil
	return nil
}

// Remember keeps what the files say now, where that is not kept yet.
func (r *Reader) Remember(ctx context.Context, m Memory) error {
	r.Read()
	now := map[string]kept{}
	r.mu.Lock()
	for _, f := range r.files {
		if f.data != nil {
			now[f.place] = kept{f.path, f.data}
		}
	}
	r.mu.Unlock()
	value := ""
	if len(now) > 0 {
		b, err := json.Marshal(now)
		if err != nil {
			return fmt.Errorf("note what the files of days off say: %w", err)
		}
		value = string(b)
	}
	before, err := m.Noted(ctx, filesNote)
	if err != nil || before == value {
		return err
	}
	return m.Note(ctx, filesNote, value)
}

// recall is what was kept, by the place of the file. What cannot be read of it was kept by
// another version, and is as good as nothing.
func recall(ctx context.Context, m Memory) (map[string]kept, error) {
	value, err := m.Noted(ctx, filesNote)
	if err != nil {
		return nil, err
	}
	out := map[string]kept{}
	if err := json.Unmarshal([]byte(value), &out); err != nil {
		return nil, nil //nolint:nilerr // of another version
	}
	return out, nil
}
