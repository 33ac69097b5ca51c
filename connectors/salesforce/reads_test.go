package salesforce

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/internal/golden"
)

// explained are the fields that the table explains, by object.
func explained() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, r := range Reads() {
		out[r.Object] = map[string]bool{}
		for _, f := range r.Fields {
			for name := range strings.FieldsSeq(f.Names) {
				out[r.Object][name] = true
			}
		}
	}
	return out
}

// asked are the fields that the streams may query, by object.
func asked() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	note := func(object string, names ...string) {
		if out[object] == nil {
			out[object] = map[string]bool{}
		}
		for _, n := range names {
			out[object][n] = true
		}
	}
	for _, st := range streams {
		for _, p := range st.parts {
			note(p.object, p.fields...)
			if p.object == "Opportunity" {
				for _, f := range standard {
					note(p.object, f.fields...)
				}
			}
			note(p.object, p.full.Fields()...)
			if p.keep != nil {
				note(p.object, p.keep.fields...)
				for _, c := range p.keep.within(20000) {
					note(p.object, c.Fields()...)
				}
			}
			if p.ended {
				note(p.object, "EndDateTime")
			}
			if p.object == "Task" || p.object == "Event" {
				note(p.object, "CreatedBy.Username", "CreatedBy.Email")
			}
		}
	}
	for _, name := range kin {
		note("OpportunityContactRole", "Contact."+name)
	}
	note("OpportunityContactRole", kinStamp)
	delete(out["Task"], "IsChild") // tasks have no such field
	for _, name := range []string{"Id", "SystemModstamp", "LastModifiedDate", "CreatedDate", "IsDeleted", rowCount} {
		note("", name)
	}
	note("Organization", "TimeZoneSidKey", "FiscalYearStartMonth")
	note("CurrencyType", "IsoCode", "IsCorporate", "IsActive", "ConversionRate")
	return out
}

// TestEveryFieldIsExplained: the table explains each field that is queried, and no
// other.
func TestEveryFieldIsExplained(t *testing.T) {
	said, used := explained(), asked()
	for _, object := range slices.Sorted(maps.Keys(used)) {
		for _, name := range slices.Sorted(maps.Keys(used[object])) {
			if !said[object][name] && !said[""][name] {
				t.Errorf("%s.%s is read and not explained", object, name)
			}
		}
	}
	for _, object := range slices.Sorted(maps.Keys(said)) {
		for _, name := range slices.Sorted(maps.Keys(said[object])) {
			if !used[object][name] && name != "*" {
				t.Errorf("%s.%s is explained and not read", object, name)
			}
		}
	}
}

// TestGoldenReads compares the printed section of docs/salesforce.md.
func TestGoldenReads(t *testing.T) {
	golden.Between(t, "../../docs/salesforce.md", "<!-- printed by "+golden.Command+" -->\n\n", "\n<!-- end -->\n", string(Markdown()))
}
