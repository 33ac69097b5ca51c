package hygiene

import (
	"cmp"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// What a rule finds on most deals of a pipeline is a habit of those who work there, and no
// news about any one deal. Such a rule is folded there: its findings become one line.
const (
	// FoldFrom is how many deals of a pipeline a rule has to judge before its rate says
	// anything.
	FoldFrom = 50
	// FoldAbove is the share of failed deals above which a rule is folded; FoldBelow is the
	// share below which it has to stay for FoldCalm measured days until it is told deal by
	// deal again. Between the two nothing changes, so a rate near a bound does not flap.
	FoldAbove = 0.40
	FoldBelow = 0.30
	FoldCalm  = 5
	// FoldWindow is over how many days, the present one included, the median of a rate is
	// taken: an import or a bad sync of one day decides nothing.
	FoldWindow = 14
	// FoldHistory is how many days of rates a decision looks at: the window of each of the
	// calm days, and two days on which the program did not run.
	FoldHistory = FoldWindow + FoldCalm + 2
	// foldForgotten is how long the end of a fold is remembered: findings that it hid are as
	// old as its end to their readers.
	foldForgotten = 90 * 24 * time.Hour
)

// Fold says that a rule is folded in a pipeline of one source, or was.
type Fold struct {
	Pipeline string // native id, "" where the CRM has none
	Rule     string
	Since    time.Time
	Until    time.Time // when the fold ended; zero while it lasts
	// Released is set when a person ended the fold: the rule is not folded again before its
	// median has been below FoldBelow once.
	Released bool
	// Brake is set for a rule that is held because it failed suddenly on many deals, not
	// because that is a habit, see [Folds.Brake]. Usual is on how many it used to fail.
	Brake bool `json:",omitempty"`
	Usual int  `json:",omitempty"`
}

// Active reports whether the fold lasts.
func (f *Fold) Active() bool { return !f.Since.IsZero() && f.Until.IsZero() }

// Hides reports whether the fold hides what its rule finds on the deal. What is found on a
// commit deal is never hidden: somebody has promised that deal.
func (f *Fold) Hides(deal *Facts) bool {
	return f.Active() && f.Pipeline == deal.Pipeline && !deal.Commit
}

// HidesFinding reports whether the fold hides a finding of its rule that began at opened. A
// brake hides only what began with the jump: what was told before goes on.
func (f *Fold) HidesFinding(deal *Facts, opened time.Time) bool {
	return f.Hides(deal) && (!f.Brake || !opened.Before(f.Since))
}

// Folds are the folds of one source, by pipeline and rule.
type Folds []Fold

// Of returns the fold of the rule in the pipeline, nil when there never was one.
func (fs Folds) Of(pipeline, rule string) *Fold {
	for i := range fs {
		if fs[i].Pipeline == pipeline && fs[i].Rule == rule {
			return &fs[i]
		}
	}
	return nil
}

// Hide reports whether one of the folds hides what the rule finds on the deal.
func (fs Folds) Hide(rule string, deal *Facts) bool {
	f := fs.Of(deal.Pipeline, rule)
	return f != nil && f.Hides(deal)
}

// DayRates are the rates of a source at the last evaluation of one day.
type DayRates struct {
	Day   crm.Date
	Rates []Rate // by pipeline and rule
}

// Turn is what becomes of a rule in a pipeline, and why.
type Turn byte

// The turns. Habit alone begins a fold; Calm, NeverFolds and SwitchedOff end one.
const (
	NeverFolds  Turn = iota // the rule says that it is never folded
	SwitchedOff             // the configuration switches the rule off
	FewDeals                // fewer than FoldFrom deals were judged
	Rare                    // the rate of the day, or the median, is not above FoldAbove
	LetGo                   // a person released the rule, and the median has not been below FoldBelow since
	Habit                   // the rate and the median are above FoldAbove
	StillFolded             // the rule is folded, and the rate has not been low for long enough
	Calm                    // the rule is folded, and on FoldCalm days the median was low or the deals were few
)

// Turned decides about one rule in one pipeline. days are its rates, oldest first; the last
// one is of now. A day without an evaluation has no rate; a pipeline without deals has one
// of zeros.
func Turned(f Fold, never, off bool, days []DayRate) Turn {
	switch {
	case never:
		return NeverFolds
	case off:
		return SwitchedOff
	case len(days) == 0:
		return FewDeals
	case f.Active() && !f.Brake && calm(days):
		return Calm
	case f.Active():
		return StillFolded
	}
	today := &days[len(days)-1]
	switch m, _ := median(days); {
	case today.Judged < FoldFrom:
		return FewDeals
	case m <= FoldAbove || today.Share() <= FoldAbove:
		return Rare
	case f.Released && !f.Brake && m >= FoldBelow:
		return LetGo
	}
	return Habit
}

// DayRate is one rule's rate in one pipeline at the last evaluation of a day.
type DayRate struct {
	Day crm.Date
	Rate
}

// median is the median of the shares in the window that ends with the last of the days. Of
// days with too few judged deals nothing is known; ok is false where none has enough.
func median(days []DayRate) (m float64, ok bool) {
	var shares []float64
	for i := range days {
		if d := &days[i]; d.Day > days[len(days)-1].Day-FoldWindow && d.Judged >= FoldFrom {
			shares = append(shares, d.Share())
		}
	}
	if len(shares) == 0 {
		return 0, false
	}
	slices.Sort(shares)
	n := len(shares) / 2
	if len(shares)%2 == 1 {
		return shares[n], true
	}
	return (shares[n-1] + shares[n]) / 2, true
}

// calm reports whether the median was below FoldBelow, or the pipeline had too few deals,
// on each of the last FoldCalm days that say anything. A day on which the rule could not
// judge the deals says nothing.
func calm(days []DayRate) bool {
	n := 0
	for i := len(days) - 1; i >= 0 && n < FoldCalm; i-- {
		d := &days[i]
		switch m, _ := median(days[:i+1]); {
		case d.Judged >= FoldFrom && m >= FoldBelow:
			return false
		case d.Judged < FoldFrom && d.Judged+d.Unknown >= FoldFrom:
			continue
		}
		n++
	}
	return n == FoldCalm
}

// Refold returns the folds of a source after an evaluation at now. days are the rates of
// the last FoldHistory days, oldest first; the last ones are of this evaluation.
func Refold(old Folds, days []DayRates, rules []Rule, settings map[string]Settings, now time.Time) Folds {
	pairs := map[[2]string]bool{}
	for i := range old {
		pairs[[2]string{old[i].Pipeline, old[i].Rule}] = true
	}
	if len(days) > 0 {
		for _, r := range days[len(days)-1].Rates {
			pairs[[2]string{r.Pipeline, r.Rule}] = true
		}
	}
	var out Folds
	for pair := range pairs {
		f := Fold{Pipeline: pair[0], Rule: pair[1]}
		if was := old.Of(f.Pipeline, f.Rule); was != nil {
			f = *was
		}
		i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == f.Rule })
		own := ratesOf(days, f.Pipeline, f.Rule)
		switch Turned(f, i < 0 || rules[i].NeverFolded, i < 0 && settings[f.Rule].Off || i >= 0 && rules[i].Off(settings[f.Rule]), own) {
		case Habit:
			f = Fold{Pipeline: f.Pipeline, Rule: f.Rule, Since: now}
		case Calm, NeverFolds, SwitchedOff:
			if f.Active() {
				f.Until = now
			}
		case FewDeals, Rare, LetGo, StillFolded:
		}
		if m, ok := median(own); ok && m < FoldBelow && !f.Brake {
			f.Released = false
		}
		if f.Active() || f.Released || now.Sub(f.Until) < foldForgotten {
			out = append(out, f)
		}
	}
	sortFolds(out)
	return out
}

func sortFolds(fs Folds) {
	slices.SortFunc(fs, func(a, b Fold) int { return cmp.Or(cmp.Compare(a.Pipeline, b.Pipeline), cmp.Compare(a.Rule, b.Rule)) })
}

// ratesOf are the rates of one rule in one pipeline, day by day. An evaluation that counted
// no rates at all, as those of earlier versions, says nothing.
func ratesOf(days []DayRates, pipeline, rule string) []DayRate {
	var out []DayRate
	for _, d := range days {
		if len(d.Rates) == 0 {
			continue
		}
		r := Rate{Pipeline: pipeline, Rule: rule}
		if i := slices.IndexFunc(d.Rates, func(r Rate) bool { return r.Pipeline == pipeline && r.Rule == rule }); i >= 0 {
			r = d.Rates[i]
		}
		out = append(out, DayRate{d.Day, r})
	}
	return out
}
