package salesforce_test

import (
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestActivityCapture: with Einstein, Describe says that e-mails are hidden, and what to
// do. Without Einstein, e-mails are as readable as activities.
func TestActivityCapture(t *testing.T) {
	for _, c := range []struct {
		capture string
		hide    bool
		want    crm.Access
	}{
		{"", false, crm.Readable},
		{salesforce.CaptureCRM, false, crm.Readable},
		{salesforce.CaptureCRM, true, crm.Hidden},
		{salesforce.CaptureEinstein, false, crm.Hidden},
	} {
		a := newAccount(t, sim.Options{Deals: 30})
		a.cfg.Capture = c.capture
		if c.hide {
			a.company.HideObject("Task")
		}
		info, err := a.Source(t).Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Fields.Access("emails"); got != c.want {
			t.Errorf("capture %q: emails are %s, want %s", c.capture, got, c.want)
		}
		if why := info.Why["emails"]; strings.Contains(why, "Einstein Activity Capture") != (c.capture == salesforce.CaptureEinstein) {
			t.Errorf("capture %q: it says %q", c.capture, why)
		}
	}
}
