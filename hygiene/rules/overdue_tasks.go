package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const overdueTasksID = "overdue-tasks"

func overdueTasks() hygiene.Rule {
	return hygiene.Rule{
		ID:       overdueTasksID,
		Title:    "Tasks past their date",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"activities"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 3, Min: 0, Max: 120, Doc: "how long a task may be past its date"},
			{Name: "tasks", Default: 3, Min: 1, Max: 100, Doc: "how many tasks past their date are told at once"},
		},
		Doc: hygiene.Doc{
			Why: "Tasks that nobody does and nobody moves make the list of tasks worthless, and the next one is missed.",
			Fix: "Do it, move it, or delete it.",
			Limit: []string{
				"Counted are open tasks, calls and emails to make whose date is before today where the owner is. What a sequence or an integration made does not count, nor does a task without a date. A task that parks the deal ends the park on its date, and counts from then on.",
				"A date that cannot be read is no date.",
			},
		},
		Check: checkOverdueTasks,
	}
}

func checkOverdueTasks(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	limit, from := days(p, overdueTasksID, "days")
	most, source := days(p, overdueTasksID, "tasks")
	if from == hygiene.FromDefault {
		from = source
	}
	late, oldest := 0, crm.Date(0)
	for i := range d.Activities {
		a := &d.Activities[i]
		if a.Automated || a.Unclear || a.Done || a.Kind == crm.Meeting || a.Due.IsZero() || a.Due >= p.Today(d) || p.Cancelled(a) {
			continue
		}
		if late++; oldest == 0 || a.Due < oldest {
			oldest = a.Due
		}
	}
	v := hygiene.Verdict{Value: hygiene.Say("tasks", hygiene.Number(late)), Threshold: hygiene.Say("tasks-past", hygiene.Number(limit), hygiene.Number(most)), ThresholdFrom: from}
	if late == 0 {
		v.Reason, v.Done = hygiene.Say("no-overdue-tasks"), hygiene.Say("has-no-overdue-tasks")
		return v
	}
	v.Reason = hygiene.Say("overdue-tasks", hygiene.Number(late), hygiene.On(oldest))
	if late == 1 {
		v.Reason = hygiene.Say("overdue-task", hygiene.On(oldest))
	}
	if late >= most || p.Days(d, oldest) > limit {
		v.Outcome = hygiene.Fail
	}
	return v
}
