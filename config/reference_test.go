package config_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/internal/golden"
)

func TestGoldenReference(t *testing.T) {
	golden.File(t, "../docs/config.md", config.Reference())
}

// TestEveryKeyIsDocumented fails for a key without a sentence about it.
func TestEveryKeyIsDocumented(t *testing.T) {
	page := config.Reference()
	config.EachKey(func(owner reflect.Type, key, doc string, required bool, fallback string) {
		if doc == "" {
			t.Errorf("%s: key %q has no doc tag", owner, key)
		}
		if !strings.Contains(page, "\n| `"+key+"` | ") {
			t.Errorf("%s: key %q is in no table of docs/config.md", owner, key)
		}
		if required && fallback != "" {
			t.Errorf("%s: key %q is required and has a default", owner, key)
		}
	})
}

// TestReadmeConfigurationLoads loads the file that the README tells people to
// begin with.
func TestReadmeConfigurationLoads(t *testing.T) {
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(b), "```yaml\n")
	yaml, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("the README has no configuration")
	}
	c, err := config.Parse([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != 1 || len(c.Teams.List) != 1 || len(c.Digests) != 1 {
		t.Errorf("got %+v", c)
	}
}
