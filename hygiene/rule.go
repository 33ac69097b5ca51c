package hygiene

import "strconv"

// Rule is one hygiene rule. A rule is a value: all that distinguishes it is in its
// fields, the documentation too, so the catalogue, docs/rules.md and explain are
// printed from the same words.
type Rule struct {
	ID       string // kebab-case, never reused: close-date-past
	Title    string // for a list: "Close date has passed"
	Doc      Doc
	Severity Severity // base severity
	// Offer says of a rule that does not run unless the configuration switches it on for whom
	// it is; "" runs from the start. A fresh installation has the rules that no manager would
	// argue with.
	Offer  Offer
	Params []Param
	Needs  []string // names in crm.Fields; where one of the fields is not readable the rule is Unknown
	// Wants names fields that only a part of the rule reads, such as the fields of the
	// operator's stage definitions. Where one is not readable, only that part is not
	// judged. Nil is none.
	Wants func(*Pass) []string
	// Reads names further fields that verdicts rest on. Where one cannot be read, the rule
	// judges otherwise, and says nothing about the field.
	Reads []string
	// Quarters says that verdicts rest on the quarters of the company's fiscal year.
	Quarters bool
	// Young rules judge a deal from its first day; any other rule is Exempt while the
	// deal is younger than MinAge.
	Young bool
	// Version is raised when Check judges otherwise than before, so that what begins or
	// ends by that is nobody's work.
	Version int
	// NeverFolded rules are told deal by deal however many deals they fail on (see Fold):
	// what they find is wrong on each deal by itself, and settles much once it is mended.
	NeverFolded bool
	// Check judges one deal. It must not keep any string of the deal. A Fail with
	// a severity above the rule's own raises the finding by as many steps.
	Check func(*Pass, *Deal) Verdict
}

// Doc is a rule's documentation for the people who get its findings.
type Doc struct {
	Why   string   // why the finding matters, one or two sentences
	Fix   string   // what to do, as the digest says it
	Limit []string // guards and traps: when the rule finds nothing, and why
	// Higher says when a finding is more severe than the rule's own severity, in one
	// sentence; "" is never.
	Higher string
}

// Param is a setting of a rule.
type Param struct {
	Name    string // as in the configuration: days
	Unit    string // CountsBusinessDays, CountsCalendarDays, ""
	Default float64
	Min     float64
	Max     float64
	Doc     string
}

// What a setting counts.
const (
	CountsBusinessDays = "business days"
	CountsCalendarDays = "calendar days"
)

// Suffix is what stands behind a value of the setting: bd, d, or nothing.
func (p *Param) Suffix() string {
	switch p.Unit {
	case CountsBusinessDays:
		return "bd"
	case CountsCalendarDays:
		return "d"
	}
	return ""
}

// Write is a value of the setting as the configuration has it: 14bd, 30d, 2.
func (p *Param) Write(v float64) string {
	return strconv.FormatFloat(v, 'f', -1, 64) + p.Suffix()
}

// Offer is for whom a rule is that does not run unless it is switched on.
type Offer string

// The offers, in the order in which the documentation has them.
const (
	OfferNext   Offer = "next"   // what a team asks for once the first rules are kept
	OfferMapped Offer = "mapped" // rests on a field that the configuration has to map, or on a habit that not every team has
	OfferCoach  Offer = "coach"  // news for a talk with a rep, no fault of the deal
	OfferOps    Offer = "ops"    // about the CRM itself, for those who run it
)

// Offers lists the offers with the sentence that the documentation has for each.
func Offers() []struct {
	Offer Offer
	Title string
	Doc   string
} {
	return []struct {
		Offer Offer
		Title string
		Doc   string
	}{
		{"", "Start with", "These run from the start: no manager would argue with what they find."},
		{OfferNext, "Next", "Once a team keeps the rules above, these ask for more. Switch them on one by one."},
		{OfferMapped, "Once it is mapped", "These rest on a field that the configuration has to name, or on a habit that not every team has."},
		{OfferCoach, "For coaching", "What these find is no fault of a deal that its entry would mend, but something to talk about."},
		{OfferOps, "For those who run the CRM", "What these find is mended in the CRM itself."},
	}
}

// Off reports whether the rule does not run.
func (r *Rule) Off(s Settings) bool { return s.Off || r.Offer != "" && !s.On }

// Settings are the operator's words for one rule.
type Settings struct {
	Off      bool
	On       bool               // named, and not switched off: a rule on offer runs
	Severity Severity           // zero keeps the rule's own
	Params   map[string]float64 // by Param.Name; a parameter that is missing has its default
}
