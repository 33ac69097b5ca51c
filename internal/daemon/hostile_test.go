package daemon_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/internal/sim/mail"
	"github.com/pipetidy/pipetidy/store/bolt"
)

// A deal whose name attacks headers, markup, mentions and the direction of text
// goes from the CRM to a workspace and a mailbox as inert text.
func TestHostileNameArrivesInert(t *testing.T) {
	a := newArena(t)
	a.company.Slack().ClearFaults()
	st, err := bolt.Open(filepath.Join(t.TempDir(), "data"), bolt.Options{Now: a.company.Now, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	d, cfg, err := a.errand.daemon(st)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Sync(t.Context(), &cfg.Sources[0], false, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Evaluate(t.Context(), &cfg.Sources[0]); err != nil {
		t.Fatal(err)
	}
	for i := range cfg.Digests {
		if _, err := d.SendNow(context.WithoutCancel(t.Context()), &cfg.Digests[i], "", false); err != nil {
			t.Fatal(err)
		}
	}

	seen := 0
	for _, m := range a.company.Slack().Messages() {
		var blocks any
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
		for _, s := range append(texts(blocks), m.Text) {
			if strings.Contains(s, "Bcc: x@y") || strings.Contains(s, "Bcc") {
				seen++
			}
			for _, bad := range []string{"<!", "<b", "<@", "\u202e", "\r"} {
				if strings.Contains(s, bad) {
					t.Errorf("Slack got %q in %q", bad, s)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("the hostile deal is in no Slack message: the test shows nothing")
	}

	seen = 0
	for _, e := range a.servers.Mail.Messages() {
		l, err := mail.ParseLetter(e.Data)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.To) != 1 || l.Header.Get("Bcc") != "" || len(l.Header["To"]) != 1 {
			t.Errorf("envelope to %v, headers %v: the name reached the addressing", e.To, l.Header)
		}
		if strings.Contains(l.Text, "Bcc") {
			seen++
		}
		for _, s := range []string{l.Subject, l.Text, l.HTML} {
			for _, bad := range []string{"\u202e", "\nBcc"} {
				if strings.Contains(s, bad) {
					t.Errorf("a mail holds %q", bad)
				}
			}
		}
		if strings.Contains(l.HTML, "<b>&") || strings.Contains(l.HTML, "<b> ") || strings.Contains(l.HTML, "<!channel>") {
			t.Error("the name is markup in the HTML")
		}
		if strings.Contains(l.Text, "Bcc") && !strings.Contains(l.HTML, "&lt;b&gt;") {
			t.Error("the name is in the text and not, escaped, in the HTML")
		}
	}
	if seen == 0 {
		t.Error("the hostile deal is in no mail: the test shows nothing")
	}
}

// texts collects all "text" strings of decoded blocks.
func texts(v any) []string {
	var out []string
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	case map[string]any:
		for k, e := range v {
			if s, ok := e.(string); ok && k == "text" {
				out = append(out, s)
				continue
			}
			out = append(out, texts(e)...)
		}
	}
	return out
}
