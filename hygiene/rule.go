package hygiene

// Rule is one hygiene rule. It is a value: all that is particular to a rule is
// in its fields, its documentation included, so that the catalogue, docs/rules.md
// and explain are printed from the same words.
type Rule struct {
	ID       string // kebab-case, never reused: close-date-past
	Title    string // for a list: "Close date has passed"
	Doc      Doc
	Severity Severity // base severity
	Params   []Param
	Needs    []string // crm.Fields names; where one is not readable the rule is unknown
	// Wants names the fields that the operator's stage definitions make the rule
	// read; where one is not readable only that part of the rule is unknown. Nil
	// is none.
	Wants func(*Pass) []string
	// Young rules judge a deal from its first day; all others are exempt while it
	// is younger than MinAge.
	Young bool
	// Check judges one deal. It must not keep any string of the deal. A Fail with
	// a severity above the rule's own raises the finding by as many steps.
	Check func(*Pass, *Deal) Verdict
}

// Doc is a rule's documentation for the people who get its findings.
type Doc struct {
	Why   string   // why it matters, one or two sentences
	Fix   string   // what to do, as the digest says it
	Limit []string // guards and traps: when it stays silent, and why
}

// Param is a setting of a rule.
type Param struct {
	Name    string // as in the configuration: days
	Unit    string // "business days", "calendar days", ""
	Default float64
	Min     float64
	Max     float64
	Doc     string
}

// Settings are the operator's words for one rule.
type Settings struct {
	Off      bool
	Severity Severity           // zero keeps the rule's own
	Params   map[string]float64 // by Param.Name; what is missing has its default
}
