package hygiene

import (
	"maps"
	"slices"
	"time"
)

// Deals that were created so close together are an import: no people's work.
const (
	AtOnce     = 10 * time.Minute
	ImportFrom = 20 // deals that were created within AtOnce
)

// Import is many open deals of one team that were created at once, within the last FoldWindow
// days.
type Import struct {
	Team        string         // key
	First, Last time.Time      // in which minutes the first and the last of them were created
	Deals       int            // as Tally.Deals counts them
	Owners      map[string]int // owner id, "" is none → of Deals
}

// Holds reports whether a deal that was created at the time is of the import.
func (i *Import) Holds(created time.Time) bool {
	return !created.IsZero() && !created.Before(i.First) && created.Before(i.Last.Add(time.Minute))
}

// Meets reports whether both are the same import, of which some deals are closed since, or
// came late.
func (i *Import) Meets(first, last time.Time) bool {
	return !i.Last.Before(first) && !last.Before(i.First)
}

// creations count the deals that were created lately, by team, minute and owner id. Their
// size grows with minutes, not with deals.
type creations map[string]map[int64]map[string]int

func (c creations) add(team string, created time.Time, owner string) {
	if c[team] == nil {
		c[team] = map[int64]map[string]int{}
	}
	minute := created.Unix() / 60
	if c[team][minute] == nil {
		c[team][minute] = map[string]int{}
	}
	c[team][minute][owner]++
}

// imports lists what was created at once, by team and time.
func (c creations) imports() (out []Import) {
	for _, team := range slices.Sorted(maps.Keys(c)) {
		minutes := slices.Sorted(maps.Keys(c[team]))
		for _, span := range atOnce(minutes, func(m int64) (n int) {
			for _, of := range c[team][m] {
				n += of
			}
			return n
		}) {
			x := Import{Team: team, First: time.Unix(60*minutes[span[0]], 0).UTC(), Last: time.Unix(60*minutes[span[1]], 0).UTC(), Owners: map[string]int{}}
			for _, m := range minutes[span[0] : span[1]+1] {
				for owner, n := range c[team][m] {
					x.Owners[owner] += n
					x.Deals += n
				}
			}
			out = append(out, x)
		}
	}
	return out
}

// atOnce finds, as first and last place among the sorted minutes, what is within AtOnce of
// one another and enough. Where two such spans share a minute, they are one.
func atOnce(minutes []int64, count func(minute int64) int) (spans [][2]int) {
	first, sum := 0, 0
	for i, m := range minutes {
		sum += count(m)
		for time.Duration(m-minutes[first])*time.Minute > AtOnce {
			sum -= count(minutes[first])
			first++
		}
		switch n := len(spans); {
		case sum < ImportFrom:
		case n > 0 && first <= spans[n-1][1]:
			spans[n-1][1] = i
		default:
			spans = append(spans, [2]int{first, i})
		}
	}
	return spans
}
