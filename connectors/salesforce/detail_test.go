package salesforce_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestDetails: what the login sees is readable, what it does not see is hidden with what to
// do, and what Salesforce does not tell is neither. A field of a deal that is no org's duty is
// unmapped where it is hidden, and nothing else is asked because of it.
func TestDetails(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src := a.Source(t)
	described := func() crm.Info {
		t.Helper()
		info, err := src.Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	info := described()
	for _, name := range []string{crm.ActivitiesSubject, crm.ActivitiesCreator, crm.CallsOutcome, crm.CallsDirection, crm.HistoryAuthor, crm.ContactsRole, crm.ContactsPrimary,
		"lead_source", "type", "probability", "products", "created_by", "modified_by"} {
		if info.Fields.Access(name) != crm.Readable {
			t.Errorf("%s is %s", name, info.Fields.Access(name))
		}
	}
	for _, name := range []string{crm.EmailsDirection, crm.ActivitiesApp, crm.HistoryApp, crm.MeetingsOutcome, crm.LossReason} {
		if info.Fields.Access(name) != crm.Unmapped {
			t.Errorf("%s is %s", name, info.Fields.Access(name))
		}
	}
	for _, field := range []string{"LeadSource", "Type", "Probability", "HasOpportunityLineItem", "LastModifiedById"} {
		a.company.HideField("Opportunity", field)
	}
	src = a.Source(t)
	if info = described(); info.Fields.Access("lead_source") != crm.Unmapped || info.Why["lead_source"] != "" {
		t.Errorf("hidden on deals: %s, %q", info.Fields.Access("lead_source"), info.Why["lead_source"])
	}
	a.org.ResetCalls()
	if described(); len(a.org.Calls()) != 0 {
		t.Errorf("because of what is missing, %d calls are made", len(a.org.Calls()))
	}
	a.company.HideField("Event", "Subject")
	a.company.SetNow(a.company.Now().Add(25 * time.Hour))
	src = a.Source(t)
	if info = described(); info.Fields.Access(crm.ActivitiesSubject) != crm.Hidden || !strings.Contains(info.Why[crm.ActivitiesSubject], "does not see Event.Subject; let the run-as user read the field") {
		t.Errorf("hidden on events: %s, %q", info.Fields.Access(crm.ActivitiesSubject), info.Why[crm.ActivitiesSubject])
	}
	if got := info.Fields.Access(crm.CallsOutcome); got != crm.Readable {
		t.Errorf("what calls came to is %s", got)
	}
}

// TestDetailsOfTheCompany reads the simulated company, whose deals and activities have their
// details.
func TestDetailsOfTheCompany(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src := a.Source(t)
	var subjects, creators, sources, likely int
	for _, stream := range []crm.Stream{crm.Activities, crm.Opportunities} {
		for more, at := true, crm.Cursor(""); more; {
			p, err := src.Fetch(t.Context(), stream, at)
			if err != nil {
				t.Fatal(err)
			}
			more, at = p.More, p.Next
			for _, x := range p.Activities {
				if x.Subject != "" {
					subjects++
				}
				if x.By != "" {
					creators++
				}
			}
			for _, o := range p.Opportunities {
				if o.LeadSource != "" && o.Type != "" && o.HasProducts != crm.NotTold && o.By != "" && o.ModifiedBy != "" {
					sources++
				}
				if o.Probability.Known {
					likely++
				}
			}
		}
	}
	if subjects == 0 || creators == 0 || sources == 0 || likely == 0 {
		t.Errorf("%d subjects, %d creators, %d details of deals, %d probabilities", subjects, creators, sources, likely)
	}
}
