package walls

import (
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// told are the folders whose texts people read in status, in a notice or in an error, and
// in which what is counted is written by crm.Counted.
var told = []string{"connectors/hubspot", "connectors/hubspot/api", "connectors/salesforce", "connectors/salesforce/api", "connectors/salesforce/refusal", "connectors/salesforce/schema", "internal/almanac", "internal/control", "internal/edition", "internal/holiday", "internal/intake"}

// uncounted is a number before a noun in the plural, or before any noun: "%d deals", "%d more
// calls", "%d %s". A bound ("more than %d days", "at most %d rows") is never one.
var (
	uncounted = regexp.MustCompile(`%d (?:(?:more|open|of|about) |%d )*(?:[a-z]+s\b|%s)`)
	whole     = regexp.MustCompile(`of (?:about )?%s$`) // the noun stands with its own number
	bound     = regexp.MustCompile(`(?:more than|at most|at least) $`)
	verbs     = []string{"is", "was", "has"}
)

// countedByHand finds such places in the text of a literal.
func countedByHand(text string) (places []string) {
	for _, at := range uncounted.FindAllStringIndex(text, -1) {
		place := text[at[0]:at[1]]
		words := strings.Fields(place)
		if !bound.MatchString(text[:at[0]]) && !slices.Contains(verbs, words[len(words)-1]) && !whole.MatchString(place) {
			places = append(places, place)
		}
	}
	return places
}

// TestCountedNouns fails for a text that would say "1 deals".
func TestCountedNouns(t *testing.T) {
	for text, want := range map[string]bool{
		"%d deals are there": true, "had %d of %d records": true, "and %d more deals": true, "for %d %s": true,
		"more than %d rows": false, "%d is": false, "and %d more": false, "%d of about %s": false,
	} {
		if got := countedByHand(text); (got != nil) != want {
			t.Fatalf("%q: found %q", text, got)
		}
	}
	for _, folder := range told {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(folder, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || filepath.Base(file) == "reference.go" { // documentation of constants
				continue
			}
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var s scanner.Scanner
			set := token.NewFileSet()
			s.Init(set.AddFile(file, -1, len(src)), src, nil, 0)
			for pos, tok, lit := s.Scan(); tok != token.EOF; pos, tok, lit = s.Scan() {
				if tok != token.STRING {
					continue
				}
				for _, place := range countedByHand(lit) {
					t.Errorf("%s: %q is wrong for one; write it by crm.Counted", set.Position(pos), place)
				}
			}
		}
	}
}
