package hygiene

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// MinAge is how old a deal has to be before rules judge it, in business days
// after the day it was created. People enter a deal first and its details later
// the same day or the next morning. Rules marked Young do not wait.
const MinAge = 2

// RuleVerdict is what one rule of the pass says of one deal.
type RuleVerdict struct {
	Rule    Rule
	Verdict Verdict // a Fail has the severity and the fix of its finding
	Off     bool    // the configuration switches the rule off; its verdict is Exempt
	Park    *Park   // that pauses the finding, of a Paused verdict
	Without []Span  // the days off that are not in the value, which counts business days

	// The words of the verdict, as of the day of the pass.
	Reason, Value, Threshold, Fix string
}

// Evaluate runs the pass's rules on one deal. Some deals are not judged: a closed deal
// (see Result.ClosedAs), a deal that is counted as a deal of another source (see
// Result.Twin), and a deal in a skipped pipeline. The result keeps nothing of d.
// Several goroutines may call Evaluate once Prepare has returned.
func (p *Pass) Evaluate(d *Deal) Result {
	q := p.at(d)
	o := &d.Opportunity
	r := Result{Source: p.Source.own(d.Source), Record: strings.Clone(o.ID), Facts: q.Facts(d), Twin: q.view.twin.ID != "", Skipped: q.view.skipped != "", Voice: q.Voice(d)}
	if o.Closed {
		r.ClosedAs = Lost
		if o.Won {
			r.ClosedAs = Won
		}
		r.Parks, _ = q.Parks(d)
		return r
	}
	r.Parks, r.Refused = q.Parks(d)
	r.Facts.Unparked = r.Refused
	holds := newParked(r.Parks)
	r.Parked = holds.whole != nil
	r.Outcomes = make(map[string]Outcome, len(p.Rules))
	var room [64]Verdict
	verdicts := q.judge(d, room[:0])
	for i := range verdicts {
		rule, v := &p.Rules[i], &verdicts[i]
		if rule.Off(p.Settings[rule.ID]) {
			continue
		}
		r.Outcomes[rule.ID] = v.Outcome
		if v.Waits != "" {
			r.Waiting = append(r.Waiting, rule.ID)
		}
		if v.Outcome == Passed && v.Done != "" {
			if r.Done == nil {
				r.Done = make(map[string]Said, 8)
			}
			r.Done[rule.ID] = v.Done
		}
		if v.Outcome != Fail {
			continue
		}
		found := &r.Failed
		if holds.by(rule.ID) != nil {
			found, r.Outcomes[rule.ID] = &r.Paused, Paused
		}
		*found = append(*found, Finding{
			Key:           Key{Source: r.Source, Kind: crm.KindOpportunity, Record: r.Record, Rule: rule.ID, Subject: strings.Clone(v.Subject)},
			Severity:      v.Severity,
			Says:          v.says(),
			ThresholdFrom: strings.Clone(v.ThresholdFrom),
			Limit:         v.Limit,
			Deal:          r.Facts,
		})
	}
	return r
}

// says is what the finding of a Fail keeps of it. A Said owns its text.
func (v *Verdict) says() Says {
	s := Says{Message: v.Reason, Fix: v.Fix, Value: v.Value, Threshold: v.Threshold, Since: v.Since}
	if v.Since.IsZero() {
		s.Count = v.Measured
	}
	return s
}

// Explain returns every rule of the pass with its verdict on the deal and the values
// used, whatever the outcome is. The verdicts are valid only as long as d is.
func (p *Pass) Explain(d *Deal) []RuleVerdict {
	q := p.at(d)
	verdicts := q.judge(d, nil)
	without := q.without(d)
	parks, _ := q.Parks(d)
	holds := newParked(parks)
	out := make([]RuleVerdict, len(p.Rules))
	say := q.Voice(d).Text
	for i := range p.Rules {
		out[i] = RuleVerdict{Rule: p.Rules[i], Verdict: verdicts[i], Off: p.Rules[i].Off(p.Settings[p.Rules[i].ID])}
		if out[i].Off {
			out[i].Verdict = Verdict{Outcome: Exempt, Reason: Say("switched-off")}
			if !p.Settings[p.Rules[i].ID].Off {
				out[i].Verdict.Reason = Say("on-offer", Text(p.Rules[i].ID))
			}
		}
		out[i].Without = without[p.Rules[i].ID]
		if v := &out[i].Verdict; v.Outcome == Fail {
			if out[i].Park = holds.by(p.Rules[i].ID); out[i].Park != nil {
				v.Outcome = Paused
			}
		}
		v := &out[i].Verdict
		out[i].Reason, out[i].Value, out[i].Threshold, out[i].Fix = say(v.Reason), say(v.Value), say(v.Threshold), say(v.Fix)
	}
	return out
}

// without says by rule which days off are not in the verdict's value. A rule may count from
// several dates; the one that gives the value is meant.
func (p *Pass) without(d *Deal) map[string][]Span {
	out := map[string][]Span{}
	for i := range p.Rules {
		if p.Rules[i].Off(p.Settings[p.Rules[i].ID]) {
			continue
		}
		var from []crm.Date
		p.view.counted = &from
		v := p.check(d, i)
		p.view.counted = nil
		for _, f := range from {
			if v.Since == f {
				out[p.Rules[i].ID] = p.view.cal.Without(f, p.view.today)
				break
			}
		}
	}
	return out
}

// judge appends one verdict per rule of the pass.
func (p *Pass) judge(d *Deal, verdicts []Verdict) []Verdict {
	for i := range p.Rules {
		if p.Rules[i].Off(p.Settings[p.Rules[i].ID]) {
			verdicts = append(verdicts, Verdict{Outcome: Exempt})
			continue
		}
		v := p.check(d, i)
		if v.Outcome == Fail {
			p.Rules[i].finish(&v, p.Settings[p.Rules[i].ID].Severity)
		}
		verdicts = append(verdicts, v)
	}
	p.index.inhibit(p.Rules, verdicts)
	return verdicts
}

// check returns the verdict of one rule, after the guards that hold for all rules.
func (p *Pass) check(d *Deal, i int) Verdict {
	r, o := &p.Rules[i], &d.Opportunity
	switch {
	case o.Closed:
		return Verdict{Outcome: Exempt, Reason: Say("closed")}
	case p.of(d).skipped != "":
		return Verdict{Outcome: Exempt, Reason: Say("pipeline-skipped", Text(p.of(d).skipped))}
	case p.of(d).twin.ID != "":
		return Verdict{Outcome: Exempt, Reason: p.of(d).twin.reason()}
	case d.Twin != nil && d.Twin.Unseen:
		return Verdict{Outcome: Unknown, Reason: Say("twin-unseen", Text(d.Twin.ID), Text(d.Twin.Source))}
	case p.index.blocked[i] != "":
		return Verdict{Outcome: Unknown, Reason: p.index.blocked[i]}
	}
	if f := cmp.Or(d.Unclear("pipeline", "stage"), d.Unclear(r.Needs...)); f != "" {
		return Verdict{Outcome: Unknown, Reason: SayGarbled(f)}
	}
	switch {
	case r.Young:
	case o.CreatedAt.IsZero():
		return Verdict{Outcome: Unknown, Reason: Say("age-unknown")}
	default:
		if born := p.Calendar(d).Date(o.CreatedAt); p.Days(d, born) < MinAge {
			return Verdict{
				Outcome: Exempt, Reason: Say("too-young", Number(MinAge)),
				Value: Say("days-since", Since(born)), Since: born, Threshold: Say("business-days", Number(MinAge)), ThresholdFrom: FromDefault,
			}
		}
	}
	return p.guarded(r, d)
}

// guarded runs the rule's check. A rule that panics is unknown on that deal, and the other
// rules stand: see [Pass.Broken].
func (p *Pass) guarded(r *Rule, d *Deal) (v Verdict) {
	defer func() {
		if x := recover(); x != nil {
			p.index.broken.add(Broken{Rule: r.ID, Deal: strings.Clone(d.Opportunity.ID), Panic: fmt.Sprint(x), Stack: string(debug.Stack())})
			v = Verdict{Outcome: Unknown, Reason: Say("broken")}
		}
	}()
	return r.Check(p, d)
}

// Unclear returns the first of the fields whose value on this deal could not be read, ""
// when there is none.
func (d *Deal) Unclear(fields ...string) string {
	for _, f := range fields {
		switch o := &d.Opportunity; {
		case o.IsUnclear(f):
			return f
		case f != "activities":
		case o.IsUnclear("last_activity_at"), o.IsUnclear("next_activity_at"),
			slices.ContainsFunc(d.Activities, func(a crm.Activity) bool { return a.Unclear }):
			return f
		}
	}
	return ""
}

// finish gives a Fail the severity and the fix of its finding. The operator's
// severity, where it is set, replaces the rule's own. A verdict that is some steps
// above the rule's severity raises the operator's severity by as many steps.
func (r *Rule) finish(v *Verdict, operator Severity) {
	base := r.Severity
	if operator != 0 {
		base = operator
	}
	if v.Severity > r.Severity {
		base = min(High, base+v.Severity-r.Severity)
	}
	v.Severity = base
	if v.Fix == "" {
		v.Fix = Plain(r.Doc.Fix)
	}
}

// own returns the name of the source in a string that does not belong to the deal.
func (src *Source) own(source string) string {
	if source == src.Name {
		return src.Name
	}
	return strings.Clone(source)
}

// Facts copies the facts about the deal that the reader of a finding needs. Strings of
// the pass itself are not lent and need no copy.
func (p *Pass) Facts(d *Deal) Facts {
	o, v := &d.Opportunity, p.of(d)
	f := Facts{
		Name:        strings.Clone(o.Name),
		URL:         strings.Clone(p.Source.Info.URL(o.ID)),
		OwnerID:     strings.Clone(o.OwnerID),
		OwnerActive: true, // also for a user that the source does not know
		Pipeline:    strings.Clone(o.Pipeline),
		Stage:       strings.Clone(o.Stage),
		StageLabel:  strings.Clone(p.StageLabel(d)),
		Amount:      o.Amount,
		Currency:    strings.Clone(p.Source.Info.In(o)),
		CloseDate:   v.closes,
		Forecast:    strings.Clone(p.Forecast(d)),
		Commit:      v.commit,
		Unclear:     p.unclear(o),
	}
	if !o.CreatedAt.IsZero() {
		f.Created, f.CreatedAt = crm.DateOf(o.CreatedAt, p.Company), o.CreatedAt
	}
	if v.owner != nil {
		f.OwnerName, f.OwnerEmail, f.OwnerActive = v.owner.Name, v.email, v.owner.Active
	}
	if v.team != nil {
		f.Team = v.team.Key()
	}
	return f
}

// unclear is what [Facts] cannot tell of the deal.
func (p *Pass) unclear(o *crm.Opportunity) string {
	var fields []string
	for _, f := range []string{"amount", "close_date"} {
		if o.IsUnclear(f) || p.Source.Info.Fields.Access(f) == crm.Hidden {
			fields = append(fields, f)
		}
	}
	if o.IsUnclear("forecast_category") || o.ForecastCategory == "" && (o.IsUnclear("stage") || o.IsUnclear("pipeline")) {
		fields = append(fields, "forecast_category")
	}
	for _, f := range []string{"name", "owner", "pipeline", "stage"} {
		if o.IsUnclear(f) {
			fields = append(fields, f)
		}
	}
	return strings.Join(fields, " ")
}
