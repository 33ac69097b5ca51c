package hubspot

import (
	"context"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// An activity may be linked with a deal long after the activity was made, and neither
// record is stamped (airbyte issues 27199 and 44554). Until the link is seen, the
// deal looks as if nobody had spoken to the buyer. So once an hour the links of all
// open deals are read, a thousand deals in a call, and then the activities whose
// links are new. A removed link waits for the daily reading: no finding comes from
// a link too many.

// seenLinks remembers the links of the last look, as hashes: 16 bytes a link. A new
// process knows no link, so its first look only remembers, and links that came before
// that look wait for the daily reading.
type seenLinks struct {
	mu   sync.Mutex
	seed maphash.Seed
	last map[uint64]struct{} // nil before the first look was over
	next map[uint64]struct{} // of the look that goes on; nil where its beginning was another process's
}

func newSeenLinks() *seenLinks {
	return &seenLinks{seed: maphash.MakeSeed()}
}

// begin starts a look.
func (k *seenLinks) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.next = map[uint64]struct{}{}
}

// end ends the look.
func (k *seenLinks) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last, k.next = k.next, nil
}

// late notes the links of deals with one kind of activity, and returns the ids of
// the activities whose links are new.
func (k *seenLinks) late(object string, links map[string][]row.Link) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []string
	for deal, list := range links {
		for _, id := range row.LinkIDs(list) {
			h := maphash.String(k.seed, object+":"+id+":"+deal)
			if k.next != nil {
				k.next[h] = struct{}{}
			}
			if _, there := k.last[h]; !there && k.last != nil {
				out = append(out, id)
			}
		}
	}
	slices.SortFunc(out, row.ByNumber)
	return slices.Compact(out)
}

// late looks at the links of open deals, some deals at a time.
func (a activities) late(ctx context.Context) (bool, error) {
	if a.run.LastID == "" && a.cur.Look == "" {
		a.seen.begin()
	}
	deals, over, err := a.lookOn(ctx)
	if err != nil {
		return false, err
	}
	for _, object := range portal.Activities {
		if a.view.hidden(object) {
			continue
		}
		if err := a.lateOf(ctx, object, deals); err != nil {
			return false, err
		}
	}
	if over && a.cur.Look == "" {
		a.seen.end()
	}
	return over, nil
}

// lateOf reads the activities of one kind whose links with the deals are new.
func (a activities) lateOf(ctx context.Context, object string, deals []string) error {
	links, err := a.api.Links(ctx, "deals", object, deals)
	if err != nil {
		return err
	}
	of := *a.walk
	a.unlinked(object, links.Silent)
	of.object = object
	for some := range slices.Chunk(a.seen.late(object, links.Of), api.MaxPage) {
		b, err := a.api.Read(ctx, object, some, portal.ActivityProperties[object], nil)
		if err != nil {
			return err
		}
		of.mute(b.Silent)
		if err := (activities{&of}).take(ctx, b.Found); err != nil {
			return err
		}
		a.run.Done += len(b.Found)
	}
	return nil
}
