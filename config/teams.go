package config

import (
	"cmp"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/hygiene"
)

func (b *builder) teams() {
	names := map[string]bool{}
	member := map[string]string{} // address → team
	b.locale("locale", b.file.Locale)
	for i, t := range b.file.Teams {
		path := "teams[" + strconv.Itoa(i) + "]"
		switch {
		case strings.TrimSpace(t.Name) == "":
			if b.form.Has(path + ".name") {
				b.report(path+".name", "is empty; write a name")
			}
		case strings.ContainsRune(t.Name, '|'):
			b.report(path+".name", "a name cannot hold |, which separates the parts of a delivery's id")
		case names[strings.ToLower(t.Name)]:
			b.report(path+".name", "two teams are called %s; names are unique", form.Quote(t.Name))
		}
		names[strings.ToLower(t.Name)] = true
		b.formerNames(path, i)
		out := hygiene.Team{Name: t.Name, Was: t.Was, Parent: t.Parent, Calendar: &hygiene.Calendar{Location: b.out.Location}}
		out.Locale = b.locale(path+".locale", cmp.Or(t.Locale, b.file.Locale))
		if t.Timezone != nil && t.Timezone.Location != nil {
			out.Calendar.Location = t.Timezone.Location
		}
		if t.LiveFrom != nil {
			out.LiveFrom = t.LiveFrom.Date
		}
		if b.form.Has(path + ".manager") {
			out.Manager = b.out.People.Email(b.address(path+".manager", t.Manager))
		}
		if t.Deputy != "" {
			if out.Deputy = b.out.People.Email(b.address(path+".deputy", t.Deputy)); out.Deputy == out.Manager && out.Deputy != "" {
				b.report(path+".deputy", "%s is the manager; name somebody else", out.Deputy)
			}
		}
		if b.form.Has(path+".members") && len(t.Members) == 0 && !b.above(t.Name) {
			b.report(path+".members", "a team without members has no deals; name at least one member")
		}
		for j, m := range t.Members {
			at := path + ".members[" + strconv.Itoa(j) + "]"
			address := b.out.People.Email(b.address(at, m))
			if address == "" {
				continue
			}
			switch team, twice := member[address]; {
			case twice && team == t.Name:
				b.report(at, "%s is in this list twice", address)
			case twice:
				b.report(at, "%s is already in team %s; everybody is in one team", address, team)
			}
			member[address] = t.Name
			out.Members = append(out.Members, address)
		}
		b.out.Teams.List = append(b.out.Teams.List, out)
	}
}

// locales are languages with a country where that matters, as CLDR writes them.
var locales = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`)

// locale checks how amounts are written.
func (b *builder) locale(path, name string) string {
	if name != "" && b.form.Has(path) && !locales.MatchString(name) {
		b.report(path, "must be a language in small letters, with a country in capital letters where that matters, as in de or en-GB")
	}
	return name
}

// formerNames checks that each former name was the name of one team, and is of none now.
func (b *builder) formerNames(path string, of int) {
	for j, was := range b.file.Teams[of].Was {
		at := path + ".was[" + strconv.Itoa(j) + "]"
		for i, t := range b.file.Teams {
			switch {
			case t.Name == was:
				b.report(at, "a team is called %s now; was is for names that no team has any more", form.Quote(was))
			case i < of && slices.Contains(t.Was, was):
				b.report(at, "%s is already a former name of team %s", form.Quote(was), form.Quote(t.Name))
			}
		}
	}
}

// address checks a plain e-mail address and returns it in lower case; "" after
// a report.
func (b *builder) address(path, s string) string {
	address, ok := plainAddress(s)
	if !ok {
		b.report(path, "%s", notAnAddress(s))
	}
	return address
}

// plainAddress returns s in lower case; ok is false where s is no e-mail address, or
// an address with a name.
func plainAddress(s string) (address string, ok bool) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || strings.ContainsAny(s, "|\r\n\x00") {
		return "", false
	}
	return strings.ToLower(s), true
}

func notAnAddress(s string) string {
	return form.Quote(s) + " is not an e-mail address; write it as in name@example.com"
}
