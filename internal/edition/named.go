package edition

import (
	"context"
	"errors"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/store"
)

// Named lists the deals that the planned digests would number or list, as source and id, each
// once, and first those that most depends on.
type Named func(ctx context.Context) ([][2]string, error)

// named is [Named]: the first line of every reader comes before the second of any, because
// the first of a short list is read before the tenth of a long one. A digest that cannot be
// composed names none; whoever composes it says why.
func (r *Run) named(ctx context.Context) ([][2]string, error) {
	ds, err := r.e.journal.Deliveries(ctx, delivery.Planned)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	var lists [][][][2]string // by reader and line
	longest := 0
	done := map[[3]string]bool{}
	for i := range ds {
		d := &ds[i]
		who := [3]string{d.Digest, d.Team, d.Recipient}
		if dg := r.e.Find(d.Digest); done[who] || dg == nil || dg.program() {
			continue
		}
		done[who] = true
		in, err := r.input(ctx, d.Digest, d.Team, d.Recipient)
		if err != nil {
			if _, fault := errors.AsType[*store.FileError](err); fault || ctx.Err() != nil {
				return nil, err
			}
			continue
		}
		var lines [][][2]string
		for _, line := range digest.Why(in) {
			lines = append(lines, line.Deals)
		}
		lists = append(lists, lines)
		longest = max(longest, len(lines))
	}
	var out [][2]string
	have := map[[2]string]bool{}
	for place := range longest {
		for _, list := range lists {
			if place >= len(list) {
				continue
			}
			for _, deal := range list[place] {
				if !have[deal] {
					have[deal] = true
					out = append(out, deal)
				}
			}
		}
	}
	return out, nil
}
