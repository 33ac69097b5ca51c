package hygiene

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// mostParked is for how many days a command may park a deal: a longer time is a mistyped
// year.
const mostParked = 2 * 366

// ParkBy decides about a park that somebody asks for by a command; k says the rule, the last
// day, the reason and who asks, now is the time on the wall. It returns the park, and what
// changes with it: the park of the owner's that it replaces. An error is a sentence for who
// asks.
func (p *Pass) ParkBy(d *Deal, k Park, now time.Time) (made Park, changed []Park, err error) {
	q := p.at(d)
	now = now.UTC().Round(0) // as it is stored
	o, today := &d.Opportunity, q.Calendar(d).Date(now)
	switch name := quoted(o); {
	case o.Closed:
		return made, nil, fmt.Errorf("%s is closed, so nothing is asked about it; park an open deal", name)
	case q.view.skipped != "":
		return made, nil, fmt.Errorf("deals of the pipeline %s are skipped (skip.pipelines), so nothing is asked about %s", q.view.skipped, name)
	case q.view.twin.ClosedAs != 0:
		return made, nil, fmt.Errorf("%s is %s, so nothing is asked about it; close the deal here as well", name, q.Voice(d).Text(q.view.twin.reason()))
	case q.view.twin.ID != "":
		return made, nil, fmt.Errorf("%s is %s; park it there", name, q.Voice(d).Text(q.view.twin.reason()))
	case k.Until.IsZero():
		return made, nil, errors.New("a park requires its last day: a deal that is parked without an end is forgotten")
	case k.Until <= today:
		return made, nil, fmt.Errorf("%s is not after today (%s): a park ends on the morning of that day; write a later day", k.Until, today)
	case k.Until > today+mostParked:
		return made, nil, fmt.Errorf("%s is more than two years from now; write an earlier day", k.Until)
	case ParkReason(k.Reason) == "":
		return made, nil, errors.New("a park requires a reason: whoever looks at the deal then wants to know it")
	}
	parks, _ := q.Parks(d)
	for i := range parks {
		had := &parks[i]
		if !had.Holds() || had.Rule != k.Rule && !had.Whole() {
			continue
		}
		if had.How == ByCommand || k.Rule != "" {
			return made, nil, fmt.Errorf("%s is parked already: %s; pipetidy unpark %s ends that", quoted(o), had.Words(), o.ID)
		}
		had.End, had.Ended = EndReplaced, now // the manager decides beyond the owner
		changed = append(changed, *had)
	}
	f := q.Facts(d)
	return Park{
		Source: q.Source.own(d.Source), Record: strings.Clone(o.ID), Rule: k.Rule, At: now, From: today, Until: k.Until,
		Reason: ParkReason(k.Reason), By: ParkReason(k.By), How: ByCommand, Owner: strings.Clone(o.OwnerID), Deal: f,
	}, changed, nil
}

func quoted(o *crm.Opportunity) string {
	if o.Name == "" {
		return o.ID
	}
	return fmt.Sprintf("%q", o.Name)
}

// Words says until when, by whom and why: "until 12 Jan 2027 by Ana (budget in January)".
func (k *Park) Words() string {
	s := "until " + k.Until.In(time.UTC).Format("2 Jan 2006")
	if k.By != "" {
		s += " by " + k.By
	}
	if k.Rule != "" {
		s = k.Rule + " " + s
	}
	if k.Reason != "" {
		s += " (" + k.Reason + ")"
	}
	return s
}

// Unseen is what becomes of the park of a deal that was not judged, because the deal is closed
// or out of sight: it ends, or waits for the deal until its last day. It reports whether the
// park changed.
func (k *Park) Unseen(absent State, p *Pass) bool {
	switch {
	case absent == Won, absent == Lost:
		k.End = EndClosed
	case p.index.calendar.Date(p.Now) >= k.Until:
		k.End = EndOver
	default:
		was := k.Away
		k.Away = absent == Gone
		return k.Away != was
	}
	k.Ended = p.stamp()
	return true
}

// stamp is Now as it is stored.
func (p *Pass) stamp() time.Time { return p.Now.UTC().Round(0) }
