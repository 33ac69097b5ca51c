package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/api"
)

// effect prints what the file would do to the findings.
func (a *app) effect(ctx context.Context, file string) error {
	return a.with(ctx, reading, func(c *client) error {
		found, err := c.Compare(ctx, api.CompareRequest{File: file, Effect: true})
		if err != nil {
			return err
		}
		for i := range found.Effects {
			if err := printEffect(a.out, &found.Effects[i], c.zone); err != nil {
				return err
			}
		}
		if len(found.Pending) > 0 {
			return fail(api.ExitNoVerdict, "what the file would change cannot be told yet: %s", strings.Join(plains(found.Pending), "\n"))
		}
		return nil
	})
}

func printEffect(w io.Writer, x *api.Effect, zone *time.Location) error {
	judged := fmt.Sprintf("%s judged, %s", counted(x.Deals, "open deal"), step(x.Flagged)+" of them with findings")
	if len(x.Rules)+len(x.Teams) == 0 {
		_, err := fmt.Fprintf(w, "%s: the file changes no finding, by the data of %s (%s)\n", plain(x.Source), moment(x.AsOf, zone), judged)
		return err
	}
	_, _ = fmt.Fprintf(w, "%s: what the file would change, by the data of %s (%s)\n", plain(x.Source), moment(x.AsOf, zone), judged) // table remembers the error
	var rows [][]string
	for _, r := range x.Rules {
		word := ""
		if r.Off {
			word = "switched off"
		}
		rows = append(rows, []string{plain(r.Rule), step(r.Findings), step(r.High), word})
	}
	if len(rows) > 0 {
		if err := table(w, []string{"RULE", "FINDINGS", "OF THEM HIGH", ""}, rows); err != nil {
			return err
		}
	}
	return printTeamEffects(w, x.Teams)
}

// printTeamEffects prints what becomes of the numbers of the teams' digests, nothing where
// they stay.
func printTeamEffects(w io.Writer, teams []api.TeamEffect) error {
	if len(teams) == 0 {
		return nil
	}
	var rows [][]string
	for _, t := range teams {
		name := plain(t.Team)
		if t.Team == "" {
			name = "(in no team)"
		}
		rows = append(rows, []string{name, step(t.Deals), step(t.NeedUpdate), step(t.Commit)})
	}
	return table(w, []string{"TEAM", "OPEN DEALS", "NEED AN UPDATE", "IN THE COMMIT"}, rows)
}

// step is "186 → 503", or one number where nothing changes.
func step(s api.Step) string {
	if s.Before == s.After {
		return fmt.Sprint(s.After)
	}
	return fmt.Sprintf("%d → %d", s.Before, s.After)
}
