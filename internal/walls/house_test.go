package walls

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// page is where the house is drawn.
const page = "docs/architecture.md"

// drawn lists the folders that a tree names: a line begins with one or several
// folders, each with a slash at its end, and the indentation says in which folder
// they lie. Any other line continues the text of the line before.
func drawn(tree string) (folders []string) {
	type parent struct {
		indent int
		folder string
	}
	var parents []parent
	for line := range strings.Lines(tree) {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		for len(parents) > 0 && parents[len(parents)-1].indent >= indent {
			parents = parents[:len(parents)-1]
		}
		above := ""
		if len(parents) > 0 {
			above = parents[len(parents)-1].folder
		}
		for word := range strings.FieldsSeq(line) {
			name, ok := strings.CutSuffix(word, "/")
			if !ok {
				break
			}
			folder := path.Join(above, name)
			folders = append(folders, folder)
			parents = append(parents, parent{indent, folder})
		}
	}
	return folders
}

// TestTheHouseIsDrawn compares the tree of docs/architecture.md with the folders.
// A member of connectors may be left out: connectors/all lists them.
func TestTheHouseIsDrawn(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "## The tree\n\n```\n")
	tree, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatalf("%s has no block under \"The tree\"", page)
	}
	named := drawn(tree)
	for _, folder := range readTree(t).folders() {
		if !slices.Contains(named, folder) && (!member(folder) || inside(folder)) {
			t.Errorf("%s does not name the folder %s; say in a line of its tree what it is for", page, folder)
		}
	}
	for i, folder := range named {
		if s, err := os.Stat(filepath.Join(root, folder)); err != nil || !s.IsDir() {
			t.Errorf("%s names the folder %s, which does not exist", page, folder)
		}
		if slices.Contains(named[:i], folder) {
			t.Errorf("%s names the folder %s twice", page, folder)
		}
	}
}

// TestRecipesNameFiles fails for a file that docs/contributing.md names and that
// does not exist. Names in capitals are for the reader to choose.
func TestRecipesNameFiles(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "docs/contributing.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, m := range regexp.MustCompile("`([a-z._]+(?:/[a-z_.]+)+)`").FindAllStringSubmatch(string(b), -1) {
		found++
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Errorf("docs/contributing.md names %s: %v", m[1], err)
		}
	}
	if found == 0 {
		t.Error("no file is named")
	}
}

func TestDrawn(t *testing.T) {
	got := drawn(`cmd/pipetidy/     one file per command: testdata/ is no folder here
connectors/       the contract
  slack/ email/   senders; and
                  what belongs to them: api/ is no folder here
  salesforce/     a source
    api/          calls
store/            the steps
internal/daemon/  clocks
`)
	want := []string{"cmd/pipetidy", "connectors", "connectors/slack", "connectors/email", "connectors/salesforce", "connectors/salesforce/api", "store", "internal/daemon"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
