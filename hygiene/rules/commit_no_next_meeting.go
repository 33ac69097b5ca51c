package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const commitNoNextMeetingID = "commit-no-next-meeting"

func commitNoNextMeeting() hygiene.Rule {
	return hygiene.Rule{
		ID:       commitNoNextMeetingID,
		Title:    "Commit without a meeting",
		Severity: hygiene.High,
		Version:  1, // it stays in the grace of the close date
		Offer:    hygiene.OfferNext,
		Needs:    []string{"activities", "close_date", "forecast_category"},
		Reads:    []string{"amount", "emails", "history", "last_activity_at", "next_activity_at", "next_step", "owner", "stage_since"},
		Params: []hygiene.Param{
			{Name: "closing", Unit: "calendar days", Default: 30, Min: 1, Max: 365, Doc: "how soon a commit deal closes that needs a meeting or call ahead"},
		},
		Doc: hygiene.Doc{
			Why: "A commit is a promise that the buyer decides soon, and somebody has to be there when it happens.",
			Fix: "Book the decision meeting.",
			Limit: []string{
				"A meeting or a call ahead is what it asks for; a task is none, and what the CRM's own next-activity field announces counts as one.",
				"Where nothing at all is booked, or the last contact is long ago, no-future-activity, no-activity, new-owner-no-touch or commit-no-activity says so, and it is silent: one deal, one reason.",
				"Deals whose paper goes round without a meeting are found as well: give the last stage a pipeline setting of its own, or park the deal until it is signed.",
				"A close date that has passed has a rule of its own; this one is silent when the grace of that one is over. Where the CRM knows of an activity that we cannot see, the rule is unknown.",
			},
		},
		Check: checkCommitNoNextMeeting,
	}
}

func checkCommitNoNextMeeting(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if !p.Committed(d) {
		return exempt(hygiene.Say("not-committed"))
	}
	closing, from := days(p, commitNoNextMeetingID, "closing")
	closes := p.CloseDate(d)
	if !within(p, d, closing) {
		return exempt(hygiene.Say("not-closing-within", hygiene.Number(closing)))
	}
	v := hygiene.Verdict{Value: hygiene.Say("nothing-closes", hygiene.On(closes)), Threshold: hygiene.Say("a-meeting-ahead"), ThresholdFrom: from}
	if on, kind, ok := p.Appointment(d); ok {
		v.Value = hygiene.Say("on", hygiene.On(on))
		v.Reason, v.Done = booked(on, kind)
		return v
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	for _, other := range []struct {
		id    string
		check func(*hygiene.Pass, *hygiene.Deal) hygiene.Verdict
	}{{hygiene.NoFutureActivity, checkNoFutureActivity}, {noActivityID, checkNoActivity}, {hygiene.NeverTouched, checkNeverTouched}, {hygiene.NewOwnerNoTouch, checkNewOwnerNoTouch}, {hygiene.CommitNoActivity, checkCommitNoActivity}} {
		if p.Runs(other.id) && other.check(p, d).Outcome == hygiene.Fail {
			return exempt(hygiene.Say("said-by", hygiene.Text(other.id)))
		}
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("commit-no-next-meeting", hygiene.Text(p.Forecast(d)), hygiene.On(closes))
	if closes < p.Today(d) {
		v.Reason = hygiene.Say("commit-no-next-meeting-past", hygiene.Text(p.Forecast(d)), hygiene.On(closes))
	}
	return v
}
