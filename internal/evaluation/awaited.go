package evaluation

import (
	"context"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// A source may be read before another one is known whose deals are the same deals: at the
// first sync, the one that ends first. Where the configuration says that the other one names
// the deals of this one (same_as), this one is not judged before the other was read once: a
// deal that stands still here may be won there. Where it names the deals of the other one
// itself, these are unknown, and it is judged again as soon as the other is known, and not
// only at its own next poll.

// awaitedNote begins the name of the note that keeps which sources were not known when a
// source was judged.
const awaitedNote = "awaited|"

// noteAwaited notes which other sources are not known.
func (e *Evaluation) noteAwaited(ctx context.Context, src *Source) error {
	var unknown []string
	for i := range e.cfg.Sources {
		other := &e.cfg.Sources[i]
		if other.Name() == src.Name() {
			continue
		}
		v, err := e.Verdict(ctx, other)
		if err != nil {
			return err
		}
		if v.Withheld != "" {
			unknown = append(unknown, other.Name())
		}
	}
	text := strings.Join(unknown, "|")
	before, err := e.journal.Noted(ctx, awaitedNote+src.Name())
	if err == nil && before != text {
		err = e.journal.Note(ctx, e.fence, awaitedNote+src.Name(), text)
	}
	return store.AsFileError(err)
}

// unjoined is the first other source that was never read to the end of its deals, although
// the configuration says which of its fields names deals of other sources; "" is none.
func (e *Evaluation) unjoined(src *Source, states []store.StreamState) string {
	for i := range e.cfg.Sources {
		other := &e.cfg.Sources[i]
		if m, ok := other.Source.(crm.Mapper); !ok || m.Mapping()[crm.SameAs] == "" || other.Name() == src.Name() {
			continue
		}
		if !readOnce(states, other.Name()) {
			return other.Name()
		}
	}
	return ""
}

// readOnce reports whether the deals of a source were read to their end once.
func readOnce(states []store.StreamState, source string) bool {
	return slices.ContainsFunc(states, func(st store.StreamState) bool {
		return st.Source == source && st.Stream == crm.Opportunities && st.Complete
	})
}

// waiting are the sources that were judged while src was not known, where it is known now
// and deals of the one may be deals of the other.
func (e *Evaluation) waiting(ctx context.Context, src *Source) (out []*Source, err error) {
	if len(e.cfg.Sources) < 2 {
		return nil, nil
	}
	v, own, err := e.verdict(ctx, src)
	if err != nil || v.Withheld != "" {
		return nil, err
	}
	for _, other := range e.Sources() {
		text, err := e.journal.Noted(ctx, awaitedNote+other.Name())
		if err != nil {
			return nil, store.AsFileError(err)
		}
		if other.Name() == src.Name() || !slices.Contains(strings.Split(text, "|"), src.Name()) {
			continue
		}
		ref, err := e.Reference(ctx, other.Name())
		if err != nil {
			return nil, err
		}
		if own.Info.Fields.Access(crm.SameAs) == crm.Readable || ref.Info.Fields.Access(crm.SameAs) == crm.Readable {
			out = append(out, other)
		}
	}
	return out, nil
}
