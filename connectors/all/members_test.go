package all_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/delivery"
)

// TestMembersOpen proves that each listed member opens with the settings in its
// testdata/settings.yaml, written as an operator writes them, and refuses empty
// settings.
func TestMembersOpen(t *testing.T) {
	for _, typ := range all.Sources() {
		t.Run(typ.Name, func(t *testing.T) {
			o := connectors.SourceOptions{Name: "sales", Budget: 0.2}
			if empty := typ.New(); !complains(func(r func(string, string)) { empty.Validate(o, r) }) {
				t.Error("empty settings are accepted")
			}
			c := load(t, "sources:\n  - name: sales\n    type: "+typ.Name+"\n"+settings(t, typ.Name))
			src, err := c.Sources[0].Connector.Open(o)
			if err != nil || src.Name() != "sales" || typ.Label == "" {
				t.Errorf("opened %v, %v", src, err)
			}
		})
	}
	for _, typ := range all.Notifiers() {
		t.Run(string(typ.Channel), func(t *testing.T) {
			c := load(t, oneSource(t)+"notify:\n  "+string(typ.Channel)+":\n"+settings(t, string(typ.Channel)))
			n, err := c.Notify.Channels[typ.Channel].Open(connectors.NotifierOptions{})
			if err != nil || n.Channel() != typ.Channel || typ.Label == "" {
				t.Errorf("opened %v, %v", n, err)
			}
			if empty := typ.New(); !complains(empty.Validate) && !required(t, typ.Channel) {
				t.Error("empty settings are accepted")
			}
		})
	}
}

// settings returns the testdata/settings.yaml of a member, indented by four columns.
func settings(t *testing.T, member string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", member, "testdata", "settings.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("connectors/%s/testdata/settings.yaml is missing: write the member's settings into it, as they stand in pipetidy.yaml", member)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		out.WriteString("    " + line)
	}
	return out.String()
}

// oneSource is a source for a configuration file, which requires at least one.
func oneSource(t *testing.T) string {
	t.Helper()
	first := all.Sources()[0].Name
	return "sources:\n  - name: sales\n    type: " + first + "\n" + settings(t, first)
}

func load(t *testing.T, keys string) *config.Config {
	t.Helper()
	c, err := config.Load(write(t, keys))
	if err != nil {
		t.Fatalf("sound settings are refused: %v", err)
	}
	return c
}

func write(t *testing.T, keys string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipetidy.yaml")
	if err := os.WriteFile(path, []byte("timezone: UTC\nmode: {deliver: live}\n"+keys), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// required reports whether the configuration refuses the channel without keys.
func required(t *testing.T, channel delivery.Channel) bool {
	t.Helper()
	_, err := config.Load(write(t, oneSource(t)+"notify:\n  "+string(channel)+": {}\n"))
	return err != nil
}

func complains(validate func(report func(key, message string))) (mistakes bool) {
	validate(func(string, string) { mistakes = true })
	return mistakes
}
