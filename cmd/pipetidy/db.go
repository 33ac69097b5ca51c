package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt"
)

func newDB(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "db",
		Short: "Save what can be read of a damaged journal",
		Long: `Commands about the files in the data directory: cache.db, which can be read again from
the CRMs, and journal.db, which cannot.`,
		Example: "  pipetidy db salvage",
		Args:    cobra.ArbitraryArgs,
		RunE:    group,
	}
	cmd.AddCommand(newSalvage(a))
	return cmd
}

func newSalvage(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "salvage",
		Short: "Save what can be read of a damaged journal.db",
		Long: `When journal.db is damaged, every other command refuses it (exit code 74). This
command reads all that can still be read of it into a new journal.db, and keeps the
damaged file beside it. The daemon has to be stopped. A backup of the day is better
than what is saved, where there is one.

The table says what was saved, and what is lost. Nobody gets a digest twice for it: a
delivery of which only an older copy was found is held in doubt ("pipetidy deliveries
settle"), and where the record of which digests were begun may have a hole, digests
whose time had come are not sent by themselves ("pipetidy status" names those of today).

A journal without damage is left as it is, and so is one in which nothing can be read.
A damaged cache.db requires nothing: it is set aside and read again from the CRMs.`,
		Example: "  pipetidy db salvage\n  pipetidy db salvage -o json",
		Args:    exactly(0, ""),
	}
	out := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := a.load()
		if err != nil {
			return err
		}
		r, err := a.salvage(cmd.Context(), cfg.DataDir)
		if err != nil {
			return err
		}
		if out.word == "json" {
			return printJSON(a.out, salvageReport(r))
		}
		return a.salvageText(r)
	}
	return cmd
}

// salvage returns nil for a journal without damage.
func (a *app) salvage(ctx context.Context, dir string) (*bolt.Salvaged, error) {
	r, err := bolt.Salvage(ctx, dir, bolt.Options{Now: a.now})
	switch {
	case errors.Is(err, bolt.ErrSound):
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fail(api.ExitIO, "there is no journal.db in %s: %w; put a backup there", dir, err)
	case errors.Is(err, store.ErrCorrupt):
		return nil, fail(api.ExitIO, "%w; nothing was changed: put a backup in its place; only to begin without any history, move it and db.id away", err)
	case err != nil:
		return nil, openError(dir, filepath.Join(dir, holderName), err)
	}
	return r, nil
}

// lostMeans says what it means that records of a bucket are lost.
var lostMeans = map[string]struct{ what, lost string }{
	"deliveries":  {"deliveries", "what was sent to whom cannot be looked up; nothing is sent again by itself"},
	"periods":     {"digests begun", "a digest whose time had come is not sent by itself, as nobody knows whether it was sent"},
	"readers":     {"last digests", "the reader's next digest is like the first: it says nothing of what is new"},
	"findings":    {"findings", "a finding that is still there is found again, as new"},
	"parks":       {"parked deals", "a deal that was parked by `pipetidy park` is asked about again; what the CRM says parks again"},
	"snapshots":   {"days", "the next digest compares with another day"},
	"generations": {"evaluations", "none: the next sync makes another one"},
	"notes":       {"notes", "the first days may begin again, ops may hear again what they were told, dead addresses are tried again"},
}

// salvagedPart is one row of the report.
type salvagedPart struct {
	What  string   `json:"what"`
	Saved int      `json:"saved"`
	Older int      `json:"older"`
	Made  int      `json:"made"`
	Lost  int      `json:"lost"`
	More  bool     `json:"more"` // other records may be lost
	Where []string `json:"where,omitempty"`
	Means string   `json:"means,omitempty"`
}

type salvaged struct {
	Damaged  bool           `json:"damaged"`
	Pages    int            `json:"damaged_pages"`
	Aside    string         `json:"aside,omitempty"`
	Identity string         `json:"identity,omitempty"`
	Parts    []salvagedPart `json:"parts"`
	Settle   []string       `json:"in_doubt"`
	Notes    []string       `json:"notes"`
}

// salvageReport puts the report into the reader's words.
func salvageReport(r *bolt.Salvaged) *salvaged {
	out := &salvaged{Parts: []salvagedPart{}, Settle: []string{}, Notes: []string{}}
	if r == nil {
		return out
	}
	out.Damaged, out.Pages, out.Aside, out.Identity = true, r.Damaged, r.Aside, r.Identity
	out.Settle = append(out.Settle, r.Settle...)
	for _, p := range r.Parts {
		words := lostMeans[p.Bucket]
		row := salvagedPart{What: cmp.Or(words.what, p.Bucket), Saved: p.Saved, Older: p.Older, Made: p.Made, Lost: p.Lost, More: p.More, Where: p.Places}
		if p.Lost > 0 || p.More {
			row.Means = words.lost
		}
		out.Parts = append(out.Parts, row)
	}
	note := func(format string, args ...any) { out.Notes = append(out.Notes, fmt.Sprintf(format, args...)) }
	if r.Last {
		note("the last write before the damage may be lost")
	}
	if !r.Held.IsZero() {
		note("digests whose time had come by %s, and of which nothing is left, are not sent by themselves: `pipetidy status` names those of today, once the daemon runs", r.Held.Format(time.RFC3339))
	}
	if n := len(r.Settle); n > 0 {
		note("%s of which only an older copy was found: each may have been sent since, so it is looked for at the receiver, or held: `pipetidy status` shows how to settle it", counted(n, "delivery in doubt"))
	}
	switch r.Identity {
	case "lost":
		note("the journal has a new identity: messages in doubt of the time before are not found in Slack any more")
	case "kept":
	default:
		note("the identity of the journal was taken %s", r.Identity)
	}
	return out
}

func (a *app) salvageText(r *bolt.Salvaged) error {
	if r == nil {
		_, err := fmt.Fprintln(a.out, "journal.db is not damaged; nothing was changed")
		return err
	}
	s := salvageReport(r)
	rows := make([][]string, len(s.Parts))
	for i, p := range s.Parts {
		lost := grouped(p.Lost)
		switch {
		case p.More && p.Lost == 0:
			lost = "unknown"
		case p.More:
			lost += " or more"
		}
		means := p.Means
		if len(p.Where) > 0 {
			means = strings.TrimSuffix(means+" ("+strings.Join(p.Where, "; ")+")", " ()")
		}
		rows[i] = []string{p.What, grouped(p.Saved), grouped(p.Older), grouped(p.Made), lost, means}
	}
	if err := table(a.out, []string{"WHAT", "SAVED", "OLDER COPY", "MADE AGAIN", "LOST", "WHAT IS LOST"}, rows); err != nil {
		return err
	}
	var b strings.Builder
	for _, n := range s.Notes {
		for i, line := range wrap(plain(n), lineWidth-2) {
			fmt.Fprintf(&b, "%s%s\n", []string{"! ", "  "}[min(i, 1)], line)
		}
	}
	for _, id := range s.Settle {
		fmt.Fprintf(&b, "  in doubt: %s\n", plain(id))
	}
	fmt.Fprintf(&b, "journal.db is salvaged; the damaged file is %s\n", plain(s.Aside))
	_, err := fmt.Fprint(a.out, b.String())
	return err
}
