package hygiene

import (
	"slices"
	"strconv"
)

// KnownTeam is a team as it was when it was last seen, under the name that it keeps.
type KnownTeam struct {
	ID      string   `json:"id"` // the team's first name
	Name    string   `json:"name"`
	Manager string   `json:"manager"`
	Members []string `json:"members"`
}

// Identify gives each team the ID under which its findings, numbers and deliveries are
// kept, so that a team whose name is changed stays the same team: nobody gets a second
// digest of the day, and what was new yesterday is not new again. A team is known by its
// name; else by a former name (Was); else, where an unknown name stands with the manager
// and most of the members of a known team that is gone, it is that team. Any other team is
// a new one, and its ID is its name.
//
// Identify returns the teams with their IDs, and what is to be known from now on: teams
// that are gone stay known.
func Identify(teams []Team, known []KnownTeam) ([]Team, []KnownTeam) {
	out := slices.Clone(teams)
	of := make([]int, len(out)) // index in known, -1 is none yet
	taken := map[int]bool{}
	tie := func(i int, is func(*KnownTeam) bool) {
		if of[i] >= 0 {
			return
		}
		for k := range known {
			if !taken[k] && is(&known[k]) {
				of[i], taken[k] = k, true
				return
			}
		}
	}
	for i := range out {
		of[i] = -1
	}
	for i := range out {
		tie(i, func(k *KnownTeam) bool { return k.Name == out[i].Name })
	}
	for i := range out {
		for _, was := range out[i].Was {
			tie(i, func(k *KnownTeam) bool { return k.Name == was })
			tie(i, func(k *KnownTeam) bool { return k.ID == was })
		}
	}
	for i := range out {
		tie(i, func(k *KnownTeam) bool { return k.Manager == out[i].Manager && mostly(k.Members, out[i].Members) })
	}
	known = slices.Clone(known)
	for i := range out {
		t := &out[i]
		if of[i] < 0 {
			of[i] = len(known)
			known = append(known, KnownTeam{ID: unused(t.Name, known)})
		}
		k := &known[of[i]]
		t.ID = k.ID
		k.Name, k.Manager, k.Members = t.Name, t.Manager, t.Members
	}
	return out, known
}

// mostly reports whether more than half of the larger team is in both.
func mostly(a, b []string) bool {
	both := 0
	for _, m := range a {
		if slices.Contains(b, m) {
			both++
		}
	}
	return 2*both > max(len(a), len(b))
}

// unused is name, or name with a number where another team has it as its ID.
func unused(name string, known []KnownTeam) string {
	id := name
	for n := 2; slices.ContainsFunc(known, func(k KnownTeam) bool { return k.ID == id }); n++ {
		id = name + "#" + strconv.Itoa(n)
	}
	return id
}
