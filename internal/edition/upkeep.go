package edition

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// upkeep completes what a digest about the program is written from. The facts must have been
// gathered.
func (r *Run) upkeep(ctx context.Context, in *digest.Input) (err error) {
	if in.Upkeep, err = r.e.cfg.Upkeep(ctx); err != nil {
		return err
	}
	in.Parks, in.Upkeep.Nobody = r.facts.parks, nobodys(r.facts.snapshots)
	in.Upkeep.Sent, err = r.outcomes(ctx, crm.DateOf(in.Now, r.e.cfg.Location)-1)
	return err
}

// nobodys are the people in no team who own open deals. Who is not known by a name is told
// as a matter: the login may not see the users.
func nobodys(ss []hygiene.Snapshot) []digest.Ownership {
	deals := map[string]int{}
	for i := range ss {
		for j := range ss[i].Tallies {
			t := &ss[i].Tallies[j]
			if who := cmp.Or(t.OwnerEmail, t.OwnerName); t.Team == "" && t.OwnerID != "" && who != "" && t.Deals > 0 {
				deals[who] += t.Deals
			}
		}
	}
	var out []digest.Ownership
	for who, n := range deals {
		out = append(out, digest.Ownership{Owner: who, Deals: n})
	}
	slices.SortFunc(out, func(a, b digest.Ownership) int {
		return cmp.Or(cmp.Compare(b.Deals, a.Deals), cmp.Compare(a.Owner, b.Owner))
	})
	return out
}

// fate orders states by what they say of a reader's digest of which there are several
// deliveries: what arrived, arrived.
var fate = []delivery.State{delivery.Sent, delivery.Unknown, "", delivery.Failed, delivery.Expired, delivery.Skipped}

// outcomes says what became of the digests of one day.
func (r *Run) outcomes(ctx context.Context, day crm.Date) (digest.Outcomes, error) {
	out := digest.Outcomes{Day: day}
	rec, err := r.recorded(ctx)
	if err != nil {
		return out, err
	}
	at := func(d *delivery.Delivery) int {
		if !d.State.Settled() && d.State != delivery.Unknown {
			return slices.Index(fate, "")
		}
		return slices.Index(fate, d.State)
	}
	readers := map[[4]string]*delivery.Delivery{}
	for i := range rec.deliveries {
		d := &rec.deliveries[i]
		if d.Test || d.Period != day.String() || r.e.Find(d.Digest) == nil {
			continue
		}
		who := [4]string{d.Digest, d.Team, d.Recipient, d.To}
		if was := readers[who]; was == nil || at(d) < at(was) || at(d) == at(was) && d.Changed.After(was.Changed) {
			readers[who] = d
		}
	}
	by, failed, expired, skipped := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, d := range readers {
		switch d.State {
		case delivery.Sent:
			by[string(d.Channel)]++
		case delivery.Unknown:
			out.Unknown++
		case delivery.Failed:
			failed[d.Reason]++
		case delivery.Expired:
			expired[d.Reason]++
		case delivery.Skipped:
			skipped[d.Reason]++
		default:
			out.Waiting++
		}
	}
	out.By, out.Failed, out.Expired, out.Skipped = tallied(by), tallied(failed), tallied(expired), tallied(skipped)
	for _, p := range rec.periods {
		if p.Date == day && p.State != periodBegun && r.e.Find(p.Digest) != nil {
			what := p.Digest
			if team := r.e.cfg.Teams.Name(p.Team); team != "" {
				what += " of team " + team
			}
			out.Unsent = append(out.Unsent, fmt.Sprintf("%s went to nobody: %s", what, p.Reason))
		}
	}
	slices.Sort(out.Unsent)
	return out, nil
}

// tallied lists the counts, the largest first.
func tallied(of map[string]int) (out []digest.Tallied) {
	for _, what := range slices.Sorted(maps.Keys(of)) {
		out = append(out, digest.Tallied{What: what, N: of[what]})
	}
	slices.SortStableFunc(out, func(a, b digest.Tallied) int { return cmp.Compare(b.N, a.N) })
	return out
}
