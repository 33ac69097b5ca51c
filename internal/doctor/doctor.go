// Package doctor compares the configuration with what the sources know: addresses that
// no CRM has, two sources on one account. [Compare] is pure. What a source has not been
// asked, or does not show to the login, is unknown, and unknown is no mistake.
// Mistakes inside the file are the business of package config.
package doctor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/spelling"
)

// File is what the configuration says of people and accounts.
type File struct {
	Teams  []hygiene.Team
	People hygiene.People
	// Declared are the addresses that the file itself vouches for, as the director's who
	// is in no CRM: those under people and ops.notify.
	Declared []string
	Currency string             // currency.report
	Rates    map[string]float64 // currency.rates
}

// Source is what one source knows.
type Source struct {
	Name  string
	Info  crm.Info
	Users map[string]*crm.User
	// AllUsers says that the users have been read to the end, and that none is known to
	// be hidden from the login. Without it, the absence of an address says nothing.
	AllUsers bool
	Logins   []string // ids and addresses of the tools that the file names, if any
}

// Mistake is one thing that the file says and no CRM knows.
type Mistake struct {
	Place  string // the key, as in "teams West: manager"
	Value  string
	Near   string // the known value that was probably meant, "" is none
	Source string // the source that it is about, "" is none in particular
	// Mistyped says that the value is an address to which no digest may go, because it
	// can hardly be another person's than the one of Near.
	Mistyped bool
	Text     string // all of it in a sentence that ends in what to do
}

// Compare lists the mistakes in the order of the file.
func Compare(f *File, sources []Source) []Mistake {
	out := append(accounts(sources), addresses(f, sources)...)
	out = append(out, logins(sources)...)
	out = append(out, fields(sources)...)
	return append(out, currencies(f, sources)...)
}

// Unnamed says what to do with sources that the cache has and the file does not name.
func Unnamed(old, sources []Source) (out []Mistake) {
	for _, o := range old {
		m := Mistake{Place: "sources", Value: o.Name}
		m.Text = "sources: the cache has a source " + o.Name + " that the file does not name, so its deals are neither judged nor counted"
		for _, s := range sources {
			if o.Info.Account != "" && o.Info.Account == s.Info.Account && o.Info.Type == s.Info.Type {
				m.Near = s.Name
				m.Text += fmt.Sprintf("; %s reads the same account: if it was renamed, give it back the name %s, so that findings keep their age", s.Name, o.Name)
			}
		}
		m.Text += fmt.Sprintf("; if it is not to come back, run `pipetidy forget %s`", o.Name)
		out = append(out, m)
	}
	return out
}

// accounts finds sources that read one and the same account.
func accounts(sources []Source) (out []Mistake) {
	for i := range sources {
		if first := Twin(sources, i); first != "" {
			s := &sources[i]
			out = append(out, Mistake{Place: "sources", Value: s.Name, Source: s.Name, Text: fmt.Sprintf(
				"sources: %s and %s read the same account (%s), so %s is not judged: its deals would count twice; remove one of them",
				first, s.Name, s.Info.Account, s.Name)})
		}
	}
	return out
}

// Twin is the name of an earlier source with the account of the source at i, "" is none.
func Twin(sources []Source, i int) string {
	for _, s := range sources[:i] {
		if s.Info.Account != "" && s.Info.Account == sources[i].Info.Account && s.Info.Type == sources[i].Info.Type {
			return s.Name
		}
	}
	return ""
}

// fields finds fields that the file names and the CRM does not have, or not for this
// login. The source says why; what it does not blame on the file is no mistake of the file.
func fields(sources []Source) (out []Mistake) {
	for i := range sources {
		s := &sources[i]
		for _, name := range slices.Sorted(maps.Keys(s.Info.Why)) {
			why := s.Info.Why[name]
			if !OfFile(name, why) {
				continue
			}
			without := "until then rules that require it are unknown"
			switch name {
			case crm.SameAs:
				without = "until then a deal that two CRMs have is counted twice"
			case "currency":
				without = "until then amounts are shown without a currency and in no sum"
			}
			out = append(out, Mistake{Place: "sources " + s.Name + ": fields." + name, Source: s.Name, Text: s.Name + ": " + why + "; " + without})
		}
	}
	return out
}

// OfFile reports whether the reason why a field is hidden blames the file.
func OfFile(field, why string) bool { return strings.Contains(why, "fields."+field) }

// Near is the word among known that was probably meant, "" is none.
func Near(word string, known []string) string {
	set := map[string]bool{}
	for _, k := range known {
		set[k] = true
	}
	return nearest(word, set)
}

// addresses finds managers, deputies and members whom no source knows.
func addresses(f *File, sources []Source) (out []Mistake) {
	known := addressBook(f, sources)
	if known == nil {
		return nil
	}
	for i := range f.Teams {
		t := &f.Teams[i]
		say := func(key, address, what string) {
			if address == "" || known[address] {
				return
			}
			m := Mistake{Place: "teams " + t.Name + ": " + key, Value: address, Near: nearest(address, known)}
			m.Text = m.Place + ": no source has a user with the address " + address
			m.Mistyped = mistyped(address, m.Near)
			switch {
			case m.Mistyped:
				m.Text += fmt.Sprintf("; did you mean %s? It gets no digest until it is corrected, or named under people.list", m.Near)
			case m.Near != "":
				m.Text += fmt.Sprintf("; did you mean %s? If not, %s", m.Near, strings.Replace(what, "correct it, or, ", "", 1))
			default:
				m.Text += "; " + what
			}
			out = append(out, m)
		}
		say("manager", t.Manager, "correct it, or, for somebody who is in no CRM, name the address under people.list")
		say("deputy", t.Deputy, "correct it, or, for somebody who is in no CRM, name the address under people.list")
		for _, a := range t.Members {
			say("members", a, "correct it, or name the other address of the person under people.list, as also: [...]")
		}
	}
	return out
}

// mistyped reports whether an address is near's with a slip: the same person at a domain
// that is a slip away, or a name of five letters or more with one slip. Shorter names are
// near each other by themselves: a director Dan and a rep Ian are two people, and Dan's
// digest must not be held back.
func mistyped(address, near string) bool {
	name, domain, ok := strings.Cut(address, "@")
	known, home, okNear := strings.Cut(near, "@")
	if !ok || !okNear {
		return false
	}
	if name == known {
		return true // nearest has compared the domains
	}
	return domain == home && max(len(name), len(known)) >= 5 && spelling.Distance(name, known) == 1
}

// addressBook is every address that is known, nil while a source may know more.
func addressBook(f *File, sources []Source) map[string]bool {
	known := map[string]bool{}
	for i := range sources {
		if !sources[i].AllUsers {
			return nil
		}
		for _, u := range sources[i].Users {
			if u.Email != "" {
				known[f.People.Email(strings.ToLower(u.Email))] = true
			}
		}
	}
	if len(known) == 0 {
		return nil // whoever shows no address at all hides them
	}
	for _, a := range f.Declared {
		known[f.People.Email(strings.ToLower(a))] = true
	}
	return known
}

// logins finds tools' logins that are no user's. A user name need not be the user's
// address, so while the user names of some are unknown, only a login that is a slip
// away from a user's is a mistake.
func logins(sources []Source) (out []Mistake) {
	for i := range sources {
		s := &sources[i]
		if !s.AllUsers || len(s.Users) == 0 {
			continue
		}
		known, named := map[string]bool{}, true
		for _, u := range s.Users { // of ids, a near one is somebody else's
			known[strings.ToLower(u.Email)], known[u.Login] = true, true
			named = named && u.Login != ""
		}
		delete(known, "")
		for _, l := range s.Logins {
			low := strings.ToLower(strings.TrimSpace(l))
			if known[low] || hasID(s.Users, strings.TrimSpace(l)) {
				continue
			}
			m := Mistake{Place: "integration_users", Value: l, Near: nearest(low, known), Source: s.Name}
			m.Text = fmt.Sprintf("integration_users of %s: no user has the user name, address or id %s", s.Name, l)
			switch {
			case m.Near != "":
				m.Text += "; did you mean " + m.Near + "?"
			case named:
				m.Text += ", so activities of that tool count as contact; correct it, or remove it"
			default:
				continue
			}
			out = append(out, m)
		}
	}
	return out
}

// hasID reports whether a user has the id, whose short form lacks the last three letters.
func hasID(users map[string]*crm.User, id string) bool {
	for known := range users {
		if known == id || len(id) == 15 && strings.HasPrefix(known, id) {
			return true
		}
	}
	return false
}

// nearest is the known word at most two slips away; of several, the first in the alphabet.
func nearest(word string, known map[string]bool) string {
	const slips, longest = 2, 254
	if len(word) > longest {
		return ""
	}
	best, at := "", slips+1
	for _, k := range slices.SortedFunc(maps.Keys(known), cmp.Compare[string]) {
		if d := spelling.Distance(word, k); d < at && d < len(word)/3 {
			best, at = k, d
		}
	}
	return best
}
