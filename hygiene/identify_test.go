package hygiene

import (
	"fmt"
	"strings"
	"testing"
)

// TestIdentify goes through a company's reorganisations. A team is written as
// "name manager member,member", a former name as "<name"; after = stands the ID that the
// team keeps.
func TestIdentify(t *testing.T) {
	for _, c := range []struct {
		name  string
		turns []string // teams of one configuration, separated by ;
	}{
		{"as it was", []string{"West m a,b = West; East n c = East", "West m a,b = West; East n c = East"}},
		{"a former name", []string{"West m a,b = West", "Pacific x z <West = West"}},
		{"the manager and most members", []string{"West m a,b,c = West", "Pacific m a,b,d = West"}},
		{"another manager", []string{"West m a,b,c = West", "Pacific x a,b,c = Pacific"}},
		{"few of the members", []string{"West m a,b,c,d = West", "Pacific m a,b,x,y = Pacific"}},
		{"half of a much larger team", []string{"West m a,b = West", "Pacific m a,b,c,d = Pacific"}},
		{"twice", []string{"West m a,b = West", "Pacific m a,b = West", "Coast m a,b = West"}},
		{"by its first name, after two changes", []string{"West m a = West", "Pacific m a = West", "Coast x z <West = West"}},
		{"a manager of two teams", []string{"West m a,b = West; East m c,d = East", "Coast m a,b = West; Levant m c,d = East"}},
		{"a new team beside a changed one", []string{"West m a,b = West", "Pacific m a,b = West; New m c = New"}},
		{"the old name is given to a new team", []string{"West m a,b = West", "Pacific m a,b <West = West", "Pacific m a,b = West; West x z = West#2"}},
		{"two teams change names with each other", []string{"West m a = West; East n b = East", "East m a = East; West n b = West"}},
		{"gone and back", []string{"West m a = West", "East n b = East", "West q z = West; East n b = East"}},
		{"a name that is known wins over a former one", []string{"West m a = West; East n b = East", "West m a = West; Levant q z <West <East = East"}},
		{"without members", []string{"West m  = West", "Pacific m  = Pacific"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var known []KnownTeam
			for i, turn := range c.turns {
				var teams []Team
				var want []string
				for s := range strings.SplitSeq(turn, ";") {
					said, id, _ := strings.Cut(s, " = ")
					f := strings.Split(strings.TrimSpace(said), " ")
					x := Team{Name: f[0], Manager: f[1]}
					if len(f) > 2 && f[2] != "" {
						x.Members = strings.Split(f[2], ",")
					}
					for _, w := range f[min(3, len(f)):] {
						x.Was = append(x.Was, strings.TrimPrefix(w, "<"))
					}
					teams, want = append(teams, x), append(want, strings.TrimSpace(id))
				}
				out, now := Identify(teams, known)
				var got []string
				for i := range out {
					got = append(got, out[i].ID)
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("configuration %d: got %v, want %v", i+1, got, want)
				}
				if teams[0].ID != "" {
					t.Error("the caller's teams were changed")
				}
				known = now
			}
		})
	}
}
