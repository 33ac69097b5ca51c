package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/digest"
)

// weekdays is a set of days.
type weekdays []time.Weekday

// Takes says how a set of days is written.
func (weekdays) Takes() string { return "days" }

// dayWords are the words for days and sets of days.
var dayWords = []string{"weekdays", "daily", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// Scalar marks the type as one that takes one word.
func (d *weekdays) Scalar() {}

func (d *weekdays) Read(v form.Value) {
	if v.IsScalar() {
		if word, ok := v.Text(); ok {
			d.add(v, word)
		}
		return
	}
	var words []string
	v.Into(&words)
	if v.IsList() && len(words) == 0 {
		v.Report("must name at least one day")
	}
	for i, word := range words {
		if word != "" { // a value that is no text has been reported
			d.add(v.At(v.Path+"["+strconv.Itoa(i)+"]"), word)
		}
	}
}

// add adds the days that word stands for.
func (d *weekdays) add(v form.Value, word string) {
	days, err := digest.ParseDays(word)
	if err != nil {
		hint := form.Suggest(word, dayWords)
		for _, known := range dayWords {
			if hint == "" && len(word) > 1 && strings.HasPrefix(known, strings.ToLower(word)) {
				hint = fmt.Sprintf("; did you mean %q?", known)
			}
		}
		if hint == "" {
			hint = "; write " + form.List(dayWords)
		}
		v.Report("%s is not a day%s", form.Quote(word), hint)
		return
	}
	*d = append(*d, days...)
	slices.Sort(*d)
	*d = slices.Compact(*d)
}
