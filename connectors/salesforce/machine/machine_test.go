package machine

import (
	"testing"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
)

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, subject string
		want             bool
	}{
		{"Reminder", "reminder", true},
		{"Reminder", "reminder 2", false},
		{"[Out] *", "[out] hello", true},
		{"[Out] *", "re: [out] hello", false},
		{"*opened", "mail opened", true},
		{"*opened", "mail opened twice", false},
		{"a*b*c", "a-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"ab*ba", "aba", false}, // the ends do not share a letter
		{"*seq*", "x [seq: y]", true},
		{"50%_a", "50%_a", true}, // % and _ are no wildcards
		{"50%_a", "500xa", false},
	} {
		if got := newGlob(c.pattern).matches(c.subject); got != c.want {
			t.Errorf("%q on %q: %v, want %v", c.pattern, c.subject, got, c.want)
		}
	}
}

// TestDefaultSubjects: an activity that a rep made through a tool is never a machine's.
func TestDefaultSubjects(t *testing.T) {
	m := New(nil, nil)
	for subject, want := range map[string]bool{
		"[Outreach] [Email] [Opened] Pricing":                   true,
		"[outreach] [email] [opened] Pricing":                   true,
		"[Outreach] [Email] [Out] Pricing":                      false,
		"[Outreach] [Email] [Out] Re: Automatic reply: Pricing": false,
		"[Outreach] [Email] [In] Re: Pricing":                   false,
		"[Outreach] [Email] [In] Automatic reply: Pricing":      true,
		"[Outreach] [Call] [Outbound] Left a message":           false,
		"[Outreach] [Other] LinkedIn: Send a message":           false,
		"Email: Pricing":                                  false,
		"Reply: Re: Pricing":                              false,
		"Reply: Automatic reply: Pricing":                 true,
		"[Apollo >>] [Email] Pricing - [Seq: Nurture]":    false,
		"[Apollo] [Email] [>>] Pricing":                   false,
		"[Apollo] [Email] [<<] Re: Pricing":               false,
		"[Apollo] [Email] [<<] Automatic reply: Pricing":  true,
		"[Gong] Discovery with Globex":                    false,
		"[Gong In] Re: Meeting Canceled: can we move it?": false,
		"[Gong In] Automatic reply: Pricing":              true,
		"[Gong] Meeting Canceled: Discovery with Globex":  true,
		"Meeting Canceled: Discovery with Globex":         true,
		"Call": false,
		"Meeting with Globex about the opened questions: was Canceled by us": false,
	} {
		row := `{"CreatedById":"005RO000000aaaaYAA","OwnerId":"005RO000000aaaaYAA","Subject":"` + subject + `"}`
		if got := made(t, m, row, ""); got != want {
			t.Errorf("%s: made by a machine is %v, want %v", subject, got, want)
		}
	}
}

func made(t *testing.T, m *Machines, json, login string) (got bool) {
	t.Helper()
	if _, err := row.Page([]byte(`{"done":true,"records":[`+json+`]}`), nil, func(r *row.Row) error {
		got = m.Made(r, login)
		return r.Err()
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestOwnActivities: an activity that our login created for another owner, a queue
// included, is a reminder. An activity that our login owns is a person's work.
func TestOwnActivities(t *testing.T) {
	const us, ana, queue = "005RO000000ususYAA", "005RO000000aaaaYAA", "00GRO000000queuYAA"
	m := New(nil, []string{})
	for _, c := range []struct {
		by, owner, login string
		want             bool
	}{
		{us, ana, us, true},
		{us, us, us, false},
		{ana, us, us, false},
		{ana, queue, us, false},
		{us, queue, us, true},
		{"", ana, "", false}, // the token endpoint does not tell the id of our login
	} {
		if got := made(t, m, `{"CreatedById":"`+c.by+`","OwnerId":"`+c.owner+`","Subject":null}`, c.login); got != c.want {
			t.Errorf("by %s for %s, read by %s: %v, want %v", c.by, c.owner, c.login, got, c.want)
		}
	}
}

func TestStarsAlone(t *testing.T) {
	if m := New(nil, []string{"*", " ** "}); len(m.subjects) > 0 {
		t.Error("stars alone make everything a machine's")
	}
}
