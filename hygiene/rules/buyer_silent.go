package rules

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const buyerSilentID = "buyer-silent"

func buyerSilent() hygiene.Rule {
	return hygiene.Rule{
		ID:       buyerSilentID,
		Title:    "The buyer does not answer",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"activities", "emails", "emails.direction", "history"},
		Reads:    []string{"calls.direction", "calls.outcome", "close_date", "forecast_category", "last_activity_at", "meetings.outcome", "next_activity_at"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 14, Min: 1, Max: 250, Doc: "how long the buyer may be silent"},
			{Name: "attempts", Default: 3, Min: 1, Max: 100, Doc: "how many emails and unanswered calls there are since"},
		},
		Doc: hygiene.Doc{
			Why:    "A deal that only one side still talks about is active by every count of activities, and lost.",
			Fix:    "Try another way or another contact, and ask a question that takes a yes or a no.",
			Higher: "High for deals in commit.",
			Limit: []string{
				"An answer is an email from the buyer, a call of theirs, a meeting that took place, or a call that may have reached somebody. Calls with the outcome no answer, busy, voicemail or wrong number, and emails of ours, are attempts. What a sequence sent is no attempt of a person's.",
				"HubSpot's communications (SMS, WhatsApp, LinkedIn) and postal mail are not read: leave the rule off where buyers answer there.",
				"Many teams' CRMs never see what buyers write. So it is judged only where an email from the buyer was recorded on this deal before, and the deal has had no new owner since: then the owner's mail is known to arrive.",
				"A meeting or call ahead keeps it silent. A note since the last answer may tell of one, and an email may not say who sent it: unknown.",
				"Salesforce does not say of an email who sent it: there it is unknown. Where the CRM knows of an activity that we cannot see, or not all of its history is read, it is unknown as well.",
				"Where there was no contact in either direction, no-activity says so, and it is silent: one deal, one reason.",
			},
		},
		Check: checkBuyerSilent,
	}
}

// unanswered are the outcomes of calls that reached nobody on the buyer's side.
var unanswered = []string{"busy", "failed", "left voicemail", "missed", "no answer", "no_answer", "wrong number"}

// silence is what the activities say of the two sides of a deal.
type silence struct {
	wrote    crm.Date   // the buyer's last email
	answered crm.Date   // the buyer's last email, meeting or call
	attempts []crm.Date // ours, a person's
	note     crm.Date   // the last one
	unsigned crm.Date   // the last email that does not say who sent it
}

func (s *silence) read(p *hygiene.Pass, d *hygiene.Deal, activities []crm.Activity) {
	for i := range activities {
		a := &activities[i]
		on := past(p, d, a)
		if a.Done && a.At.IsZero() && a.Due.IsZero() {
			on = p.Today(d) // nobody knows when
		}
		theirs := a.Kind == crm.Call && a.Direction == crm.In // an answer, whoever took it
		if on == 0 || p.Cancelled(a) && !theirs {
			continue
		}
		switch {
		case theirs:
			s.answered = max(s.answered, on)
		case a.Kind == crm.Note:
			s.note = max(s.note, on)
		case a.Kind == crm.Email && a.Direction == crm.In:
			s.wrote, s.answered = max(s.wrote, on), max(s.answered, on)
		case a.Kind == crm.Email && a.Direction == "":
			s.unsigned = max(s.unsigned, on)
		case a.Kind == crm.Meeting:
			s.answered = max(s.answered, on)
		case a.Kind == crm.Call && !slices.Contains(unanswered, strings.ToLower(a.Outcome)):
			s.answered = max(s.answered, on)
		case a.Kind == crm.Email && !a.Automated, a.Kind == crm.Call && !a.Automated:
			s.attempts = append(s.attempts, on)
		}
	}
}

func checkBuyerSilent(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	limit, from := days(p, buyerSilentID, "days")
	least, source := days(p, buyerSilentID, "attempts")
	if from == hygiene.FromDefault {
		from = source
	}
	var s silence
	s.read(p, d, d.Activities)
	if d.Twin != nil {
		s.read(p, d, d.Twin.Activities)
	}
	if s.wrote == 0 {
		return unknown(hygiene.Say("no-email-in"))
	}
	n, attempts := p.Days(d, s.answered), 0
	for _, on := range s.attempts {
		if on > s.answered {
			attempts++
		}
	}
	v := hygiene.Verdict{
		Value: daysSince(s.answered), Since: s.answered, Threshold: businessDays(limit), ThresholdFrom: from, Measured: float64(n), Limit: float64(limit),
		Reason: hygiene.Say("answered", hygiene.On(s.answered)),
	}
	if n <= limit {
		v.Done = hygiene.Say("has-answer", hygiene.On(s.answered))
		return v
	}
	if on, kind, ok := p.Appointment(d); ok {
		v.Reason, v.Done = booked(on, kind)
		return v
	}
	if attempts < least {
		return v
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	switch {
	case slices.Contains(d.Untold, crm.History):
		return unknown(hygiene.Say("history-unread"))
	case ownerSince(p, d, s.wrote):
		return unknown(hygiene.Say("owner-since-email", hygiene.On(s.wrote)))
	case s.note > s.answered:
		return unknown(hygiene.Say("note-since", hygiene.On(s.note)))
	case s.unsigned > s.answered:
		return unknown(hygiene.Say("email-unsigned", hygiene.On(s.unsigned)))
	}
	if why := saidBy(p, d, hygiene.NeverTouched, noActivityID); why != "" {
		return exempt(why)
	}
	v.Outcome = hygiene.Fail
	v.Reason = hygiene.Say("buyer-silent", hygiene.On(s.answered), hygiene.Since(s.answered), hygiene.Number(limit), hygiene.Number(attempts))
	if p.Committed(d) {
		v.Severity = hygiene.High
	}
	return v
}

// ownerSince reports whether the deal got another owner on that date or later.
func ownerSince(p *hygiene.Pass, d *hygiene.Deal, on crm.Date) bool {
	return slices.ContainsFunc(d.Changes, func(c crm.Change) bool {
		return c.Field == crm.FieldOwner && c.OldKnown && p.Calendar(d).Date(c.At) >= on
	})
}
