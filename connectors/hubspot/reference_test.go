package hubspot

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/golden"
)

// page is the document that holds Reference, between the two marks.
const (
	page  = "../../docs/hubspot.md"
	begin = "<!-- printed by go generate ./... -->\n"
	end   = "<!-- end of what is printed -->\n"
)

func TestGoldenReference(t *testing.T) {
	golden.Between(t, page, begin, end, "\n"+Reference()+"\n")
}

// LapPrice and LapLists are what laps cost.
func LapPrice() int { return lapPrice() }

func LapLists(name crm.Stream) int { return lapLists[name] }

// Documented reports whether the reference has a call.
func Documented(method, path string) bool {
	for _, e := range endpoints {
		call, query, _ := strings.Cut(e.call, "?")
		pattern := regexp.QuoteMeta(call)
		pattern = strings.NewReplacer(`\{object\}`, `[a-z]+`, `\{activity\}`, `(`+strings.Join(portal.Activities, "|")+`)`).Replace(pattern)
		if query == "" && regexp.MustCompile("^"+pattern+"$").MatchString(method+" "+path) {
			return true
		}
	}
	return false
}
