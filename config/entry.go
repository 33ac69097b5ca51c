package config

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine

	_ "embed"

	"github.com/goccy/go-yaml/ast"

	"github.com/pipetidy/pipetidy/digest"
)

// zone is a time zone by its IANA name.
type zone struct{ *time.Location }

//go:embed zones.txt
var zoneNames string

func (z *zone) scalar() bool { return true }

func (z *zone) read(w *walk, n ast.Node, path string) {
	if !isScalarNode(n) {
		w.report(path, "want the name of a time zone such as America/New_York, got %s", kindOf(n))
		return
	}
	name, ok := w.text(n, path)
	if !ok {
		return
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		hint := suggest(name, strings.Fields(zoneNames))
		if hint == "" {
			hint = "; want an IANA name such as America/New_York"
		}
		w.report(path, "time zone %s is not known%s", quote(name), hint)
		return
	}
	z.Location = loc
}

// percent is a share, written "20%".
type percent float64

func (p *percent) scalar() bool { return true }

func (p *percent) read(w *walk, n ast.Node, path string) {
	s := ""
	if isScalarNode(n) && n.GetToken() != nil {
		s = n.GetToken().Value
	}
	digits, marked := strings.CutSuffix(s, "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	switch {
	case err != nil || !marked || math.IsNaN(f):
		w.report(path, "want a percentage such as 20%%")
	case f <= 0 || f > 100:
		w.report(path, "want more than 0%% and at most 100%%")
	default:
		*p = percent(f / 100)
	}
}

// days is a time in whole days, written "5d".
type days int

const mostDays = 365

func (d *days) scalar() bool { return true }

func (d *days) read(w *walk, n ast.Node, path string) {
	s := ""
	if isScalarNode(n) && n.GetToken() != nil {
		s = n.GetToken().Value
	}
	digits, marked := strings.CutSuffix(s, "d")
	v, err := strconv.ParseUint(digits, 10, 32)
	switch {
	case err != nil || !marked:
		w.report(path, "want a number of days such as 5d")
	case v > mostDays:
		w.report(path, "want at most %dd", mostDays)
	default:
		*d = days(v)
	}
}

var clockLike = regexp.MustCompile(`^([0-9]{1,2})[.:h]?([0-9]{2})?\s*([aApP][mM])?$`)

// clock is a time of day, written "08:30".
type clock struct{ digest.At }

func (c *clock) scalar() bool { return true }

func (c *clock) read(w *walk, n ast.Node, path string) {
	if !isScalarNode(n) || n.GetToken() == nil {
		w.report(path, `want a time such as "08:30", got %s`, kindOf(n))
		return
	}
	s := n.GetToken().Value
	at, err := digest.ParseAt(s)
	if err != nil {
		w.report(path, "%s is not a time; write %q", quote(s), guessClock(s))
	}
	c.At = at
}

// guessClock is what somebody who wrote s may have meant.
func guessClock(s string) string {
	m := clockLike.FindStringSubmatch(s)
	if m == nil {
		return "08:30"
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2]) // none is zero
	switch strings.ToLower(m[3]) {
	case "pm":
		hour = hour%12 + 12
	case "am":
		hour %= 12
	}
	if hour > 23 || minute > 59 {
		return "08:30"
	}
	return fmt.Sprintf("%02d:%02d", hour, minute)
}

// weekdays is a set of days.
type weekdays []time.Weekday

// dayWords are what days are written as.
var dayWords = []string{"weekdays", "daily", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

func (d *weekdays) scalar() bool { return true }

func (d *weekdays) read(w *walk, n ast.Node, path string) {
	if isScalarNode(n) {
		if word, ok := w.text(n, path); ok {
			d.add(w, word, path)
		}
		return
	}
	var words []string
	w.sequence(reflect.ValueOf(&words).Elem(), n, path)
	if _, isList := n.(*ast.SequenceNode); isList && len(words) == 0 {
		w.report(path, "want at least one day")
	}
	for i, word := range words {
		if word != "" { // what is no text has been reported
			d.add(w, word, path+"["+strconv.Itoa(i)+"]")
		}
	}
}

// add adds the days that word stands for.
func (d *weekdays) add(w *walk, word, path string) {
	days, err := digest.ParseDays(word)
	if err != nil {
		hint := suggest(word, dayWords)
		for _, known := range dayWords {
			if hint == "" && len(word) > 1 && strings.HasPrefix(known, strings.ToLower(word)) {
				hint = fmt.Sprintf("; did you mean %q?", known)
			}
		}
		if hint == "" {
			hint = "; want " + list(dayWords)
		}
		w.report(path, "%s is not a day%s", quote(word), hint)
		return
	}
	*d = append(*d, days...)
	slices.Sort(*d)
	*d = slices.Compact(*d)
}

// stageEntries are the stages of a pipeline in the order of the file.
type stageEntries []stageEntry

func (s *stageEntries) read(w *walk, n ast.Node, path string) {
	es, ok := w.entries(n, path)
	if !ok {
		return
	}
	for _, e := range es {
		stage := stageEntry{}
		at := w.enter(path, e)
		w.show(e)
		stage.name, _ = keyName(e)
		w.into(reflect.ValueOf(&stage).Elem(), e.Value, at)
		*s = append(*s, stage)
	}
}
