package email

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/golden"
)

// open reads a message with somebody else's parser.
func open(t *testing.T, body []byte) (h mail.Header, text, html string) {
	t.Helper()
	r, err := mail.CreateReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, err := p.Header.(*mail.InlineHeader).ContentType()
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, kind)
		switch kind {
		case "text/plain":
			text = string(b)
		case "text/html":
			html = string(b)
		}
	}
	if fmt.Sprint(types) != "[text/plain text/html]" {
		t.Errorf("parts %v, want text first, then HTML", types)
	}
	return r.Header, text, html
}

func TestMessage(t *testing.T) {
	n := scripted(t, nil).notifier(t)
	n.cfg.Now = func() time.Time { return time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC) }
	_, p := part(t, n)
	h, text, html := open(t, p.Body)
	for name, want := range map[string]string{
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "OOF, AutoReply",
		"List-Id":                  "<manager-daily.pipetidy.acme.example>",
		"Message-Id":               "<digest." + p.Key + "@acme.example>",
		"Date":                     "Tue, 24 Nov 2026 16:30:00 +0000",
		"Subject":                  "Team West: 6 new, 9 fixed",
		"To":                       "<maria@acme.example>",
		"From":                     "<pipetidy@acme.example>",
		"Bcc":                      "",
		"User-Agent":               "",
		"X-Mailer":                 "",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if ct, _, _ := h.ContentType(); ct != "multipart/alternative" {
		t.Errorf("content type %s", ct)
	}
	for _, want := range []string{"NEEDS YOU TODAY", "listed below", "https://acme.my.salesforce.com/006?a=1&b=2", "Wonka"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in the text:\n%s", want, text)
		}
	}
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); len([]rune(l)) > 76 && !strings.HasPrefix(l, "https://") {
			t.Errorf("a row of the text is too wide: %s", l)
		}
	}
	if !strings.Contains(html, "<h1") {
		t.Error("no HTML")
	}
	for l := range bytes.Lines(p.Body) {
		if len(l) > 998 {
			t.Errorf("a line of %d bytes", len(l))
		}
	}
}

func TestHostileNamesAreInert(t *testing.T) {
	n := scripted(t, nil).notifier(t)
	d, to := connectortest.Sample()
	to.ID, to.Test = "x", true
	d.Subject, d.Name = "Team "+connectortest.Hostile, "a\r\nBcc: x@y"
	d.Team = connectortest.Hostile
	parts, err := n.Render(t.Context(), d, to)
	if err != nil {
		t.Fatal(err)
	}
	h, text, html := open(t, parts[0].Body)
	head, _, _ := bytes.Cut(parts[0].Body, []byte("\r\n\r\n"))
	if regexp.MustCompile(`(?mi)^bcc:`).Match(head) || h.Get("Bcc") != "" {
		t.Errorf("a header was made:\n%s", head)
	}
	subject, err := h.Subject()
	if err != nil || subject != `Test: Team " Bcc: x@y" <b>& |> <!channel> =cmd() 😀 gnp.exe` {
		t.Errorf("subject %q, %v", subject, err)
	}
	for _, s := range []string{subject, text, html} {
		if strings.ContainsAny(s, "\u202e\x00\x1b") {
			t.Errorf("a control is left in %q", s)
		}
	}
	if strings.Contains(html, "<b>&") || strings.Contains(html, "<!channel>") || !strings.Contains(html, "&lt;b&gt;&amp; |&gt; &lt;!channel&gt; =cmd()") {
		t.Errorf("the name is not escaped:\n%s", html)
	}
	if !strings.Contains(strings.Join(strings.Fields(text), " "), `" Bcc: x@y" <b>& |> <!channel> =cmd() 😀 gnp.exe`) {
		t.Errorf("the name is not as it is in the text:\n%s", text)
	}
}

// TestHTMLForMailClients looks for HTML that mail clients drop or block.
func TestHTMLForMailClients(t *testing.T) {
	d, _ := connectortest.Sample()
	b, err := HTML(d)
	if err != nil {
		t.Fatal(err)
	}
	html := string(b)
	for _, bad := range []string{"<style", "<script", "<link", "<img", "<svg", "class=", "flex", "grid", "position:", "url(", "var(", "ZgotmplZ"} {
		if strings.Contains(html, bad) {
			t.Errorf("%q in the HTML", bad)
		}
	}
	for what, want := range map[string]int{"<h1": 1, "<html lang=\"en\">": 1, "<caption": 1, "scope=\"row\"": 2} {
		if got := strings.Count(html, what); got != want {
			t.Errorf("%s: %d times, want %d", what, got, want)
		}
	}
	for _, m := range regexp.MustCompile(`<table[^>]*>`).FindAllString(html, -1) {
		if !strings.Contains(m, `role="presentation"`) && strings.Count(html, "<th ") == 0 {
			t.Errorf("a layout table without role: %s", m)
		}
	}
}

// TestHTMLDirections: a name that reads from right to left does not move the amount
// behind it, wherever the name stands.
func TestHTMLDirections(t *testing.T) {
	const name = "אבי <כהן>"
	line := digest.Line{{Text: "1 ", Role: digest.Index}, {Text: name, URL: "https://x.example/1", Bold: true}, {Text: " $86k"}, {Text: "next step \"" + name + "\" is old", Role: digest.Reason}, {Text: " → call " + name, Role: digest.Advice}}
	d := &digest.Digest{Subject: name, Sections: []digest.Section{
		{Title: name, Lines: []digest.Line{{{Text: name}}}},
		{Title: name, Lines: []digest.Line{line}},
		{Title: name, Table: &digest.Table{Head: []string{"", name}, Rows: [][]string{{name, "5"}}}},
	}, Overflow: []digest.Section{{Title: name, Lines: []digest.Line{line}}}}
	page, err := HTML(d)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(page), "</title>")
	if all, kept := strings.Count(body, "אבי"), strings.Count(body, "<bdi>אבי &lt;כהן</bdi>&gt;"); all != kept || all < 10 {
		t.Errorf("of %d names %d are kept apart:\n%s", all, kept, body)
	}
}

// TestStatusIsWhole: what the program itself says of a deal is never cut, however many words
// of it there are.
func TestStatusIsWhole(t *testing.T) {
	woke := "Woke up today: parked 30 days for “budget in January, says their buyer”."
	d := &digest.Digest{Sections: []digest.Section{{Title: "x"}, {Title: "Needs you today", Lines: []digest.Line{{
		{Text: "1 ", Role: digest.Index}, {Text: "Initech", Bold: true}, {Text: ": "}, {Text: "no next step.", Role: digest.Reason},
		{Text: " " + woke, Role: digest.Status}, {Text: " Also with your manager.", Role: digest.Status}, {Text: " → Fill it.", Role: digest.Advice},
	}, {
		{Text: "2 ", Role: digest.Index}, {Text: "Globex", Bold: true}, {Text: ": "}, {Text: "no next step.", Role: digest.Reason}, {Text: " New.", Role: digest.Status},
	}}}}}
	b, err := HTML(d)
	if err != nil {
		t.Fatal(err)
	}
	html := string(b)
	for _, want := range []string{">" + woke + " Also with your manager.</span>", `white-space:nowrap;">New</span>`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in\n%s", want, html)
		}
	}
	if strings.Contains(html, `nowrap;">Woke`) {
		t.Error("the long status does not wrap")
	}
}

func TestHTMLLinks(t *testing.T) {
	d := &digest.Digest{Sections: []digest.Section{{Title: "x"}, {Lines: []digest.Line{{{Text: "a", URL: "javascript:alert(1)"}, {Text: "b", URL: "https://x.example/?q=1&r=\"<"}, {Text: "c", URL: "https://x.example/?q=1&r=2"}}}}}}
	b, err := HTML(d)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(b), "<a href="); got != 1 || !strings.Contains(string(b), `href="https://x.example/?q=1&amp;r=2"`) {
		t.Errorf("%d links in:\n%s", got, b)
	}
}

// TestHTMLStaysSmall writes digests that are too large for a mail client: the lines and
// rows that are left out are counted.
func TestHTMLStaysSmall(t *testing.T) {
	for _, c := range []struct {
		name         string
		items, reps  int
		words, extra int
	}{{"many deals", 10, 60, 10, 20}, {"long names", 10, 30, 400, 20}, {"huge", 40, 400, 400, 50}} {
		d := &digest.Digest{Subject: "s", Sections: []digest.Section{{Title: "Team West"}, {Title: "NEEDS YOU TODAY"}, {Title: "TEAM", Table: &digest.Table{Head: []string{"Rep", "needs update"}}}}}
		long := strings.TrimSpace(strings.Repeat("word & ", c.words))
		line := func(mark string) digest.Line {
			return digest.Line{{Text: mark + " ", Role: digest.Index}, {Text: "Name", URL: "https://acme.my.salesforce.com/006", Bold: true}, {Text: ": "}, {Text: long, Role: digest.Reason}}
		}
		for i := range c.items {
			d.Sections[1].Lines = append(d.Sections[1].Lines, line(fmt.Sprint(i+1)))
		}
		total := 0
		for i := range c.reps {
			d.Sections[2].Table.Rows = append(d.Sections[2].Table.Rows, []string{fmt.Sprint("Rep ", i), "20"})
			s := digest.Section{Title: fmt.Sprintf("Rep %d: %d deals", i, c.extra)}
			for range c.extra {
				s.Lines = append(s.Lines, line("•"))
				total++
			}
			d.Overflow = append(d.Overflow, s)
		}
		b, err := HTML(d)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if len(b) > maxHTML {
			t.Errorf("%s: %d bytes", c.name, len(b))
		}
		html := string(b)
		shown, cut := strings.Count(html, "&bull;"), 0
		if m := regexp.MustCompile(`(\d+) more are left out`).FindStringSubmatch(html); m != nil {
			cut, _ = strconv.Atoi(m[1])
		}
		if shown+cut != total {
			t.Errorf("%s: %d shown and %d left out, want %d", c.name, shown, cut, total)
		}
		rows, more := strings.Count(html, `scope="row"`), 0
		if m := regexp.MustCompile(`>(\d+) more\.<`).FindStringSubmatch(html); m != nil {
			more, _ = strconv.Atoi(m[1])
		}
		if rows+more != c.reps {
			t.Errorf("%s: %d rows and %d more, want %d", c.name, rows, more, c.reps)
		}
	}
}

// TestGoldenPage compares the page of a composed digest with the stored page. When the
// page changes, look at the page in a browser.
func TestGoldenPage(t *testing.T) {
	raw, err := os.ReadFile("testdata/digest.json")
	if err != nil {
		t.Fatal(err)
	}
	var d digest.Digest
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	got, err := HTML(&d)
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/digest.html", string(got))
}
