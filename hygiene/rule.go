package hygiene

// Rule is one hygiene rule. A rule is a value: all that distinguishes it is in its
// fields, the documentation too, so the catalogue, docs/rules.md and explain are
// printed from the same words.
type Rule struct {
	ID       string // kebab-case, never reused: close-date-past
	Title    string // for a list: "Close date has passed"
	Doc      Doc
	Severity Severity // base severity
	Params   []Param
	Needs    []string // names in crm.Fields; where one of the fields is not readable the rule is Unknown
	// Wants names fields that only a part of the rule reads, such as the fields of the
	// operator's stage definitions. Where one is not readable, only that part is not
	// judged. Nil is none.
	Wants func(*Pass) []string
	// Reads names further fields that verdicts rest on. Where one cannot be read, the rule
	// judges otherwise, and says nothing about the field.
	Reads []string
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
	Params   map[string]float64 // by Param.Name; a parameter that is missing has its default
}
