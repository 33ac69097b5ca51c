package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/internal/api"
)

// hostile is a deal's name that attacks terminals, spreadsheets, mail and Slack.
const hostile = "\"\r\nBcc: x@y\" <b>& |> <!channel> =cmd() \U0001F480\u202E\x1b[31m\x00"

func TestPlain(t *testing.T) {
	got := plain(hostile)
	if want := `" Bcc: x@y" <b>& |> <!channel> =cmd() 💀[31m`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlainTextKeepsColumns(t *testing.T) {
	got := plainText("Ana    6 · 0\n  x\u202Ey   z\x1b\r\nend")
	if want := "Ana    6 · 0\n  xy   z\nend\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestInertJSON(t *testing.T) {
	const text = "a\u202eb\u0085c\u2028d\U000E0041e 💀 é"
	in, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	out := inertJSON(in)
	for _, r := range string(out) {
		if active(r) {
			t.Errorf("%q holds %U", out, r)
		}
	}
	var back string
	if err := json.Unmarshal(out, &back); err != nil || back != text {
		t.Errorf("means %q, %v; want %q", back, err, text)
	}
}

func TestInertCell(t *testing.T) {
	for in, want := range map[string]string{
		"=cmd()": "'=cmd()", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\t=1": "' =1", "\r=1": "' =1", "＝1": "'＝1",
		"\u202e=1": "'=1", "Globex": "Globex", "": "", "a=b": "a=b",
	} {
		if got := inertCell(in); got != want {
			t.Errorf("inertCell(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	got := wrap("one two 東京 https://example.com/a/very/long/address end: run `go on --now` or ` again", 9)
	want := []string{"one two", "東京", "https://example.com/a/very/long/address", "end: run", "`go on --now`", "or `", "again"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMoney(t *testing.T) {
	num := func(v float64) *float64 { return &v }
	for _, tt := range []struct {
		amount   *float64
		currency string
		want     string
	}{
		{num(86000), "USD", "$86,000"}, {num(-1250.5), "USD", "-$1,250.50"}, {num(999), "EUR", "EUR 999"},
		{num(1234567), "", "1,234,567 (currency unknown)"}, {nil, "USD", "no amount"}, {num(0), "USD", "$0"},
	} {
		if got := money(&api.CheckOpportunity{Amount: tt.amount, Currency: tt.currency}); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"check", "explain", "export", "opportunities"}
	for in, want := range map[string]string{
		"chek": "check", "expotr": "export", "exp": "explain", "opportunity": "opportunities", "sync": "", "CHECK": "check", "x": "",
	} {
		if got := suggest(in, known); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("suggest(%q) = %q, want %q", in, got, want)
		}
	}
}
