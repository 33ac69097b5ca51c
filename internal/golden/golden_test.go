package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fake is a test that keeps its errors.
type fake struct {
	testing.TB
	name string
	said []string
}

func (f *fake) Name() string                   { return f.name }
func (f *fake) Helper()                        {}
func (f *fake) Error(args ...any)              { f.said = append(f.said, args[0].(error).Error()) }
func (f *fake) Fatal(args ...any)              { panic(args[0]) }
func (f *fake) Fatalf(format string, _ ...any) { panic(format) }

func TestCompares(t *testing.T) {
	t.Setenv("PIPETIDY_GOLDEN", "")
	dir := t.TempDir()
	file, archive, page := filepath.Join(dir, "file"), filepath.Join(dir, "case.txtar"), filepath.Join(dir, "page.md")
	for path, text := range map[string]string{file: "one\ntwo\nthree\n", archive: "what\n-- in --\nx\n-- want --\ny\n", page: "by hand\n<\nold\n>\nmore\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(text string) []string {
		f := &fake{TB: t, name: "TestGoldenX/case"}
		File(f, file, "one\n"+text+"three\n")
		Section(f, archive, "want", text)
		Between(f, page, "<\n", ">\n", text)
		return f.said
	}
	said := check("2\n")
	if len(said) != 3 || !strings.HasSuffix(said[0], "file, line 2: the file has -, the code says +; if the code is right, run go generate ./...\n- two\n+ 2") {
		t.Fatalf("got %q", said)
	}
	t.Setenv("PIPETIDY_GOLDEN", "write")
	if said := check("2\n"); said != nil {
		t.Fatalf("writing says %q", said)
	}
	t.Setenv("PIPETIDY_GOLDEN", "")
	if said := check("2\n"); said != nil {
		t.Errorf("what was written differs: %q", said)
	}
	for path, want := range map[string]string{file: "one\n2\nthree\n", archive: "what\n-- in --\nx\n-- want --\n2\n", page: "by hand\n<\n2\n>\nmore\n"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PIPETIDY_GOLDEN", "")
	if err := Compare(filepath.Join(t.TempDir(), "new"), "x"); err == nil || !strings.Contains(err.Error(), "is missing; run go generate ./...") {
		t.Errorf("got %v", err)
	}
}

// A message prints only some lines of a page that differs everywhere.
func TestSaysLittle(t *testing.T) {
	err := differ("page", strings.Repeat("was\n", 500), strings.Repeat("is\n", 400))
	if n := strings.Count(err.Error(), "\n"); n > 20 || !strings.Contains(err.Error(), "- … and 492 lines more") {
		t.Errorf("%d lines: %v", n, err)
	}
}

// Command would not run a test of another name.
func TestNames(t *testing.T) {
	defer func() {
		if said := recover(); said == nil {
			t.Error("a test of any name may have golden files")
		}
	}()
	File(&fake{TB: t, name: "TestReference"}, filepath.Join(t.TempDir(), "x"), "")
}
