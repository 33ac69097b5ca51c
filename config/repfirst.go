package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/hygiene"
)

// mostHours bounds rep_first.hours: a week of work.
const mostHours = 40

// repFirst reads which findings are the rep's alone at first.
func (b *builder) repFirst() {
	const key = "rep_first"
	if !b.form.Has(key) {
		return
	}
	e := b.file.RepFirst
	if e.Hours < 1 || e.Hours > mostHours {
		b.report(key+".hours", "must be a number from 1 to %d, of business hours; without rep_first nothing waits", mostHours)
	}
	r := &b.out.RepFirst
	r.For, r.Day = time.Duration(e.Hours)*time.Hour, b.file.Business.Default.Hours
	if !b.form.Has(key + ".severities") {
		e.Severities = []string{hygiene.Low.String(), hygiene.Medium.String()}
	} else if len(e.Severities) == 0 {
		b.report(key+".severities", "must list low, medium or both; without rep_first nothing waits")
	}
	for i, word := range e.Severities {
		path := fmt.Sprintf("%s.severities[%d]", key, i)
		s, err := hygiene.ParseSeverity(word)
		switch {
		case err != nil:
			b.report(path, "%s", form.OneOf(word, hygiene.Low.String(), hygiene.Medium.String()))
		case s == hygiene.High:
			b.report(path, "must be low or medium: what is high cannot wait, so the manager reads it at once")
		case s == hygiene.Info:
			b.report(path, "must be low or medium: what is info is in no digest")
		case slices.Contains(r.Severities, s):
			b.report(path, "%s is in this list twice", word)
		default:
			r.Severities = append(r.Severities, s)
		}
	}
	if !b.lists() {
		b.report(key, "no digest is for reps, so nobody hears of anything first; add one to digests, or leave rep_first out")
	}
}
