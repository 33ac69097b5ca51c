package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
)

const minimal = `timezone: Europe/Berlin
sources:
  - name: sales
    type: salesforce
    url: http://127.0.0.1:8080/
    auth: {flow: client_credentials, client_id: x, client_secret: {file: secrets/salesforce}}
`

func TestDefaults(t *testing.T) {
	c, err := config.Parse([]byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Sources[0]
	if s.Every != 15*time.Minute || s.Cron != "" || s.Budget != 0.2 {
		t.Errorf("source: %+v", s)
	}
	if c.DataDir != "/etc/pipetidy/data" || c.HTTP.Listen != "" || c.Notify.Resend {
		t.Errorf("got %+v", c)
	}
	secret := s.Connector.(*salesforce.Config).Auth.ClientSecret
	if secret.File != "/etc/pipetidy/secrets/salesforce" {
		t.Errorf("secret file %q is not beside the configuration", secret.File)
	}
	c, err = config.Parse([]byte(minimal + "notify: {slack: {token: {file: ../slack}}, email: {host: h, from: a@x.example, username: u, password: {file: /smtp}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if f := c.Notify.Channels[delivery.Slack].(*slack.Config).Token.File; f != "/etc/slack" {
		t.Errorf("secret file %q is not relative to the configuration", f)
	}
	if e := c.Notify.Channels[delivery.Email].(*email.Config); e.Password.File != "/smtp" || e.TLS != "starttls" {
		t.Errorf("got %+v", e)
	}
}

func TestWaysToWriteIt(t *testing.T) {
	for name, yaml := range map[string]string{
		"byte order mark": "\uFEFF" + minimal,
		"windows lines":   strings.ReplaceAll(minimal, "\n", "\r\n"),
		"document marks":  "---\n" + minimal + "...\n",
		"empty sections":  minimal + "teams:\nrules:\ndigests:\nnotify:\nhttp:\npipelines:\n",
		"anchor":          strings.Replace(minimal, "Europe/Berlin", "&tz Europe/Berlin", 1) + "company: &c Acme\nteams: [{name: *c, manager: m@x.example, members: [a@x.example], timezone: *tz}]\n",
		"flow":            "{timezone: UTC, sources: [{name: s, type: salesforce, url: 'https://x.my.salesforce.com', auth: {flow: client_credentials, client_id: 12345, client_secret: {env: S}}}]}",
		"cron":            minimal + "    cron: \"*/15 6-20 * * 1-5\"\n",
		"stage numbers":   minimal + "pipelines: [{source: sales, name: 12345, stages: {1: {late: yes}, on hold: {max_days: 3}, done:}}]\n",
		"secret in block": strings.Replace(minimal, "client_secret: {file: secrets/salesforce}}", "client_secret: {\"env\": 'S'}}", 1),
	} {
		if _, err := config.Parse([]byte(yaml)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSwitchingARuleOff(t *testing.T) {
	for word, off := range map[string]bool{
		"off": true, "false": true, "Off": true, "OFF": true, "no": true, `"off"`: true,
		"on": false, "true": false, "": false, "{}": false, "{severity: low}": false,
	} {
		c, err := config.Parse([]byte(minimal + "rules:\n  no-activity: " + word + "\n"))
		if err != nil {
			t.Errorf("%q: %v", word, err)
			continue
		}
		if got := c.Rules["no-activity"].Off; got != off {
			t.Errorf("%q: off is %v, want %v", word, got, off)
		}
	}
	c, err := config.Parse([]byte(minimal + "rules: {no-activity: {days: 9, severity: low}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Rules["no-activity"]; got.Params["days"] != 9 || got.Severity != hygiene.Low {
		t.Errorf("got %+v", got)
	}
}

// TestDaysOfRules: a setting takes the days that its rule counts, with their unit, or bare
// where that is no question; what it refuses is under testdata/mistakes.
func TestDaysOfRules(t *testing.T) {
	for _, c := range []struct {
		rule, setting, value string
		want                 float64
	}{
		{"no-activity", "days", "9", 9},
		{"no-activity", "days", "9bd", 9},
		{"owner-missing", "grace", "2", 2},
		{"owner-missing", "grace", "0bd", 0},
		{"deal-too-old", "days", "200", 200},
		{"deal-too-old", "days", "200d", 200},
		{"no-future-activity", "closing", "45d", 45},
		{"no-future-activity", "closing", "0", 0},
		{"close-date-pushed", "times", "3", 3},
	} {
		got, err := config.Parse([]byte(minimal + "rules: {" + c.rule + ": {" + c.setting + ": " + c.value + "}}\n"))
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		if v, ok := got.Rules[c.rule].Params[c.setting]; !ok || v != c.want {
			t.Errorf("%+v: got %v, %v", c, v, ok)
		}
	}
	got, err := config.Parse([]byte(minimal + "pipelines: [{source: sales, stages: {A: {max_days: 7}, B: {max_days: 8bd}}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Pipelines["sales"][0].Stages; s[0].MaxDays != 7 || s[1].MaxDays != 8 {
		t.Errorf("got %+v", s)
	}
}

// TestSkipAndCommit proves that every type of source takes the keys skip and commit.
func TestSkipAndCommit(t *testing.T) {
	const keys = "    skip: {pipelines: [Renewal]}\n    commit: [Commit, Most Likely]\n"
	hubspot := "timezone: UTC\nsources:\n  - name: partners\n    type: hubspot\n    token: {env: T}\n"
	for _, yaml := range []string{minimal, hubspot} {
		c, err := config.Parse([]byte(yaml + keys))
		if err != nil {
			t.Fatal(err)
		}
		if s := c.Sources[0]; !slices.Equal(s.Skip, []string{"Renewal"}) || !slices.Equal(s.Commit, []string{"Commit", "Most Likely"}) {
			t.Errorf("got %+v", s)
		}
	}
	c, err := config.Parse([]byte(minimal))
	if err != nil || c.Sources[0].Skip != nil || c.Sources[0].Commit != nil {
		t.Errorf("without the keys: %+v, %v", c.Sources[0], err)
	}
}

func TestStagesKeepTheOrderOfTheFile(t *testing.T) {
	c, err := config.Parse([]byte(minimal + "pipelines: [{source: sales, stages: {Zulu: {}, Alpha: {}, Mike: {}}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	p := c.Pipelines["sales"][0]
	if p.Name != "*" {
		t.Errorf("name %q, want *", p.Name)
	}
	for i, want := range []string{"Zulu", "Alpha", "Mike"} {
		if p.Stages[i].Name != want || p.Stages[i].Order != i {
			t.Errorf("stage %d: %+v, want %s", i, p.Stages[i], want)
		}
	}
}

func TestPath(t *testing.T) {
	none := func(string) string { return "" }
	env := func(name string) string { return map[string]string{"PIPETIDY_CONFIG": "/etc/p.yaml"}[name] }
	for _, c := range []struct {
		flag string
		env  func(string) string
		want string
	}{{"", none, "pipetidy.yaml"}, {"", env, "/etc/p.yaml"}, {"x.yaml", env, "x.yaml"}} {
		if got := config.Path(c.flag, c.env); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestUnreadableFiles(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): "there is no such file; name one with --config",
		dir:                             "is a directory; name the file in it",
		large:                           "is larger than 1024 KiB",
	} {
		_, err := config.Load(path)
		var ps config.Problems
		if !errors.As(err, &ps) || !strings.Contains(err.Error(), path+": "+want) {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

// TestLargeFilesAreNotRead: of a file that is not the right one no more is read than it
// takes to see that.
func TestLargeFilesAreNotRead(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 256<<20); err != nil {
		t.Fatal(err)
	}
	people := filepath.Join(dir, "pipetidy.yaml")
	if err := os.WriteFile(people, []byte(minimal+"people: {file: large}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{large, people} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := config.Load(path)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "is larger than 1024 KiB") || after.TotalAlloc-before.TotalAlloc > 32<<20 {
			t.Errorf("%s: %d MiB, %v", path, (after.TotalAlloc-before.TotalAlloc)>>20, err)
		}
	}
}

func TestCheckSecrets(t *testing.T) {
	c, err := config.Load("testdata/pipetidy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SALESFORCE_CLIENT_SECRET", "hunter2")
	t.Setenv("SLACK_BOT_TOKEN", "")
	unset(t, "SMTP_PASSWORD")
	got := c.CheckSecrets().Error()
	for _, want := range []string{
		"notify.slack.token: environment variable SLACK_BOT_TOKEN is empty",
		"notify.email.password: environment variable SMTP_PASSWORD is not set",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "SALESFORCE") || strings.Contains(got, "hunter2") {
		t.Errorf("got:\n%s", got)
	}
	t.Setenv("SLACK_BOT_TOKEN", "hunter2")
	t.Setenv("SMTP_PASSWORD", "hunter2")
	if ps := c.CheckSecrets(); len(ps) > 0 {
		t.Errorf("with all secrets present: %v", ps)
	}
}

// unset takes a variable out of the environment until the test ends: whoever
// configured Pipetidy has it set.
func unset(t *testing.T, name string) {
	t.Helper()
	t.Setenv(name, "")
	if err := os.Unsetenv(name); err != nil {
		t.Fatal(err)
	}
}

// A secret that cannot be used, although it can be read, is found before anybody
// signs in.
func TestCheckSecretsLooksIntoKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sf.pem")
	if err := os.WriteFile(file, []byte("-----BEGIN EC PRIVATE KEY-----\naHVudGVyMg==\n-----END EC PRIVATE KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse([]byte("{timezone: UTC, sources: [{name: s, type: salesforce, url: 'https://x.my.salesforce.com', auth: {flow: jwt_bearer, client_id: x, username: u, key: {file: '" + file + "'}}}]}"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.CheckSecrets().Error(); !strings.Contains(got, "sources[0].auth.key: the private key is no RSA key") || strings.Contains(got, "aHVudGVyMg") {
		t.Errorf("got:\n%s", got)
	}
}

func TestExcerptOfALongLine(t *testing.T) {
	var members strings.Builder
	for i := range 400 {
		fmt.Fprintf(&members, "rep%d@x.example, ", i)
	}
	yaml := minimal + "teams: [{name: West, manager: m@x.example, members: [" + members.String() + "nobody]}]\n"
	_, err := config.Parse([]byte(yaml))
	var ps config.Problems
	if !errors.As(err, &ps) {
		t.Fatal(err)
	}
	last := ps[len(ps)-1]
	text, caret, _ := strings.Cut(last.Excerpt, "\n")
	at := len([]rune(caret)) - 1
	if r := []rune(text); len(r) > 130 || at >= len(r) || !strings.HasPrefix(string(r[at:]), "nobody") {
		t.Errorf("got\n%s", last.Excerpt)
	}
}

func TestExcerptsAreInert(t *testing.T) {
	_, err := config.Parse([]byte(strings.Replace(minimal, "Europe/Berlin", "\"Eur\u202eope\u001b[31m\"", 1)))
	if err == nil || strings.ContainsAny(err.Error(), "\u202e\u001b") {
		t.Errorf("got %q", err)
	}
}

func TestAliasesCannotExplode(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for _, c := range "bcdefgh" {
		name, before := string(c), string(c-1)
		bomb += name + ": &" + name + " [" + strings.Repeat("*"+before+", ", 9) + "*" + before + "]\n"
	}
	if _, err := config.Parse([]byte(minimal + bomb + "company: *h\n")); err == nil {
		t.Error("loaded")
	}
	var digests strings.Builder // each digest is right; together they hold too many values
	fmt.Fprintf(&digests, "digests:\n  - {name: d, for: managers, at: '08:30', via: slack, days: &d [%smonday]}\n", strings.Repeat("monday, ", 2000))
	for i := range 200 {
		fmt.Fprintf(&digests, "  - {name: d%d, for: managers, at: '08:30', via: slack, days: *d}\n", i)
	}
	if _, err := config.Parse([]byte(minimal + digests.String())); err == nil || !strings.Contains(err.Error(), "more than 200000 values") {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yaml", "testdata/mistakes/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range files {
			b, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	for _, way := range inlined {
		f.Add([]byte(minimal + "notify:\n  slack:\n    " + way))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := config.Parse(b)
		var ps config.Problems
		switch {
		case (c == nil) == (err == nil):
			t.Fatalf("got %v and %v", c, err)
		case err != nil && !errors.As(err, &ps):
			t.Fatalf("error is no Problems: %T", err)
		}
		for i, p := range ps {
			if p.Message == "" || p.Line < 0 || i > 0 && p.Line < ps[i-1].Line {
				t.Fatalf("problem %d: %+v", i, p)
			}
		}
		if err != nil && strings.ContainsRune(err.Error(), '\u001b') {
			t.Fatalf("control character in %q", err)
		}
	})
}

// TestReadersOutsideWhereMailMayGo proves that a reader whom mail may not reach is a
// mistake only where a digest goes to that reader by mail.
func TestReadersOutsideWhereMailMayGo(t *testing.T) {
	const readers = "teams: [{name: West, manager: m@y.example, members: [a@x.example]}]\n" +
		"notify: {slack: {token: {env: T}}, email: {host: h, from: a@x.example}}\n"
	for name, yaml := range map[string]string{
		"only slack":        "digests: [{name: d, for: managers, at: \"08:30\", via: slack}]\n",
		"not to managers":   "digests: [{name: d, for: reps, at: \"08:30\", via: email}]\n",
		"to one address":    "digests: [{name: d, for: managers, at: \"08:30\", via: email}]\nmode: {deliver: redirect, to: ops@x.example}\n",
		"nothing is sent":   "",
		"another's problem": "digests: [{name: d, for: reps, at: \"08:30\", via: slack, else: email}]\n",
	} {
		if _, err := config.Parse([]byte(minimal + readers + yaml)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
