package form_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// A small file: each kind of value once.
type sample struct {
	Name  string         `yaml:"name,required" doc:"A name."`
	Count int            `yaml:"count" doc:"A number."`
	Every time.Duration  `yaml:"every" doc:"A duration."`
	On    bool           `yaml:"on" doc:"A switch."`
	Words []string       `yaml:"words" doc:"A list."`
	Login *login         `yaml:"login" doc:"How to sign in."`
	Table map[string]int `yaml:"table" doc:"Numbers by name."`
	Shade shade          `yaml:"shade" doc:"One of a few words."`
	Own   string         // no key
}

type login struct {
	User  string        `yaml:"user" doc:"Who signs in."`
	Token secret.Secret `yaml:"token,required" doc:"A secret."`
}

type shade string

func (shade) Values() []string { return []string{"dark", "light"} }

func keys() map[string]bool {
	known := map[string]bool{}
	form.EachStruct(func(t reflect.Type) {
		for _, f := range form.FieldsOf(t) {
			known[f.Name] = true
		}
	}, reflect.TypeFor[sample]())
	return known
}

// read reads the text and returns the struct and all mistakes.
func read(text string) (sample, form.Problems) {
	var s sample
	f, ps := form.File{Name: "x.yaml", Dir: "/etc/x", Data: []byte(text), Keys: keys}.Read(&s)
	if ps != nil {
		return s, ps
	}
	return s, f.Problems()
}

func TestReadFillsEachKind(t *testing.T) {
	got, ps := read("name: A\ncount: 3\nevery: 1h30m\non: yes\nwords: [a, b]\nlogin: {user: u, token: {file: t}}\ntable: {x: 1, y: 2}\nshade: dark\n")
	if ps != nil {
		t.Fatal(ps)
	}
	want := sample{
		Name: "A", Count: 3, Every: 90 * time.Minute, On: true, Words: []string{"a", "b"},
		Login: &login{User: "u", Token: secret.Secret{File: "/etc/x/t"}}, Table: map[string]int{"x": 1, "y": 2}, Shade: "dark",
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(secret.Secret{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestAllMistakesAtOnce proves that reading goes on behind a mistake, and that each
// mistake has its place.
func TestAllMistakesAtOnce(t *testing.T) {
	_, ps := read("count: many\nevery: soon\nwords: a\nlogin: {user: [x], tokn: {env: T}}\nown: x\n")
	var got []string
	for _, p := range ps {
		got = append(got, fmt.Sprintf("%d:%d %s: %s", p.Line, p.Column, p.Path, p.Message))
	}
	want := []string{
		`1:1 : "name" is missing: A name.`,
		`1:8 count: must be a whole number, not text`,
		`2:8 every: "soon" is not a duration; write 15m, or 1h30m`,
		`3:8 words: must be a list, not text; put it in [ ]`,
		`4:8 login: "token" is missing: A secret.`,
		`4:15 login.user: must be text, not a list`,
		`4:20 login.tokn: unknown key; did you mean "token"?`,
		`5:1 own: unknown key; did you mean "on"?`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestNoExcerptHoldsASecret writes a secret where a reference belongs, in a file
// with many mistakes.
func TestNoExcerptHoldsASecret(t *testing.T) {
	for _, way := range []string{
		"token: hunter2", "token: |\n    hunter2\n    hunter2", "token: [hunter2,\n    hunter2]", "tokn: hunter2", "token: {env: hunter2 hunter2}",
		"user: https://hunter2:hunter2@x.example", "? token\n  : hunter2", "token: !!str hunter2", "token: &t hunter2", "\"to\\u006ben\": hunter2",
	} {
		text := "name: A\nlogin:\n  " + way + "\ncount: x\n"
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			for _, wrong := range []string{line, line + "\n" + line, "\t" + line, line + ` "`, line + " }", strings.Replace(line, ":", "", 1), line + "\n---"} {
				lines[i] = wrong
				_, ps := read(strings.Join(lines, "\n"))
				lines[i] = line
				if ps == nil {
					t.Errorf("%q, line %d %q: nothing is found wrong", way, i+1, wrong)
				}
				if strings.Contains(ps.Error(), "ter2") {
					t.Errorf("%q, line %d %q:\n%s", way, i+1, wrong, ps)
				}
			}
		}
	}
}

// FuzzRead reads any text: it never panics, and its problems are in order.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"name: A\nlogin: {token: {env: T}}\n", "a: &a [*a]\n", "? [x]\n: y\n", "<<: {}\n", "\uFEFFname: |\n  x\n", "{name: 'A', words: [a, ~]}", "\t"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, ps := read(text)
		for i, p := range ps {
			if p.Message == "" || p.Line < 0 || i > 0 && p.Line < ps[i-1].Line {
				t.Fatalf("problem %d: %+v", i, p)
			}
		}
		if strings.ContainsRune(ps.Error(), '\u001b') {
			t.Fatalf("control character in %q", ps.Error())
		}
	})
}
