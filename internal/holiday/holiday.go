// Package holiday says on which days nobody works: the public holidays of countries, as
// the library rickar/cal has them, and the all-day events of calendar files (ICS). Who has
// which holidays is the business of the configuration.
package holiday

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/spelling"
)

// The years whose holidays are known. Deals are judged by days that lie behind, and their
// plans reach some years ahead.
const (
	FirstYear = 2015
	LastYear  = 2050
)

// Codes lists the codes of the countries that are known.
func Codes() []string {
	out := make([]string, len(countries))
	for i := range countries {
		out[i] = countries[i].code
	}
	return out
}

// Known reports whether there is a country of that code.
func Known(code string) bool { return slices.Contains(Codes(), code) }

// Of lists the public holidays of a country, and of its region where one is named, on the
// days on which they are observed. why is what each is called. The error of an unknown code
// or region says which was probably meant.
func Of(code, region, why string) ([]hygiene.DayOff, error) {
	at := slices.IndexFunc(countries, func(c country) bool { return c.code == code })
	if at < 0 {
		return nil, fmt.Errorf("no country has the code %s%s", quoted(code), meant(code))
	}
	c := &countries[at]
	list := c.holidays
	switch {
	case region != "" && len(c.regions) == 0:
		return nil, fmt.Errorf("no regions of %s are known; remove the region, and write its own holidays under add", c.name)
	case region != "":
		if list = c.regions[region]; list == nil {
			return nil, fmt.Errorf("%s has no region %s; write one of %s", c.name, quoted(region), strings.Join(slices.Sorted(maps.Keys(c.regions)), ", "))
		}
	case list == nil:
		return nil, fmt.Errorf("%s has no holidays without a region; name one under holidays, as in {country: %s, region: %s}", c.name, code, slices.Sorted(maps.Keys(c.regions))[0])
	}
	return observed(list, why), nil
}

// observed are the days of the holidays in all years.
func observed(list []*cal.Holiday, why string) (days []hygiene.DayOff) {
	for year := FirstYear; year <= LastYear; year++ {
		for _, h := range list {
			if _, on := h.Calc(year); !on.IsZero() {
				y, m, d := on.Date()
				days = append(days, hygiene.DayOff{Date: crm.NewDate(y, m, d), Why: why})
			}
		}
	}
	return days
}

// habits are other names of countries than their codes.
var habits = map[string]string{
	"uk": "gb", "en": "gb", "eng": "gb", "england": "gb", "britain": "gb", "usa": "us", "america": "us", "jap": "jp", "aus": "au", "oz": "au",
	"deu": "de", "ger": "de", "dan": "dk", "swe": "se", "sv": "se", "sui": "ch", "che": "ch", "aut": "at", "cs": "cz", "el": "gr", "holland": "nl",
}

// meant says which country somebody who wrote word may have meant: by its name, or by a
// letter that differs.
func meant(word string) string {
	word = strings.ToLower(strings.TrimSpace(word))
	if code := habits[word]; code != "" {
		return fmt.Sprintf("; did you mean %q?", code)
	}
	var near []string
	for i := range countries {
		c := &countries[i]
		if name := strings.ToLower(c.name); len(word) > 3 && len(word) < 40 && spelling.Distance(word, name) <= len(name)/4 {
			return fmt.Sprintf("; did you mean %q (%s)?", c.code, c.name)
		}
		if len(word) == 2 && spelling.Distance(word, c.code) == 1 {
			near = append(near, c.code)
		}
	}
	if len(near) > 0 && len(near) <= 6 {
		return "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return "; write one of " + strings.Join(Codes(), ", ")
}

// quoted shows a word of a file, cut.
func quoted(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// Within reports whether the date is one that a list of days off may have.
func Within(d crm.Date) bool {
	return crm.NewDate(FirstYear, time.January, 1) <= d && d <= crm.NewDate(LastYear, time.December, 31)
}
