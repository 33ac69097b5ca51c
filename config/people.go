package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/hygiene"
)

// slackID is the form of a member's id in Slack.
var slackID = regexp.MustCompile(`^[UW][A-Z0-9]{6,}$`)

// people joins the addresses of each person.
func (b *builder) people() {
	j := joiner{builder: b, of: map[string]string{}, member: map[string]string{}}
	for i, p := range b.file.People.List {
		path := "people.list[" + strconv.Itoa(i) + "]"
		if !b.form.Has(path + ".email") {
			continue // reported as missing
		}
		j.add(p, func(key string) (string, string) { return path + "." + key, "" })
	}
	if b.form.Has("people.file") {
		b.peopleFile(&j)
	}
}

// joiner gathers people and keeps their addresses apart.
type joiner struct {
	*builder
	of     map[string]string // address → first address of its person
	member map[string]string // id in Slack → first address of its person
}

// add takes one person. at says where a key of the person stands: the key's path,
// and words to put before a mistake in the key.
func (j *joiner) add(p personEntry, at func(key string) (path, prefix string)) {
	report := func(key, format string, args ...any) {
		path, prefix := at(key)
		message := prefix + fmt.Sprintf(format, args...)
		if prefix != "" { // many lines of a file share one path
			j.form.Report(path, "%s", message)
			return
		}
		j.report(path, "%s", message)
	}
	first := ""
	var own []string
	claim := func(key, s string) bool {
		address, ok := plainAddress(s)
		if !ok {
			report(key, "%s", notAnAddress(s))
			return false
		}
		if slices.Contains(own, address) {
			report(key, "%s is here twice", address)
			return false
		}
		switch other, taken := j.of[address]; {
		case taken && other == address:
			report(key, "%s is already described; write each person once", address)
			return false
		case taken:
			report(key, "%s is already an address of %s; an address belongs to one person only", address, other)
			return false
		}
		if first == "" {
			first = address
		}
		own = append(own, address)
		j.of[address] = first
		return true
	}
	if !claim("email", p.Email) {
		return
	}
	j.out.Declared = append(j.out.Declared, first)
	for i, a := range p.Also {
		if claim("also["+strconv.Itoa(i)+"]", a) {
			if j.out.People == nil {
				j.out.People = hygiene.People{}
			}
			j.out.People[own[len(own)-1]] = first
		}
	}
	if p.Start != nil && !p.Start.IsZero() {
		j.started(first, p.Start.Date)
	}
	if p.Country != "" {
		path, prefix := at("country")
		j.ownHolidays = append(j.ownHolidays, ownHolidays{first, p.Country, path, prefix})
	}
	if p.Slack == "" {
		return
	}
	switch other, taken := j.member[p.Slack]; {
	case !slackID.MatchString(p.Slack):
		report("slack", "%s is not a member id of Slack; copy the id from the person's profile, as in U012AB3CD", form.Quote(p.Slack))
		return
	case taken:
		report("slack", "%s is already the member id of %s; an id belongs to one person only", p.Slack, other)
		return
	}
	j.member[p.Slack] = first
	if j.out.SlackIDs == nil {
		j.out.SlackIDs = map[string]string{}
	}
	for _, a := range own {
		j.out.SlackIDs[a] = p.Slack
	}
}
