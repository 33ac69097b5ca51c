package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// sightNote begins the name of the note that keeps how the sight of a source's login has
// changed, for status.
const sightNote = "sight|"

// sightFor is how long status says that the login sees more or less than before, and
// mostSighted of how many changes.
const (
	sightFor    = 24 * time.Hour
	mostSighted = 8
)

// sighting is a change of what the login sees.
type sighting struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
	// Untold is the stream of which something was untold then, "" for none: the change is over
	// once nothing is.
	Untold crm.Stream `json:"untold,omitempty"`
}

// noteSight notes what a committed page says of the login's sight. With whole, the page ends a
// run after which nothing is untold of the stream any more.
func (in *Intake) noteSight(ctx context.Context, src crm.Source, p *crm.Page, whole bool) error {
	if p.Sighted == "" && !whole {
		return nil
	}
	in.leaving.Lock()
	defer in.leaving.Unlock()
	all, err := in.sightings(ctx, src)
	if err != nil {
		return err
	}
	if whole {
		all = slices.DeleteFunc(all, func(o sighting) bool { return o.Untold == p.Stream })
	}
	if p.Sighted != "" {
		of := p.Stream
		if !p.Untold {
			of = ""
		}
		all = append(all, sighting{p.Sighted, in.cfg.Now(), of})
	}
	all = all[max(0, len(all)-mostSighted):]
	b, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("note what the login sees: %w", err)
	}
	return store.AsFileError(in.journal.Note(ctx, in.fence, sightNote+src.Name(), string(b)))
}

// sightings are the changes of the last day.
func (in *Intake) sightings(ctx context.Context, src crm.Source) ([]sighting, error) {
	s, err := in.journal.Noted(ctx, sightNote+src.Name())
	if err != nil {
		return nil, store.AsFileError(err)
	}
	var all []sighting
	if s != "" {
		if err := json.Unmarshal([]byte(s), &all); err != nil {
			return nil, fmt.Errorf("read what the login sees: %w", err)
		}
	}
	return slices.DeleteFunc(all, func(o sighting) bool { return in.cfg.Now().Sub(o.At) >= sightFor }), nil
}

// Sight says how what the login of a source sees has changed within the last day; "" is
// not at all.
func (in *Intake) Sight(ctx context.Context, src crm.Source) (string, error) {
	in.leaving.Lock()
	defer in.leaving.Unlock()
	all, err := in.sightings(ctx, src)
	if err != nil || len(all) == 0 {
		return "", err
	}
	var texts []string
	for _, one := range all {
		texts = append(texts, fmt.Sprintf("%s (%s)", one.Text, one.At.UTC().Format("2 Jan 15:04 MST")))
	}
	return fmt.Sprintf("source %s: %s", src.Name(), strings.Join(texts, "; ")), nil
}
