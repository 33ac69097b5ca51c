package intake

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// clockNote begins the name of the note that keeps what is wrong with the clocks, for
// status.
const clockNote = "clock|"

// farApart is how far two clocks may differ without a word: what a machine without
// time service gathers, and no date is judged wrong by it.
const farApart = 5 * time.Minute

// compareClocks compares the CRM's clock with ours after a sync, and notes the
// difference. What it returns is for ops; "" is nothing. Stamps are compared with
// stamps of the CRM, so nothing is missed; but digests go out, and dates are judged, by
// our clock.
func (in *Intake) compareClocks(ctx context.Context, src crm.Source) (string, error) {
	d, ok := src.(crm.Clocked)
	if !ok {
		return "", nil
	}
	theirs := d.ServerTime()
	if theirs.IsZero() {
		return "", nil
	}
	said := ""
	if by := theirs.Sub(in.cfg.Now()); by.Abs() >= farApart {
		way := "ahead of"
		if by < 0 {
			way = "behind"
		}
		said = fmt.Sprintf("source %s: the CRM's clock is %s %s this machine's clock, and digests go out by this machine's clock. "+
			"Set this machine's clock by a time service, and look for a proxy that answers in place of the CRM",
			src.Name(), strings.TrimSuffix(by.Abs().Round(time.Minute).String(), "0s"), way)
	}
	ctx = context.WithoutCancel(ctx)
	before, err := in.journal.Noted(ctx, clockNote+src.Name())
	if err == nil && (before == "") != (said == "") || said != "" && before != said {
		err = in.journal.Note(ctx, in.fence, clockNote+src.Name(), said)
	}
	if said != "" && before == "" {
		in.cfg.Observe(Event{Kind: Notice, Source: src.Name(), Text: said})
	}
	return said, store.AsFileError(err)
}

// Clocks says what was noted last of the CRM's clock; "" is nothing.
func (in *Intake) Clocks(ctx context.Context, src crm.Source) (string, error) {
	s, err := in.journal.Noted(ctx, clockNote+src.Name())
	return s, store.AsFileError(err)
}
