package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const noActivityID = hygiene.NoActivity

func noActivity() hygiene.Rule {
	return hygiene.Rule{
		ID:       noActivityID,
		Title:    "No contact with the buyer",
		Severity: hygiene.Medium,
		Version:  1, // what is booked after the close date does not count
		Needs:    []string{"activities", "emails"},
		Reads:    []string{"close_date", "last_activity_at", "next_activity_at"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 14, Min: 1, Max: 250, Doc: "how long a deal may go without contact"},
		},
		Doc: hygiene.Doc{
			Why:    "A deal that nobody has talked about with the buyer for weeks is rarely still the deal that its fields describe.",
			Fix:    "Reach out today, or close it and note what you learned.",
			Higher: "High from twice the limit on, and for deals in commit.",
			Limit: []string{
				"What counts is a person's contact in either direction: calls, emails, meetings, tasks done and notes. What a sequence, an integration or Pipetidy itself made does not.",
				"A meeting or call ahead, or an open task due today or later, keeps it silent, however far ahead it is. Tasks without a date, overdue tasks and cancelled meetings do not.",
				parkTaskDoc,
				afterCloseDoc,
				"A draft, an email that bounced and the buyer's call that nobody took are no contact. A call without a status lies ahead until its time, and counts as made from then on.",
				"HubSpot's communications (SMS, WhatsApp, LinkedIn) and postal mail are not read: where they are newer than all that is read, HubSpot's own field says so and the rule is unknown.",
				"A meeting that has begun counts as contact even when nobody marked it as done; one with the outcome cancelled or no-show does not.",
				"The CRM's own last-activity field is no contact: it also holds future dates and automated mail. But where it is later than every activity that can be read, there is one that this login cannot see, and the rule is unknown.",
				"A deal without any contact counts from its creation.",
				"Where the CRM keeps emails apart from its activities (Einstein Activity Capture), no contact is no proof of silence: the rule is unknown.",
				"Activities logged on the contact or the account, not on the deal, are seen only where the CRM links them to the deal.",
			},
		},
		Check: checkNoActivity,
	}
}

func checkNoActivity(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	limit, from := days(p, noActivityID, "days")
	v := hygiene.Verdict{Threshold: businessDays(limit), ThresholdFrom: from}
	date, touched := p.LastTouch(d)
	if !touched {
		date = p.Calendar(d).Date(d.Opportunity.CreatedAt)
	}
	silent := p.Days(d, date)
	v.Value, v.Since = daysSince(date), date
	v.Measured, v.Limit = float64(silent), float64(limit)

	ahead := plan(p, d)
	if ahead.counts() {
		v.Reason, v.Done = ahead.words, ahead.done
		return v
	}
	if silent <= limit {
		if !touched {
			v.Reason = hygiene.Say("no-contact-yet-created", hygiene.On(date))
			return v
		}
		v.Reason, v.Done = hygiene.Say("last-contact", hygiene.On(date)), contacted(date)
		return v
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	if ahead.unclear != "" {
		return unknown(ahead.unclear)
	}
	v.Outcome = hygiene.Fail
	what := "no-activity"
	if !touched {
		what = "no-activity-at-all"
	}
	v.Reason = hygiene.Say(what, hygiene.On(date), hygiene.Since(date), hygiene.Number(limit), hygiene.Part(ahead.or("no-meeting-booked")))
	v.Fix = ahead.fix
	if silent >= 2*limit {
		v.Severity = hygiene.High
	}
	if p.Committed(d) {
		v.Severity = hygiene.High
	}
	if p.Committed(d) && !ahead.late {
		v.Fix = hygiene.Say("fix-commit", hygiene.Text(p.Forecast(d)))
	}
	return v
}

// contacted says when there was contact, so that it is true on another day as well.
func contacted(on crm.Date) hygiene.Said {
	return hygiene.Say("was-contacted", hygiene.On(on))
}
