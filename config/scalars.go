package config

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine

	_ "embed"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/digest"
)

// zone is a time zone by its IANA name.
type zone struct{ *time.Location }

// Takes says how a zone is written.
func (zone) Takes() string { return "a time zone" }

//go:embed zones.txt
var zoneNames string

// abbreviations of zones, with places that they most often mean. The zone database has
// some of them: its EST and MST are never in summer time.
var abbreviations = map[string]string{
	"EST": "America/New_York", "EDT": "America/New_York", "ET": "America/New_York", "EST5EDT": "America/New_York",
	"CST": "America/Chicago", "CDT": "America/Chicago", "CT": "America/Chicago", "CST6CDT": "America/Chicago",
	"MST": "America/Denver or America/Phoenix", "MDT": "America/Denver", "MT": "America/Denver", "MST7MDT": "America/Denver",
	"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles", "PST8PDT": "America/Los_Angeles",
	"HST": "Pacific/Honolulu", "AKST": "America/Anchorage", "AST": "America/Halifax",
	"CET": "Europe/Berlin or Europe/Paris", "CEST": "Europe/Berlin or Europe/Paris", "MET": "Europe/Berlin", "EET": "Europe/Helsinki or Europe/Athens",
	"WET": "Europe/Lisbon", "BST": "Europe/London", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "SGT": "Asia/Singapore", "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
}

// Scalar marks the type as one that takes one word.
func (z *zone) Scalar() {}

func (z *zone) Read(v form.Value) {
	if !v.IsScalar() {
		v.Report("must be the name of a time zone such as America/New_York, not %s", v.Kind())
		return
	}
	name, ok := v.Text()
	if !ok {
		return
	}
	if places, ok := abbreviations[strings.ToUpper(name)]; ok {
		v.Report("time zone %s is an abbreviation, which does not say when clocks change; write the place, such as %s", form.Quote(name), places)
		return
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		hint := offset(name)
		if hint == "" {
			hint = form.Suggest(name, slices.DeleteFunc(strings.Fields(zoneNames), func(n string) bool { return abbreviations[n] != "" }))
		}
		if hint == "" {
			hint = "; write an IANA name such as America/New_York"
		}
		v.Report("time zone %s is not known%s", form.Quote(name), hint)
		return
	}
	z.Location = loc
}

// utc matches a distance from UTC as people write it: GMT+2, UTC-05:00, +2.
var utc = regexp.MustCompile(`^(?i:GMT|UTC|Etc/GMT|Etc/UTC)?([+-])0?([0-9]{1,2})(?::?00)?$`)

// offset says what to write for a distance from UTC. The zone of the database has the
// opposite sign, and changes no clocks in summer.
func offset(name string) string {
	m := utc.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	sign := map[string]string{"+": "-", "-": "+"}[m[1]]
	zone := "Etc/GMT" + sign + m[2]
	if _, err := time.LoadLocation(zone); err != nil {
		return ""
	}
	return fmt.Sprintf("; a distance from UTC does not say when clocks change: write the place, such as Europe/Berlin, or, where they never do, %q, whose sign is the opposite one: it is UTC%s%s", zone, m[1], m[2])
}

// percent is a share, written "20%".
type percent float64

// Takes says how a share is written.
func (percent) Takes() string { return "a percentage" }

// Scalar marks the type as one that takes one word.
func (p *percent) Scalar() {}

func (p *percent) Read(v form.Value) {
	digits, marked := strings.CutSuffix(v.Literal(), "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	switch {
	case err != nil || !marked || math.IsNaN(f):
		v.Report("must be a percentage such as 20%%")
	case f <= 0 || f > 100:
		v.Report("must be more than 0%% and at most 100%%")
	default:
		*p = percent(f / 100)
	}
}

// days is a time in whole days, written "5d".
type days int

// Takes says how days are written.
func (days) Takes() string { return "days: `5d`" }

const mostDays = 365

// Scalar marks the type as one that takes one word.
func (d *days) Scalar() {}

func (d *days) Read(v form.Value) {
	digits, marked := strings.CutSuffix(v.Literal(), "d")
	n, err := strconv.ParseUint(digits, 10, 32)
	switch {
	case err != nil || !marked:
		v.Report("must be a number of days such as 5d")
	case n > mostDays:
		v.Report("must be at most %dd", mostDays)
	default:
		*d = days(n)
	}
}

// businessDays is a time in whole business days, written "10bd".
type businessDays int

// Takes says how business days are written.
func (businessDays) Takes() string { return "business days: `10bd`" }

// Scalar marks the type as one that takes one word.
func (n *businessDays) Scalar() {}

func (n *businessDays) Read(v form.Value) {
	digits, marked := strings.CutSuffix(v.Literal(), "bd")
	got, err := strconv.ParseUint(digits, 10, 32)
	switch {
	case err != nil || !marked:
		v.Report("must be a number of business days such as 10bd")
	case got > mostDays:
		v.Report("must be at most %dbd", mostDays)
	default:
		*n = businessDays(got)
	}
}

var clockLike = regexp.MustCompile(`^([0-9]{1,2})[.:h]?([0-9]{2})?\s*([aApP][mM])?$`)

// clock is a time of day, written "08:30".
type clock struct{ digest.At }

// Takes says how a time is written.
func (clock) Takes() string { return "a time" }

// Scalar marks the type as one that takes one word.
func (c *clock) Scalar() {}

func (c *clock) Read(v form.Value) {
	if !v.IsScalar() {
		v.Report(`must be a time such as "08:30", not %s`, v.Kind())
		return
	}
	s := v.Literal()
	at, err := digest.ParseAt(s)
	if err != nil {
		v.Report("%s is not a time; write %q", form.Quote(s), guessClock(s))
	}
	c.At = at
}

// guessClock is what somebody who wrote s may have meant.
func guessClock(s string) string {
	m := clockLike.FindStringSubmatch(s)
	if m == nil {
		return "08:30"
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2]) // none is zero
	switch strings.ToLower(m[3]) {
	case "pm":
		hour = hour%12 + 12
	case "am":
		hour %= 12
	}
	if hour > 23 || minute > 59 {
		return "08:30"
	}
	return fmt.Sprintf("%02d:%02d", hour, minute)
}
