package edition

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/words"
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
	var none []unsent
	for _, p := range rec.periods {
		if p.Date == day && p.State != periodBegun && r.e.Find(p.Digest) != nil {
			none = append(none, unsent{p.Digest, r.e.cfg.Teams.Name(p.Team), p.Reason})
		}
	}
	out.Unsent = forNobody(none)
	return out, nil
}

// unsent is a digest that went to nobody: its name, the team's, "" for none, and the reason.
type unsent struct{ digest, team, why string }

// forNobody says which digests went to nobody and why: the digests of a team that share a reason in one
// clause, and so the teams whose digests are the same, since a freeze is one piece of news.
func forNobody(none []unsent) (out []string) {
	digests := map[[2]string][]string{} // by reason and team
	for _, u := range none {
		key := [2]string{u.why, u.team}
		digests[key] = append(digests[key], u.digest)
	}
	teams := map[[2]string][]string{} // by reason and digests
	for key, names := range digests {
		slices.Sort(names)
		same := [2]string{key[0], words.List(slices.Compact(names))}
		if key[1] == "" { // of no team
			out = append(out, same[1]+" went to nobody: "+key[0])
			continue
		}
		teams[same] = append(teams[same], key[1])
	}
	for same, names := range teams {
		slices.Sort(names)
		what := same[1]
		what += " of " + words.Plural(len(names), "team ", "teams ") + words.List(names)
		out = append(out, what+" went to nobody: "+same[0])
	}
	slices.Sort(out)
	return out
}

// tallied lists the counts, the largest first.
func tallied(of map[string]int) (out []digest.Tallied) {
	for _, what := range slices.Sorted(maps.Keys(of)) {
		out = append(out, digest.Tallied{What: what, N: of[what]})
	}
	slices.SortStableFunc(out, func(a, b digest.Tallied) int { return cmp.Compare(b.N, a.N) })
	return out
}
