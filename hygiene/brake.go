package hygiene

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// What a rule suddenly finds on many deals is rather an integration or an import that went
// wrong than the work of many people on one day. A brake holds what the rule finds back from
// the digests, as a fold does, until somebody has looked: ops are told at once, and
// "pipetidy release" lets it through.
const (
	// BrakeFrom is how many deals a rule has to fail on, and BrakeTimes how many times the
	// usual number that has to be.
	BrakeFrom  = 20
	BrakeTimes = 3
	// BrakeRest is on how few deals of a source what was held is told: a few are no flood.
	BrakeRest = BrakeFrom / 4
	// BrakeMost is for how long a rule is held at most: nothing is kept from its readers
	// because nobody looked.
	BrakeMost = 7 * 24 * time.Hour
	// BrakeDays is on how many earlier days of the window the rule has to have been judged
	// as it is now: without them nobody knows what is usual.
	BrakeDays = 3
)

// Jump is how often a rule fails on a source now, and how often it did.
type Jump struct {
	Failed int // deals on which it fails now
	// Young are, of Failed, deals that were created within FoldWindow, because an import has
	// a line of its own, and those that passed the limit of the rule within so many days,
	// because the calendar alone brings deals of one age over a limit together.
	Young int
	// Before are the numbers of the earlier days of the window on which the rule was judged
	// as it is now.
	Before []int
}

// Usual is the median of the earlier days.
func (j *Jump) Usual() int {
	if len(j.Before) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(j.Before))
	n := len(s) / 2
	if len(s)%2 == 1 {
		return s[n]
	}
	return (s[n-1] + s[n] + 1) / 2
}

// Sudden reports whether the rule fails on so many deals at once that what it finds is held:
// more than is usual, and twice as many as on the day before, which no slide of weeks is.
func (j *Jump) Sudden() bool {
	own, days := j.Failed-j.Young, len(j.Before)
	return days >= BrakeDays && own >= BrakeFrom && own > BrakeTimes*j.Usual() && own >= 2*j.Before[days-1]
}

// jump sums up one rule, on all pipelines or on one of them. since is the first day from
// which on the rule has been judged as it is now.
func jump(days []DayRates, rule string, since crm.Date, in func(pipeline string) bool) Jump {
	var j Jump
	for i, d := range days {
		failed, young, judged := 0, 0, false
		for _, r := range d.Rates {
			if r.Rule == rule && in(r.Pipeline) {
				failed, young, judged = failed+r.Failed, young+r.Young, judged || r.Judged > 0
			}
		}
		today := days[len(days)-1].Day
		switch {
		case i == len(days)-1:
			j.Failed, j.Young = failed, young
		case judged && d.Day > today-FoldWindow && d.Day >= since:
			j.Before = append(j.Before, failed)
		}
	}
	return j
}

// Brake is a rule that fails suddenly on many deals of a source.
type Brake struct {
	Rule string
	Jump
	// Told says that the findings are told all the same, because the rule is never folded.
	Told bool
}

// Brakes returns the rules that fail suddenly on many deals, in the order of rules. days are
// the rates of the last days, oldest first; the last ones are of now. since says for a rule
// from which day on it has been judged as it is now.
func Brakes(days []DayRates, rules []Rule, settings map[string]Settings, since func(rule string) crm.Date) []Brake {
	var out []Brake
	if len(days) == 0 {
		return nil
	}
	all := func(string) bool { return true }
	for i := range rules {
		r := &rules[i]
		if r.Off(settings[r.ID]) {
			continue
		}
		if j := jump(days, r.ID, since(r.ID), all); j.Sudden() {
			out = append(out, Brake{Rule: r.ID, Jump: j, Told: r.NeverFolded})
		}
	}
	return out
}

// Brake pulls and ends brakes: the folds of a source after an evaluation at now, whose
// habits have been decided. A rule is held in the pipelines where it fails more often than
// usual; it is let through where somebody released it, where it fails about as seldom as before
// or on a few deals only, and after BrakeMost. That some of what is held was put right does
// not let the rest through: the reason is still there.
func (fs Folds) Brake(brakes []Brake, days []DayRates, since func(rule string) crm.Date, now time.Time) Folds {
	if len(days) == 0 {
		return fs
	}
	out := slices.Clone(fs)
	all := func(string) bool { return true }
	for i := range out {
		f := &out[i]
		if !f.Brake {
			continue
		}
		here := jump(days, f.Rule, 0, func(p string) bool { return p == f.Pipeline })
		whole := jump(days, f.Rule, 0, all)
		if whole.Failed > BrakeRest && here.Failed > BrakeTimes*f.Usual && (!f.Active() || now.Sub(f.Since) < BrakeMost) {
			continue
		}
		if f.Active() {
			f.Until = now
		}
		f.Released = false // what was let through is over, so the next jump is held
	}
	for _, b := range brakes {
		if b.Told {
			continue
		}
		for _, r := range days[len(days)-1].Rates {
			if r.Rule != b.Rule {
				continue
			}
			here := jump(days, b.Rule, since(b.Rule), func(p string) bool { return p == r.Pipeline })
			if here.Failed-here.Young <= BrakeTimes*here.Usual() {
				continue
			}
			brake := Fold{Pipeline: r.Pipeline, Rule: r.Rule, Since: now, Brake: true, Usual: here.Usual()}
			switch f := out.Of(r.Pipeline, r.Rule); {
			case f == nil:
				out = append(out, brake)
			case !f.Active() && !f.Released: // else a person has let it through
				*f = brake
			}
		}
	}
	sortFolds(out)
	return out
}
