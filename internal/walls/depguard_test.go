package walls

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// rule is one rule of depguard in .golangci.yml.
type rule struct {
	Mode  string   `yaml:"list-mode"`
	Files []string `yaml:"files"`
	Allow []string `yaml:"allow"`
}

func readRules(t *testing.T) map[string]rule {
	t.Helper()
	b, err := os.ReadFile(root + "/.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]rule `yaml:"rules"`
				} `yaml:"depguard"`
			} `yaml:"settings"`
		} `yaml:"linters"`
	}
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	return file.Linters.Settings.Depguard.Rules
}

// covers reports whether a rule is about the files of a folder.
func (r rule) covers(folder string) bool {
	file := "/module/" + path.Join(folder, "file.go")
	in := false
	for _, f := range r.Files {
		pattern, not := strings.CutPrefix(f, "!")
		if strings.HasPrefix(pattern, "$") || !glob(pattern).MatchString(file) {
			continue
		}
		if not {
			return false
		}
		in = true
	}
	return in
}

// glob is a pattern as depguard understands it: * stays in its folder, ** does
// not, and {a,b} is either.
func glob(pattern string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.NewReplacer(`\{`, "(", `\}`, ")", ",", "|").Replace(quoted)
	quoted = strings.ReplaceAll(quoted, `\*\*`, `.*`)
	quoted = regexp.MustCompile(`(^|[^.])\\\*`).ReplaceAllString(quoted, `$1[^/]*`)
	return regexp.MustCompile("^" + quoted + "$")
}

// allows reports whether a rule lets its folder import a package.
func (r rule) allows(imported string) bool {
	if isOurs(imported) {
		imported = module + imported
	}
	for _, a := range r.Allow {
		exact, whole := strings.CutSuffix(a, "$")
		switch {
		case a == "$gostd":
			if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
				return true
			}
		case imported == exact, !whole && strings.HasPrefix(imported, a):
			return true
		}
	}
	return false
}

// own lists the names of the strict rules about a folder. A strict rule lists
// everything that the folder may import.
func own(rules map[string]rule, folder string) (names []string) {
	for name, r := range rules {
		if r.Mode == "strict" && r.covers(folder) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestEachFolderHasARule fails for a folder without a rule of its own: the rule of
// the parent does not reach it, so the folder could import anything.
func TestEachFolderHasARule(t *testing.T) {
	rules := readRules(t)
	for _, folder := range readTree(t).folders() {
		switch names := own(rules, folder); len(names) {
		case 0:
			t.Errorf(`%s: no rule of depguard says what it may import; add to .golangci.yml, with its imports:
        %s:
          list-mode: strict
          files: ["**/%s/*.go", "!$test"]
          allow: ["$gostd"]`, folder, strings.ReplaceAll(folder, "/", "-"), folder)
		case 1:
		default:
			t.Errorf("%s: rules %s of .golangci.yml are both about it; let the patterns of their files name the whole path", folder, strings.Join(names, " and "))
		}
	}
}

// TestImportsAreAllowed reports with the tests what the linter would report later.
func TestImportsAreAllowed(t *testing.T) {
	rules := readRules(t)
	g := readTree(t)
	for _, folder := range g.folders() {
		names := own(rules, folder)
		for _, imported := range g[folder] {
			for _, name := range names {
				if !rules[name].allows(imported) {
					t.Errorf("%s imports %s, which rule %s of .golangci.yml does not allow; if the arrow is right, add it there and to docs/architecture.md", folder, imported, name)
				}
			}
		}
	}
}

// A rule is about the folders that its patterns match, and about no subfolder of
// these folders.
func TestRulesReachOneFolder(t *testing.T) {
	rules := map[string]rule{
		"hubspot": {Mode: "strict", Files: []string{"**/connectors/hubspot/*.go", "!$test"}, Allow: []string{"$gostd", module + "crm$", module + "connectors/rest"}},
		"loose":   {Files: []string{"**/*.go"}},
		"all":     {Mode: "strict", Files: []string{"**/internal/**/*.go", "!**/internal/{sim,secret}/*.go"}},
	}
	for folder, want := range map[string]string{
		"connectors/hubspot": "hubspot", "connectors/hubspot/api": "", "connectors/slack": "", "connectors": "",
		"internal/daemon": "all", "internal/sim": "", "internal/secret": "", "internal/sim/mail": "all",
	} {
		if got := strings.Join(own(rules, folder), " "); got != want {
			t.Errorf("%s: got %q, want %q", folder, got, want)
		}
	}
	for imported, want := range map[string]bool{
		"net/http": true, "crm": true, "connectors/rest": true, "store": false, "connectors/salesforce": false,
		"go.etcd.io/bbolt": false, "crm/more": false,
	} {
		if got := rules["hubspot"].allows(imported); got != want {
			t.Errorf("%s: allowed %v, want %v", imported, got, want)
		}
	}
}
