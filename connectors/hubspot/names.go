package hubspot

import (
	"context"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Stages and owners are names that deals refer to. They change rarely, and a poll asks
// for what a deal refers to and nobody has named yet, so they are read hourly.

// namesEvery is how often stages and owners are read where nothing asks for them.
const namesEvery = time.Hour

// manyNames bounds how many names are remembered that HubSpot does not know either.
const manyNames = 10_000

// referred remembers which stages and owners this process has read. A new process has
// read none, so it begins by reading both.
type referred struct {
	mu     sync.Mutex
	stages nameList
	owners nameList
}

// nameList are the names of one stream.
type nameList struct {
	began   int64               // when the last whole reading began, on the server's clock; 0 is never
	known   map[string]struct{} // ids of that reading
	next    map[string]struct{} // ids of the reading that goes on
	missing map[string]struct{} // ids that a deal has named and a reading did not
	due     bool                // a deal has named an id since that is not known
}

// of returns the list of a stream, nil for a stream that has no names.
func (n *referred) of(stream crm.Stream) *nameList {
	switch stream {
	case crm.Stages:
		return &n.stages
	case crm.Users:
		return &n.owners
	}
	return nil
}

// fresh returns how many names the run gave that ended with the cursor, and whether that
// run is all there is to read of the stream at the server's time now.
func (n *referred) fresh(stream crm.Stream, c *cursor, now time.Time) (int, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.of(stream)
	if l == nil || l.due || c.Run != nil || l.began == 0 || l.began != c.Since {
		return 0, false
	}
	age := now.Sub(time.Unix(c.Since, 0))
	return len(l.known), age >= 0 && age < namesEvery
}

// read notes the ids of a page of a reading that began then.
func (n *referred) read(stream crm.Stream, ids []string, first, last bool, began int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.of(stream)
	if first || l.next == nil {
		l.next = map[string]struct{}{}
	}
	for _, id := range ids {
		l.next[id] = struct{}{}
	}
	if last {
		l.known, l.next, l.began, l.due = l.next, nil, began, false
	}
}

// unknown reports whether an id that a deal has named is new to this process, and makes
// the next reading due. An id that HubSpot does not know either is asked for once.
func (n *referred) unknown(stream crm.Stream, id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.of(stream)
	if id == "" || l.known == nil {
		return false // there is nothing to compare with: a reading comes anyway
	}
	if _, ok := l.known[id]; ok {
		return false
	}
	if _, ok := l.missing[id]; ok || len(l.missing) >= manyNames {
		return false
	}
	if l.missing == nil {
		l.missing = map[string]struct{}{}
	}
	l.missing[id], l.due = struct{}{}, true
	return true
}

// stageName is what a stage is called among the names: ids of stages are those of a
// pipeline.
func stageName(pipeline, stage string) string {
	if stage == "" {
		return ""
	}
	return pipeline + "\x00" + stage
}

// named looks for stages and owners that are new: whoever has made a stage moves deals
// into it at once. Stages are read before the deals are normalised, owners with
// their stream.
func (d deals) named(ctx context.Context, found []row.Record) error {
	stages := false
	for i := range found {
		pipeline, stage, owner := d.view.Refers(&found[i])
		d.names.unknown(crm.Users, owner)
		stages = d.names.unknown(crm.Stages, stageName(pipeline, stage)) || stages
	}
	if !stages {
		return nil
	}
	list, _, _, err := d.survey.stages(ctx, &d.view.Portal)
	if err != nil {
		return err
	}
	d.survey.restaged(list)
	fresh := *d.view
	fresh.Stages = portal.ByID(list)
	d.view = &fresh
	d.placeless(found)
	return nil
}
