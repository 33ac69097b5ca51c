package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// noticesNote names the journal's note of what ops should know about a source.
const noticesNote = "notices|"

// notices says what an evaluation met that a person has to put right: it is not a
// finding of any deal, and nobody but ops can do something about it.
func notices(src *Source, s *hygiene.Snapshot, strays map[string]int) []string {
	var out []string
	deals, owners := 0, []string(nil)
	for i := range s.Tallies {
		if t := &s.Tallies[i]; t.Team == "" {
			deals += t.Deals
			owners = append(owners, digest.Plain(firstOf(t.OwnerEmail, t.OwnerName, t.OwnerID, "nobody")))
		}
	}
	if deals > 0 {
		slices.Sort(owners)
		const shown = 5
		more := ""
		if n := len(owners) - shown; n > 0 {
			owners, more = owners[:shown], fmt.Sprintf(" and %d more", n)
		}
		out = append(out, fmt.Sprintf("%s: %d open deals belong to people in no team, so no digest lists them: %s%s; add them under teams", src.Name(), deals, strings.Join(owners, ", "), more))
	}
	for _, label := range slices.Sorted(maps.Keys(strays)) {
		out = append(out, fmt.Sprintf("%s: %d open deals are in stage %q, which the CRM does not list; rules about stages are unknown for them", src.Name(), strays[label], digest.Plain(label)))
	}
	return out
}

// noteNotices keeps the notices for status, and logs those that are new: each is
// said once.
func (d *Daemon) noteNotices(ctx context.Context, src *Source, now []string) error {
	before, err := d.journal.Noted(ctx, noticesNote+src.Name())
	if err != nil {
		return d.stored(err)
	}
	joined := strings.Join(now, "\n")
	if joined == before {
		return nil
	}
	known := strings.Split(before, "\n")
	for _, n := range now {
		if !slices.Contains(known, n) {
			d.log.Warn("notice", zap.String("source", src.Name()), zap.String("text", n))
		}
	}
	return d.stored(d.journal.Note(ctx, d.fence, noticesNote+src.Name(), joined))
}

// noted returns the notices of the last evaluation.
func (d *Daemon) noted(ctx context.Context, src *Source) ([]string, error) {
	s, err := d.journal.Noted(ctx, noticesNote+src.Name())
	if err != nil || s == "" {
		return nil, d.stored(err)
	}
	return strings.Split(s, "\n"), nil
}
