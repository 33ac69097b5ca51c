package daemon

import (
	"context"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
)

// upkeep is what the daemon knows of itself, for those who run it.
func (d *Daemon) upkeep(ctx context.Context) (digest.Upkeep, error) {
	u := digest.Upkeep{Version: d.cfg.Version, Since: d.health.Since()}
	ms, err := d.matters(ctx)
	if err != nil {
		return u, err
	}
	told, err := d.bulletin.Told(ctx)
	if err != nil {
		return u, err
	}
	for i := range ms {
		u.Matters = append(u.Matters, digest.Matter{Text: ms[i].Text, Told: told[ms[i].Cause]})
	}
	more, err := d.notices(ctx)
	if err != nil {
		return u, err
	}
	for _, text := range more {
		if !slices.ContainsFunc(u.Matters, func(m digest.Matter) bool { return m.Text == text }) {
			u.Matters = append(u.Matters, digest.Matter{Text: text})
		}
	}
	for _, src := range d.evaluation.Sources() {
		m, ok := src.Source.(crm.Meter)
		if !ok {
			continue
		}
		if x := m.Usage(); x.Limit > 0 && x.Share > 0 {
			u.Polls = append(u.Polls, digest.Poll{Source: src.Name(), Used: float64(x.Own) / (x.Share * float64(x.Limit))})
		}
	}
	return u, nil
}

// notices is what can wait for a day: what status says of the sources besides the matters.
func (d *Daemon) notices(ctx context.Context) ([]string, error) {
	var out []string
	if why := d.health.Faulty(); why != "" && !d.health.Full() {
		out = append(out, why)
	}
	for _, src := range d.evaluation.Sources() {
		for _, of := range []func(context.Context, crm.Source) (string, error){d.intake.Clocks, d.intake.Sight, d.intake.Left} {
			text, err := of(ctx, src.Source)
			if err != nil {
				return nil, err
			}
			if text != "" {
				out = append(out, text)
			}
		}
		of, err := d.evaluation.Standing(ctx, src)
		if err != nil {
			return nil, err
		}
		out = append(out, of...)
	}
	strangers, err := d.evaluation.Strangers(ctx)
	return append(out, strangers...), err
}
