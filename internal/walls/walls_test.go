package walls

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// group is a set of folders.
type group func(folder string) bool

// wall says that some folders do not know some others, not even through a third.
type wall struct {
	who  group
	not  group
	kin  bool   // folders of one family (connectors/salesforce and its subfolders) may know each other
	one  bool   // only direct imports count
	why  string // what is lost without the wall
	hole string // an import that breaks this wall and no other: "from -> to"
}

// walls are the rules that .golangci.yml cannot state: depguard lists what a folder
// itself may import, not what comes in through a third folder, nor who may import
// the folder. The arrows are those of docs/architecture.md.
var walls = []wall{
	// connectors
	{
		who: member, not: member, kin: true,
		why:  "what members share lies in connectors, rest or allowance; two members that know each other are one",
		hole: "connectors/hubspot -> connectors/salesforce",
	},
	{
		who: in("connectors"), not: in("store", "config"),
		why:  "a connector fetches and sends; the store and the configuration file are the business of others",
		hole: "connectors/email -> store",
	},
	{
		who: in("connectors"), not: without(in("internal"), "internal/secret"),
		why:  "a connector works without the daemon: doctor, tests and other programs use it alone",
		hole: "connectors/rest -> internal/doctor",
	},
	{
		who: everybody, not: inside, kin: true, one: true,
		why:  "the subfolders of a member are for its parent; others see the member",
		hole: "cmd/pipetidy -> connectors/salesforce/row",
	},
	{
		who: except("config", "cmd"), not: in("connectors/all"), one: true,
		why:  "a member does not know the list, so a new member is a folder and a line; whoever is handed members does not know it either",
		hole: "internal/secret -> connectors/all",
	},

	// the vocabulary and what is computed from it
	{
		who: in("crm", "hygiene", "delivery", "digest"), not: in("config", "connectors", "store", "internal", "cmd"),
		why:  "rules and digests are pure: they are tested, rehearsed and explained without files and networks",
		hole: "digest -> store",
	},
	{
		who: in("delivery"), not: in("digest", "hygiene"),
		why:  "what the outbox carries may be a digest or a change for the CRM",
		hole: "delivery -> digest",
	},

	// configuration and store
	{
		who: except("config"), not: in("config/form"), one: true,
		why:  "how YAML becomes structs concerns only the package that reads the file",
		hole: "cmd/pipetidy -> config/form",
	},
	{
		who: except("cmd", "store/bolt", "store/postgres"), not: in("store/bolt", "store/postgres"), one: true,
		why:  "only the commands choose an engine",
		hole: "internal/doctor -> store/bolt",
	},

	// the rooms
	{
		who: in("internal/outbox"), not: without(room, "internal/outbox"),
		why:  "the outbox sends what it is given, whether it is a digest or a change for the CRM",
		hole: "internal/outbox -> internal/evaluation",
	},
	{
		who: in("internal/intake"), not: without(room, "internal/intake"),
		why:  "reading a CRM goes on whatever becomes of the rules",
		hole: "internal/intake -> internal/evaluation",
	},
	{
		who: in("internal/evaluation"), not: without(room, "internal/evaluation"),
		why:  "a judgement depends on the cache alone",
		hole: "internal/evaluation -> internal/outbox",
	},
	{
		who: in("internal/edition"), not: without(room, "internal/edition", "internal/evaluation", "internal/outbox"),
		why:  "an edition is gathered from judgements and handed to the outbox; it requires no other room",
		hole: "internal/edition -> internal/intake",
	},
	{
		who: in("internal/bulletin"), not: without(room, "internal/bulletin", "internal/outbox"),
		why:  "a bulletin is handed its matters; what is one, the daemon gathers",
		hole: "internal/bulletin -> internal/evaluation",
	},
	{
		who: in("internal/export"), not: without(room, "internal/export"),
		why:  "rows are written as they are stored",
		hole: "internal/export -> internal/outbox",
	},
	{
		who: in("internal/control"), not: in("internal/daemon"),
		why:  "the handlers answer without a daemon as well: in the process of a command",
		hole: "internal/control -> internal/daemon",
	},
	{
		who: outside, not: room, one: true,
		why:  "only the daemon, the control handlers and the commands see the rooms",
		hole: "internal/doctor -> internal/evaluation",
	},
	{
		who: inner, not: in("config", "store/bolt", "store/postgres"),
		why:  "the daemon and its rooms are handed what they need: tests give them other settings and files",
		hole: "internal/edition -> config",
	},
	{
		who: inner, not: in("connectors"), one: true,
		why:  "the rooms know the contracts of sources and senders, and no member",
		hole: "internal/intake -> connectors/hubspot",
	},
	{
		who: without(room, "internal/control", "internal/daemon"), not: in("internal/api"),
		why:  "the words of the control API are for commands and handlers; a step returns words of its own",
		hole: "internal/outbox -> internal/api",
	},
	{
		who: in("internal/api"), not: except("internal/api", "crm", "hygiene", "delivery", "digest"),
		why:  "the client of the control API is small enough for any program of ours",
		hole: "internal/api -> internal/secret",
	},

	// the simulated company and the logger
	{
		who: except("cmd", "internal/sim"), not: in("internal/sim"), one: true,
		why:  "the simulated company is for tests and the demo",
		hole: "internal/doctor -> internal/sim",
	},
	{
		who: in("internal/sim"), not: without(except("crm", "internal/sim"), "internal/sim"),
		why:  "a simulated CRM that shares code with its reader shares its mistakes",
		hole: "internal/sim -> connectors/rest",
	},
	{
		who: except("cmd", "internal/daemon"), not: in("go.uber.org/zap"), one: true,
		why:  "packages return errors; the daemon and the commands log",
		hole: "connectors/rest -> go.uber.org/zap",
	},
}

// everybody are all folders of the module.
func everybody(folder string) bool { return isOurs(folder) }

// in are the folders and everything below them.
func in(parents ...string) group {
	return func(folder string) bool {
		return slices.ContainsFunc(parents, func(p string) bool { return below(folder, p) })
	}
}

// except is everything of ours that does not lie in one of the folders.
func except(parents ...string) group { return without(everybody, parents...) }

func without(g group, parents ...string) group {
	return func(folder string) bool { return g(folder) && !in(parents...)(folder) }
}

// member is a folder of one CRM or channel.
func member(folder string) bool {
	return below(folder, "connectors") && depth(folder) > 1 &&
		!in("connectors/all", "connectors/rest", "connectors/allowance", "connectors/connectortest")(folder)
}

// inside is a subfolder of a member.
func inside(folder string) bool { return member(folder) && depth(folder) > 2 }

// room is the folder of a step, or of control or the daemon, which see all steps.
func room(folder string) bool {
	return in("internal/bulletin", "internal/intake", "internal/evaluation", "internal/edition", "internal/outbox",
		"internal/control", "internal/export", "internal/daemon")(folder)
}

// inner are the rooms and internal/api.
func inner(folder string) bool { return room(folder) || below(folder, "internal/api") }

// outside are the folders that are no room and may not import one.
func outside(folder string) bool { return everybody(folder) && !room(folder) && !below(folder, "cmd") }

// breaches lists the imports that a wall forbids.
func (w wall) breaches(g graph) (found []string) {
	for _, from := range g.folders() {
		if !w.who(from) {
			continue
		}
		forbidden := func(to string) bool {
			return to != from && w.not(to) && !(w.kin && family(from) == family(to))
		}
		var way []string
		if !w.one {
			way = g.way(from, forbidden)
		} else if i := slices.IndexFunc(g[from], forbidden); i >= 0 {
			way = []string{from, g[from][i]}
		}
		if way != nil {
			found = append(found, strings.Join(way, " -> "))
		}
	}
	return found
}

// family is the member that a folder belongs to.
func family(folder string) string {
	if parts := strings.Split(folder, "/"); len(parts) > 2 {
		folder = path.Join(parts[:2]...)
	}
	return folder
}

func TestWalls(t *testing.T) {
	g := readTree(t)
	for _, w := range walls {
		for _, way := range w.breaches(g) {
			t.Errorf("%s\n\t%s", way, w.why)
		}
	}
}

// TestEachWallStands makes a hole in each wall. Exactly that wall has to report the
// hole, so no wall is without effect and no wall stands twice.
func TestEachWallStands(t *testing.T) {
	g := readTree(t)
	for _, w := range walls {
		from, to, ok := strings.Cut(w.hole, " -> ")
		if !ok || w.why == "" {
			t.Errorf("the wall of %q has no hole to try it with, or no reason", w.hole)
			continue
		}
		broken := g.with(from, to)
		for _, other := range walls {
			fresh := slices.DeleteFunc(other.breaches(broken), func(way string) bool { return slices.Contains(other.breaches(g), way) })
			seen := slices.ContainsFunc(fresh, func(way string) bool { return strings.HasPrefix(way, from+" -> ") })
			if seen != (other.hole == w.hole) {
				t.Errorf("%s: seen %v by the wall %q: %s", w.hole, seen, other.hole, other.why)
			}
		}
	}
}

// holes are the imports that must never come: each is reported by the wall that it
// breaks. They are written down a second time, apart from the walls, so that a wall
// that is taken out leaves a hole that nobody reports.
var holes = []string{
	"cmd/pipetidy -> config/form",
	"cmd/pipetidy -> connectors/salesforce/row",
	"connectors/email -> store",
	"connectors/hubspot -> connectors/salesforce",
	"connectors/rest -> go.uber.org/zap",
	"connectors/rest -> internal/doctor",
	"delivery -> digest",
	"digest -> store",
	"internal/api -> internal/secret",
	"internal/bulletin -> internal/evaluation",
	"internal/control -> internal/daemon",
	"internal/doctor -> internal/evaluation",
	"internal/doctor -> internal/sim",
	"internal/doctor -> store/bolt",
	"internal/edition -> config",
	"internal/edition -> internal/intake",
	"internal/evaluation -> internal/outbox",
	"internal/export -> internal/outbox",
	"internal/intake -> connectors/hubspot",
	"internal/intake -> internal/evaluation",
	"internal/outbox -> internal/api",
	"internal/outbox -> internal/evaluation",
	"internal/secret -> connectors/all",
	"internal/sim -> connectors/rest",
}

// TestNoHoleIsOpen fails when a wall is taken out.
func TestNoHoleIsOpen(t *testing.T) {
	g := readTree(t)
	for _, hole := range holes {
		from, to, _ := strings.Cut(hole, " -> ")
		broken := g.with(from, to)
		if !slices.ContainsFunc(walls, func(w wall) bool { return len(w.breaches(broken)) > len(w.breaches(g)) }) {
			t.Errorf("%s is reported by no wall; was its wall taken out?", hole)
		}
	}
	if len(holes) != len(walls) {
		t.Errorf("%d holes are tried and %d walls stand; write the hole of a new wall down in both places", len(holes), len(walls))
	}
}
