package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/config"
)

// Ways in which people write a secret where only a reference to a secret belongs.
var inlined = []string{
	`token: hunter2`,
	`token: "hunter2"`,
	"token: \"hun\\\n      ter2 hunter2\"",
	"token: 'hunter2\n\n      hunter2'",
	"token: hunter2\n      hunter2",
	"token: |\n      hunter2\n      hunter2",
	"token: >-\n      hunter2\n\n      hunter2",
	"token:\n      - hunter2\n      - hunter2",
	"token:\n      env: [hunter2,\n        hunter2]",
	"token: {value: hunter2,\n      other: hunter2}",
	"token: &t hunter2\n    url: *t",
	"token: !!str hunter2",
	`token: {env: "hunter2 hunter2"}`,
	"token: # not here\n      hunter2",
	"TOKEN: hunter2",
	"tokn: hunter2",
	"bot: {hunter2: hunter2}",
	"? token\n    : hunter2",
	"? [token, hunter2]\n    : hunter2",
	"token: hunter2 # hunter2 again",
	`"to\u006ben": hunter2`,
	"url: https://hunter2:hunter2@slack.com/api",
}

// Ways in which a line is broken, each of them a mistake with an excerpt.
var broken = []func(line string) string{
	func(l string) string { return l + "\n" + l },
	func(l string) string { return strings.Replace(l, ":", "", 1) },
	func(l string) string { return "\t" + l },
	func(l string) string { return " " + l },
	func(l string) string { return l + ` "` },
	func(l string) string { return l + " }" },
	func(l string) string { return strings.Replace(l, ": ", ": @", 1) },
	func(l string) string { return strings.Replace(l, ": ", ": {", 1) },
	func(l string) string { return l + "\n---" },
	func(l string) string { return strings.Replace(l, ":", "x:", 1) },
}

// TestNoProblemHoldsASecret writes a secret into the file in every way, breaks each
// line in every way, and looks for the secret in the messages and excerpts.
func TestNoProblemHoldsASecret(t *testing.T) {
	const reference = "token: {env: SLACK_BOT_TOKEN}"
	file := minimal + "notify:\n  slack:\n    " + reference + `
  email:
    host: smtp.acme.example
    password: {file: smtp}
    username: pipetidy
    from: Pipetidy <pipetidy@acme.example>
    allow: [acme.example]
teams:
  - name: West
    manager: maria@acme.example
    members:
      - ana@acme.example
digests:
  - {name: manager-daily, for: managers, at: "08:30", via: slack, else: email}
`
	problems := 0
	for _, way := range inlined {
		lines := strings.Split(strings.Replace(file, reference, way, 1), "\n")
		for i, line := range lines {
			for j, breakIt := range broken {
				lines[i] = breakIt(line)
				_, err := config.Parse([]byte(strings.Join(lines, "\n")))
				lines[i] = line
				if err == nil {
					continue
				}
				problems++
				for _, shown := range []string{err.Error(), fmt.Sprintf("%+v %q", err, err)} {
					if strings.Contains(shown, "hunter2") || strings.Contains(shown, "ter2") {
						t.Fatalf("%s\nline %d broken in way %d: %s", way, i+1, j, shown)
					}
				}
			}
		}
	}
	if problems < 4_000 {
		t.Errorf("only %d files were found wrong", problems)
	}
}
