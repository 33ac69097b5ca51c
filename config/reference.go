package config

import (
	_ "embed"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/holiday"
)

//go:embed testdata/pipetidy.yaml
var example string

// Reference is docs/config.md, printed from the structs that the file is read
// into, so that the document cannot say anything else than the program does.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Configuration

Printed from the code that reads the file; ` + "`go generate ./...`" + ` writes this page.

The configuration is one YAML file: ` + "`--config FILE`, else `$PIPETIDY_CONFIG`, else `./pipetidy.yaml`" + `. Check it with
` + "`pipetidy config check`" + `, which shows all mistakes at once, each with its line. Nothing is guessed: a key that is not
on this page is a mistake.

Secrets never stand in the file. Wherever a key takes a secret, write where the secret is kept:

` + "```yaml" + `
token: {env: SLACK_BOT_TOKEN}          # an environment variable
token: {file: /run/secrets/slack}      # a file of mode 0600, relative to this file
` + "```" + `

A secret is read each time it is needed, so a changed secret needs no restart. A file that others can read is refused,
unless systemd (` + "`$CREDENTIALS_DIRECTORY`" + `) or Kubernetes guards it. A command reads only the secrets that it uses.

`)
	section(&b, "The file", "", reflect.TypeFor[file]())
	section(&b, "people.list[]", "An address belongs to one person only. Deals are counted by person, not by address.", reflect.TypeFor[personEntry]())
	section(&b, "sources[]", "Keys of every source. Its other keys depend on the type.\n\n"+
		"Where a source has `fields`, the name `same_as` says which field holds the id of the same deal in another source: "+
		"`{same_as: HubSpot_Deal_Id__c}`. Such a deal is judged and counted once, in the source with the field; a deal that is closed in one source is not judged in the other, and activities count whichever source they are in. The other sources are not judged before the source with the field was read completely once. A value that names no deal is said by `sync`, `status` and `config check --online`. "+
		"The names `on_hold_until` (a date) and `on_hold_reason` say where the owner of a deal parks it: `{on_hold_until: On_Hold_Until__c, on_hold_reason: On_Hold_Reason__c}`. "+
		"Without the first, an open task parks its deal (park.task_subject).", reflect.TypeFor[sourceCommon]())
	for _, t := range all.Sources() {
		section(&b, "sources[] of type "+t.Name, "", reflect.TypeOf(t.New()).Elem())
	}
	section(&b, "teams[]", "An address that no CRM knows is said by `pipetidy sync`, `status` and `config check --online`. Where it is a user's with a slip "+
		"(the same name at a domain that is a slip away, or one slip in a name of five letters or more), it gets no digest, "+
		"because the data of deals would go to a stranger, until it is corrected or named under `people.list`.", reflect.TypeFor[teamEntry]())
	section(&b, "away.list[]", "While a rep is away, the rep gets no list, and no limit runs on the rep's deals. Who covers gets what is high or due in the commit in the list of their own deals, "+
		"under the name of who is away; the manager reads of both on the deals and in the row of the rep. While a manager is away, the deputy gets the digest. "+
		"A row that is not understood is said by `config check`, `status` and `sync`, with its line and column, and the other rows count; a file that cannot be read changes nothing while the program runs.", reflect.TypeFor[absenceEntry]())
	section(&b, "business_hours.freezes[]", "", reflect.TypeFor[freezeEntry]())
	section(&b, "holidays.NAME", "The countries that are known: `"+strings.Join(holiday.Codes(), "`, `")+"`; their holidays are those of the library rickar/cal. "+
		"Holidays and what is added to them are no business days of whoever has them, so no limit runs on them; and nobody gets a digest on a day off. Whose holidays count: the person's, "+
		"else those of the team. A change of them is a change of what deals are judged by: what ends or begins by it is nobody's work. "+
		"Of a calendar file, events of whole days count, on their dates, and those that are repeated every year on one date; any other event is said by `config check`, `status` and `sync`, with its line, and the rest of the file counts. "+
		"A file that cannot be read, or is cut, changes nothing while the program runs.", reflect.TypeFor[holidayEntry]())
	section(&b, "pipelines[]", "", reflect.TypeFor[pipelineEntry]())
	section(&b, "pipelines[].stages.STAGE", "Fields that a definition can require: `"+strings.Join(standardFields, "`, `")+"`, and the names under `fields` of the source.", reflect.TypeFor[stageEntry]())
	ruleSection(&b)
	section(&b, "escalate[]", "A finding that is parked, folded, or not told to the manager does not go on. What the digest of the manager said a day ahead goes on; where that digest was not sent, nothing does.", reflect.TypeFor[escalateEntry]())
	section(&b, "events[]", "", reflect.TypeFor[eventEntry]())
	section(&b, "digests[]", "", reflect.TypeFor[digestEntry]())
	section(&b, "notify", "Besides the keys in this table, notify has one key for each channel.", reflect.TypeFor[notifyCommon]())
	for _, t := range all.Notifiers() {
		section(&b, "notify."+string(t.Channel), "", reflect.TypeOf(t.New()).Elem())
	}
	section(&b, "http", "", reflect.TypeFor[httpEntry]())
	b.WriteString("## Example\n\n```yaml\n" + strings.TrimSpace(example) + "\n```\n")
	return b.String()
}

// section prints one struct, and below it the structs of its fields.
func section(b *strings.Builder, title, intro string, t reflect.Type) {
	fmt.Fprintf(b, "## %s\n\n", title)
	if intro != "" {
		b.WriteString(intro + "\n\n")
	}
	b.WriteString("| key | takes | without it | meaning |\n|---|---|---|---|\n")
	for _, f := range form.FieldsOf(t) {
		without := f.Default
		switch {
		case f.Required:
			without = "**required**"
		case without == "":
			without = "none"
		}
		meaning := f.Doc
		if f.Example != "" {
			meaning += " Example: `" + f.Example + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.Name, cell(takes(&f)), cell(without), cell(meaning))
	}
	b.WriteString("\n")
	for _, f := range form.FieldsOf(t) {
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && len(form.FieldsOf(inner)) > 0 && inner != reflect.TypeFor[httpEntry]() {
			section(b, title+": "+f.Name, "", inner)
		}
	}
}

// describer is a type of a key that is written in a form of its own.
type describer interface {
	Takes() string // the form, as docs/config.md names it
}

// takes names what a key accepts.
func takes(f *form.Field) string {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case len(f.Values) > 0:
		return "`" + strings.Join(f.Values, "`, `") + "`"
	case form.IsSecret(t):
		return "a secret"
	case t == reflect.TypeFor[time.Duration]():
		return "a duration: `15m`, `1h30m`"
	}
	if d, ok := reflect.TypeAssert[describer](reflect.Zero(t)); ok {
		return d.Takes()
	}
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return "a list"
		}
		return "a list of keys"
	case reflect.Map, reflect.Struct:
		return "keys"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	}
	return "text"
}

func ruleSection(b *strings.Builder) {
	quoted := hygiene.SeverityNames()
	for i, name := range quoted {
		quoted[i] = "`" + name + "`"
	}
	b.WriteString("## rules\n\nEach rule takes `off` (or `false`), `on`, or its settings, with which it is on as well. [rules.md](rules.md) says what the settings mean. " +
		"Every rule takes `severity`: " + form.List(quoted) + ".\n\n" +
		"Days are written with what they are: `14bd` are business days, `30d` are calendar days. A setting takes those that its rule counts, which the table shows, and refuses the others. " +
		"A bare number is taken where business days are counted, and under a key named `days`.\n\n" +
		"| rule | severity | runs | settings: default, least to most |\n|---|---|---|---|\n")
	for _, r := range rules.All() {
		var settings []string
		for _, p := range r.Params {
			settings = append(settings, fmt.Sprintf("`%s`: %s, %s to %s", p.Name, p.Write(p.Default), p.Write(p.Min), p.Write(p.Max)))
		}
		runs := "yes"
		if r.Offer != "" {
			runs = "on offer"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", r.ID, r.Severity, runs, cell(strings.Join(settings, "; ")))
	}
	b.WriteString("\n")
}

// cell keeps a text inside its cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
