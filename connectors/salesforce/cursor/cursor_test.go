package cursor

import (
	"errors"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
)

// TestFormStays: a run goes on from a cursor that an earlier version wrote, at the
// same page.
func TestFormStays(t *testing.T) {
	for name, text := range map[string]string{
		"between runs":       `{"v":1,"org":"00D000000000001EAA","since":1764000000,"fields":["User.Name"],"deep":1763990000,"swept":1763980000,"keep":"2025-07-31","back":"2024-10-04","counts":{"Opportunity":{"n":42,"at":1764000000,"fresh":3}},"moved":true}`,
		"in the middle":      `{"v":1,"run":{"full":true,"fields":["Task.WhatId"],"began":1764000000,"part":1,"ready":[2,3],"done":4000,"rest":true,"lost":1,"next":"/services/data/v66.0/query/01g-2000","session":"ABCDEFGHIJ","id":"00T000000000001AAA","at":1763999999,"read":2000,"size":5000,"empty":1}}`,
		"in a window":        `{"v":1,"run":{"keep":"2025-07-31","deep":true,"sweep":true,"window":{"from":917827200,"to":1764000000,"until":1764000060}}}`,
		"in results of jobs": `{"v":1,"run":{"full":true,"job":{"path":"/services/data/v66.0/jobs/query/750","columns":["Id"],"since":1764000000,"size":30000,"rows":30000,"polls":4,"state":"done","locator":"MTA","max":5000,"read":10000}}}`,
	} {
		c, err := Read(crm.Cursor(text))
		if err != nil || c.String() != text {
			t.Errorf("%s: %v\ngot  %s\nwant %s", name, err, c, text)
		}
	}
	if c, err := Read(`{"v":1,"since":1764000000,"open":43}`); err != nil || c.Since != 1764000000 {
		t.Errorf("an earlier number of open deals: %v, %v", c, err)
	}
	for _, text := range []crm.Cursor{`{"v":2}`, `{}`, "x"} {
		if _, err := Read(text); !errors.Is(err, crm.ErrGone) {
			t.Errorf("%s: got %v", text, err)
		}
	}
	if c, err := Read(""); err != nil || c.Since != 0 || c.Run != nil {
		t.Errorf("the beginning is %v, %v", c, err)
	}
}

// TestWatermark: the watermark moves only at the end of a run, to the time at which the
// run began.
func TestWatermark(t *testing.T) {
	c, _ := Read("")
	c.Begin([]string{"a"}, false, 0, 1000)
	if c.Run.Began = 1000; !c.Run.Full || c.Since != 0 {
		t.Errorf("the first run is %+v", c)
	}
	c.Finish()
	if c.Since != 1000 || c.Run != nil {
		t.Errorf("after it %+v", c)
	}
	c.Begin([]string{"a"}, false, 0, 2000)
	if c.Run.Full || c.Since != 1000 {
		t.Errorf("the second run is %+v", c.Run)
	}
	c.Run.Narrow(nil)
	c.Run.Began = 2000
	c.Finish()
	if c.Begin([]string{"a"}, false, 0, 3000); !c.Run.Full {
		t.Error("a field that was lost and is back is not read for all rows")
	}
}
