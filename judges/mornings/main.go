// Command mornings judges what the demo has written: the managers' digests of its ten
// mornings against what was found and what the CRMs held. It reads files only, and knows
// nothing of how Pipetidy makes a digest.
//
//	pipetidy demo --out DIR && go run ./judges/mornings DIR
//
// It prints the walk as a table, then what does not hold, and fails if anything does not.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: mornings DIR (what `pipetidy demo --out DIR` has written)")
		os.Exit(2)
	}
	wrong, err := judge(os.Args[1], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mornings:", err)
		os.Exit(2)
	}
	if len(wrong) > 0 {
		fmt.Printf("\n%d promises do not hold:\n%s\n", len(wrong), strings.Join(wrong, "\n"))
		os.Exit(1)
	}
	fmt.Println("\nEvery promise holds.")
}

// mornings is how many the demo promises.
const mornings = 10

// judge reads the mornings under dir, writes the walk to w, and returns what does not hold.
func judge(dir string, w io.Writer) (wrong []string, err error) {
	days, err := filepath.Glob(filepath.Join(dir, "????-??-??"))
	if err != nil {
		return nil, err
	}
	slices.Sort(days)
	if len(days) != mornings {
		return nil, fmt.Errorf("%s holds %d mornings, want %d", dir, len(days), mornings)
	}
	for i, team := range []string{"West", "East"} {
		if i > 0 {
			_, _ = fmt.Fprintln(w)
		}
		_, _ = fmt.Fprintf(w, "%-10s  %13s  %14s  %5s  %12s  %13s  %9s\n", team, "money found", "money numbered", "items", "deals listed", "high, waiting", "five days")
		c := &court{team: team}
		for _, day := range days {
			m, err := readMorning(day)
			if err != nil {
				return nil, err
			}
			p, err := readPage(filepath.Join(day, "manager-daily-"+strings.ToLower(team)+".txt"))
			if err != nil {
				return nil, err
			}
			c.sit(m, p)
			_, _ = fmt.Fprintln(w, c.row())
		}
		wrong = append(wrong, c.wrong...)
	}
	for _, day := range days {
		found, err := judgeReps(day)
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, found...)
	}
	return wrong, nil
}
