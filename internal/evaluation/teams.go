package evaluation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// teamsNote names the journal's note of the teams and their IDs.
const teamsNote = store.NoteTeams

// Identify gives the teams of the configuration their IDs, see [hygiene.Identify], and
// notes the teams that it has not seen before.
func Identify(ctx context.Context, j Journal, f store.Fence, teams []hygiene.Team) ([]hygiene.Team, error) {
	was, err := j.Noted(ctx, teamsNote)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	var known []hygiene.KnownTeam
	if was != "" {
		if err := json.Unmarshal([]byte(was), &known); err != nil {
			return nil, fmt.Errorf("read the teams that the journal knows: %w", err)
		}
	}
	out, known := hygiene.Identify(teams, known)
	now, err := json.Marshal(known)
	if err != nil {
		return nil, fmt.Errorf("note the teams: %w", err)
	}
	if len(known) == 0 || bytes.Equal(now, []byte(was)) {
		return out, nil
	}
	return out, store.AsFileError(j.Note(ctx, f, teamsNote, string(now)))
}
