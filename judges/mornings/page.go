package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
)

// page is a digest as its reader sees it: the text, taken apart.
type page struct {
	subject string
	top     string   // all above the line of dashes, as one line
	items   []string // the numbered lines, the number taken off
	rows    [][]int  // of the table, what follows the name
	groups  []group  // below the line of dashes
}

// group is a titled list below the line of dashes.
type group struct {
	title string
	lines []string
}

var (
	numbered = regexp.MustCompile(`^ ?(\d+)\. (.*)`)
	cells    = regexp.MustCompile(`^\S.*?   +(\d[\d,]*(?: +· +[\d,]+)*)$`)
	dashes   = regexp.MustCompile(`(?m)^-{10,}$`)
	gaps     = regexp.MustCompile(`\s+`)
)

func readPage(path string) (*page, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	subject, body, _ := strings.Cut(string(b), "\n\n")
	p := &page{subject: subject}
	top, below := body, ""
	if at := dashes.FindStringIndex(body); at != nil {
		top, below = body[:at[0]], body[at[1]:]
	}
	p.top = gaps.ReplaceAllString(top, " ")
	in := false // a numbered line goes on
	for line := range strings.Lines(top) {
		line = strings.TrimRight(line, "\n")
		switch m := numbered.FindStringSubmatch(line); {
		case m != nil:
			p.items, in = append(p.items, m[2]), true
		case in && strings.HasPrefix(line, "   "):
			p.items[len(p.items)-1] += " " + strings.TrimSpace(line)
		default:
			in = false
			if m := cells.FindStringSubmatch(line); m != nil {
				var row []int
				for c := range strings.SplitSeq(m[1], "·") {
					row = append(row, number(strings.TrimSpace(c)))
				}
				p.rows = append(p.rows, row)
			}
		}
	}
	for block := range strings.SplitSeq(strings.TrimSpace(below), "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		g := group{title: lines[0]}
		for _, l := range lines[1:] {
			switch {
			case strings.HasPrefix(l, "• "):
				g.lines = append(g.lines, strings.TrimPrefix(l, "• "))
			case len(g.lines) > 0:
				g.lines[len(g.lines)-1] += " " + strings.TrimSpace(l)
			default:
				g.title += " " + strings.TrimSpace(l)
			}
		}
		p.groups = append(p.groups, g)
	}
	return p, nil
}

func number(s string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(s, ",", ""))
	if err != nil {
		return -1
	}
	return n
}

// find is the number that stands where the pattern has its first group; ok is false where
// the page does not say it.
func (p *page) find(pattern string) (int, bool) {
	m := regexp.MustCompile(pattern).FindStringSubmatch(p.top)
	if m == nil {
		return 0, false
	}
	return number(m[1]), true
}

// counts reads "3 new, 2 fixed" into a map.
func counts(s string) map[string]int {
	out := map[string]int{}
	for part := range strings.SplitSeq(s, ", ") {
		n, what, ok := strings.Cut(strings.TrimSpace(part), " ")
		if v := number(n); ok && v >= 0 {
			out[what] += v
		}
	}
	return out
}
