package hubspot

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
)

// page is where Reference is printed to, between the two marks.
const (
	page  = "../../docs/hubspot.md"
	begin = "<!-- printed by go test ./connectors/hubspot -run TestReference -update -->\n"
	end   = "<!-- end of what is printed -->\n"
)

func TestReference(t *testing.T) {
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	printed, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatalf("%s does not say where the tables go", page)
	}
	want := "\n" + Reference() + "\n"
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, printed); diff != "" {
		t.Errorf("docs/hubspot.md is out of date; run: go test ./connectors/hubspot -run TestReference -update\n-want +got:\n%s", diff)
	}
}

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
