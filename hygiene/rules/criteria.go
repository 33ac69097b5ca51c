package rules

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// criterion is a field that a stage definition asks for, with the stage that
// asks for it.
type criterion struct {
	name string // as the operator wrote it
	back string // label of the stage to return to where it is missing, "" is none
}

// canonical gives the name by which crm.Fields knows a standard field that people
// also call otherwise.
func canonical(name string) string {
	switch name {
	case "contact":
		return "contacts"
	case "account_id":
		return "account"
	case "owner_id":
		return "owner"
	}
	return name
}

// criteriaFields lists the fields that the definitions of the pass ask for.
func criteriaFields(p *hygiene.Pass) []string {
	var names []string
	add := func(fields []string) {
		for _, f := range fields {
			if f = canonical(f); !slices.Contains(names, f) {
				names = append(names, f)
			}
		}
	}
	for _, l := range p.Source.Pipelines {
		for _, s := range l.Stages {
			add(s.Entry)
			add(s.Exit)
		}
	}
	return names
}

// criteria lists what has to be filled where the deal is: what the stages before
// it ask for on leaving, in the order of the file, and what its own stage asks
// for on entering. A stage that the file does not name has its place in the
// CRM's order. ok is false when that place is unknown too.
// What the deal passed before a definition began is not in the list; early is the first day
// of such a definition, zero is none.
func criteria(p *hygiene.Pass, d *hygiene.Deal) (list []criterion, early crm.Date, ok bool) {
	own, place := p.Definition(d), 0
	if own == nil {
		if place, _ = p.Position(d); place == 0 {
			return nil, 0, false
		}
	}
	add := func(fields []string, back string) {
		for _, f := range fields {
			if !slices.ContainsFunc(list, func(c criterion) bool { return canonical(c.name) == canonical(f) }) {
				list = append(list, criterion{name: f, back: back})
			}
		}
	}
	defs, previous := p.Definitions(d), ""
	for i := range defs {
		def, back := &defs[i], ""
		if p.Place(d, &defs[i]) > 0 { // nobody can move a deal to a stage that the CRM does not list
			back = defs[i].Name
		}
		if def == own {
			if len(def.Entry) > 0 && enteredBefore(p, d, def.From) {
				return list, def.From, true
			}
			add(def.Entry, previous)
			return list, early, true
		}
		if own == nil {
			if at := p.Place(d, def); at == 0 || at >= place {
				continue
			}
		}
		if previous = back; len(def.Exit) > 0 && leftBefore(p, d, def) {
			early = def.From
			continue
		}
		add(def.Exit, back)
	}
	return list, early, true
}

// enteredBefore reports whether the deal was in its stage already when a definition began,
// or nobody knows since when it is.
func enteredBefore(p *hygiene.Pass, d *hygiene.Deal, from crm.Date) bool {
	since, ok := p.StageSince(d)
	return !from.IsZero() && (!ok || p.Calendar(d).Date(since) < from)
}

// leftBefore reports whether the deal had passed the stage of def when the definition began:
// its last move over that stage, or where none is known, into its present stage, was earlier.
func leftBefore(p *hygiene.Pass, d *hygiene.Deal, def *hygiene.StageDefinition) bool {
	if def.From.IsZero() {
		return false
	}
	at := p.Place(d, def)
	for i := len(d.Changes) - 1; i >= 0 && at > 0; i-- {
		c := &d.Changes[i]
		if c.Field != crm.FieldStage || !c.OldKnown {
			continue
		}
		_, was := p.StageAt(d, c.Old)
		if _, is := p.StageAt(d, c.New); was > 0 && was <= at && is > at {
			return p.Calendar(d).Date(c.At) < def.From
		}
	}
	return enteredBefore(p, d, def.From)
}

// look says whether the field called name is filled. Where that cannot be told,
// unclear says why in a clause: it is unknown then, never missing.
func look(p *hygiene.Pass, d *hygiene.Deal, name string) (filled bool, unclear hygiene.Said) {
	o, field := &d.Opportunity, canonical(name)
	if field == "contacts" { // counted only by sources that read them
		if !o.Contacts.Known {
			return false, hygiene.Say("field-unknown", hygiene.Text(hygiene.Words(name)))
		}
		return o.Contacts.Value > 0, ""
	}
	if a := p.Source.Info.Fields.Access(field); a != crm.Readable {
		return false, hygiene.SayUnread(name, a)
	}
	if o.IsUnclear(field) {
		return false, hygiene.SayGarbled(name)
	}
	switch field {
	case "amount":
		return o.Amount.Known && o.Amount.Value != 0, ""
	case "close_date":
		return !p.CloseDate(d).IsZero(), ""
	case "next_step":
		return nextStep(p, d)
	case "forecast_category":
		return has(o.ForecastCategory), ""
	case "account":
		return o.AccountID != "", ""
	case "owner":
		return o.OwnerID != "", ""
	case "name":
		return has(o.Name), ""
	case "lead_source":
		return has(o.LeadSource), ""
	case "type":
		return has(o.Type), ""
	case "probability":
		return o.Probability.Known, ""
	case "products":
		return o.HasProducts == crm.Yes, ""
	}
	c, _ := o.Get(field) // a field that can be read and is not there is empty
	if c.Type == crm.Boolean {
		return c.Value == "true", ""
	}
	return has(c.Value), ""
}

// nextStep is filled by a text or by something booked. Where an activity may be
// hidden, an empty text alone is no proof.
func nextStep(p *hygiene.Pass, d *hygiene.Deal) (filled bool, unclear hygiene.Said) {
	if has(d.Opportunity.NextStep) {
		return true, ""
	}
	if _, _, ok := p.Planned(d); ok {
		return true, ""
	}
	if a := p.Source.Info.Fields.Access("activities"); a != crm.Readable {
		return false, hygiene.Say("next-step-unclear", hygiene.Part(hygiene.SayUnread("activities", a)))
	}
	if f := d.Unclear("activities"); f != "" {
		return false, hygiene.Say("next-step-unclear", hygiene.Part(hygiene.SayGarbled(f)))
	}
	return false, p.Concealed(d)
}

// asked reports whether the stage definitions find the field missing on this deal,
// so that a rule of its own about the same field need not say it again.
func asked(p *hygiene.Pass, d *hygiene.Deal, field string) bool {
	if !p.Runs(hygiene.StageExitCriteriaMissing) || checkStageExitCriteriaMissing(p, d).Outcome != hygiene.Fail {
		return false
	}
	list, _, _ := criteria(p, d)
	for _, c := range list {
		if canonical(c.name) == field {
			filled, unclear := look(p, d, c.name)
			return !filled && unclear == ""
		}
	}
	return false
}

// askedAlready is the verdict of such a rule.
func askedAlready() hygiene.Verdict {
	return exempt(hygiene.Say("asked-already", hygiene.Text(hygiene.StageExitCriteriaMissing)))
}
