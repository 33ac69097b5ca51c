// Package crm is the vocabulary that the rest of Pipetidy speaks: what an
// opportunity, an activity, a user, a stage and a change are, whichever system
// they came from, and the [Source] contract by which they are read.
//
// The package knows no vendor, no file and no clock, and imports the standard library
// only. What is particular to Salesforce or HubSpot stays in their connectors;
// what is a judgement stays in package hygiene.
package crm

import (
	"slices"
	"time"
)

// Kind says what a record is. With the source's name and the native id it
// names a record: (source, kind, id).
type Kind string

// The kinds of record. Only opportunities are judged today.
const (
	KindOpportunity Kind = "opportunity"
	KindActivity    Kind = "activity"
	KindUser        Kind = "user"
	KindStage       Kind = "stage"
	KindChange      Kind = "change"
	KindContact     Kind = "contact"
)

// Number is a number that the CRM may have left empty. An empty amount is not
// an amount of zero.
type Number struct {
	Value float64
	Known bool
}

// Num returns a known Number.
func Num(v float64) Number { return Number{Value: v, Known: true} }

// Opportunity is one opportunity (Salesforce) or deal (HubSpot), normalised.
// Strings hold the CRM's own identifiers; an empty string is an empty value.
// Whether a field could be read at all is a property of the source: see
// [Fields].
type Opportunity struct {
	ID       string // native id: Salesforce 18 characters, HubSpot decimal
	Name     string
	Pipeline string // record type or HubSpot pipeline id; "" where the CRM has one only
	Stage    string // native stage id: Salesforce ApiName, HubSpot stage id
	Amount   Number // in Currency
	Currency string // ISO 4217, "" for the source's own currency; see [Info.In]

	CloseDate Date // a calendar date without zone; zero is empty
	// ClosesAt is the close date where the CRM keeps an instant: it shows each user the day
	// in the user's own zone. CloseDate is then the day in the account's zone. Zero where
	// the CRM keeps a date, or none.
	ClosesAt time.Time `json:",omitzero"`

	OwnerID          string
	AccountID        string // of the account, or of HubSpot's primary company
	NextStep         string
	ForecastCategory string // the CRM's own words, e.g. "Commit", "Best Case"
	Closed, Won      bool

	CreatedAt  time.Time // UTC, as all times here
	ModifiedAt time.Time // the CRM's own modification stamp
	StageSince time.Time // when the opportunity entered Stage; zero is unknown

	// LastActivityAt is the CRM's own last-activity field. The field counts activities
	// that the login may not be able to read, and may lie in the future: Salesforce
	// fills in the due date of the latest event or closed task. So the field is no
	// evidence of an activity, only of an activity that may be hidden from us.
	LastActivityAt time.Time
	NextActivityAt time.Time // the CRM's own next-activity field; zero is empty or unread
	Contacts       Number    // contacts linked; unknown until a source reads them

	// The following are details, which a source may not have; see [Opportunity.Early].
	LeadSource  string `json:",omitempty"` // where the deal came from, in the CRM's own words
	Type        string `json:",omitempty"` // new business, renewal, …, in the CRM's own words
	Probability Number `json:",omitzero"`  // percent, 0 to 100
	HasProducts Answer `json:",omitzero"`  // whether products, or line items, are on the deal
	Origin             // who created the deal, and by what
	ModifiedBy  string `json:",omitempty"` // id of the user who last modified the deal, as By is; "" is not told

	Custom []Custom // configured fields, sorted by Name

	// Unclear names the fields, as [Fields] does, for which the CRM holds a value of an
	// unexpected form (a number with letters, no date where a date should be) or whose value
	// the CRM's answer left out. Such a field of this deal is neither empty nor known.
	Unclear []string `json:",omitempty"`

	// Early says that the opportunity was read by a version of the program that knew no details:
	// those are unclear until the opportunity is read again, which an update sees to at once.
	Early bool `json:",omitempty"`
}

// IsUnclear reports whether the CRM's value of a field could not be read, or was not asked for.
func (o *Opportunity) IsUnclear(field string) bool {
	return slices.Contains(o.Unclear, field) || o.Early && o.lacks(field)
}

// lacks reports whether a version of the program that knew no details did not read the field.
func (o *Opportunity) lacks(field string) bool {
	switch field {
	case "lead_source", "type", "probability", "products", "created_by", "created_via", "created_app", "created_app_name", "modified_by":
		return true
	case LossReason: // it may have been configured
		_, has := o.Get(field)
		return !has
	case "account":
		return o.AccountID == ""
	}
	return false
}

// Answer is the answer to a question that a CRM may not answer.
type Answer byte

// The answers.
const (
	NotTold Answer = iota
	No
	Yes
)

// AnswerOf is Yes or No.
func AnswerOf(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// Get returns the configured field called name; ok is false when the record
// carries no such field.
func (o *Opportunity) Get(name string) (Custom, bool) {
	for i := range o.Custom {
		if o.Custom[i].Name == name {
			return o.Custom[i], true
		}
	}
	return Custom{}, false
}

// ValueType says how the text of a Custom is to be read.
type ValueType byte

// The types of a Custom value. Empty is the type of a field that the CRM holds no value
// for.
const (
	Empty ValueType = iota
	Text
	Numeric // decimal text, '.' as separator
	Boolean // "true" or "false"
	Dated   // YYYY-MM-DD
	Timed   // RFC 3339 UTC
)

// LossReason is the configured field that says why a deal was lost, of HubSpot also without a
// configuration.
const LossReason = "loss_reason"

// SameAs is the configured field that says which deal of another source a deal is.
const SameAs = "same_as"

// Custom is the value of a field that the configuration named (sources[].fields).
type Custom struct {
	Name  string // the configuration's name, e.g. decision_criteria
	Value string
	Type  ValueType
}

// ActivityKind is what an activity was.
type ActivityKind string

// The kinds of activity.
const (
	Call    ActivityKind = "call"
	Email   ActivityKind = "email"
	Meeting ActivityKind = "meeting"
	Task    ActivityKind = "task"
	Note    ActivityKind = "note"
)

// Direction of a call or an email, seen from the sales team.
type Direction string

// In comes from the buyer, Out goes to the buyer; "" is not recorded.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Activity is a call, email, meeting, task or note. OpportunityIDs always lists all
// opportunities that the activity belongs to; an empty list means that it belongs to no
// opportunity (any more).
type Activity struct {
	ID             string
	Kind           ActivityKind
	OpportunityIDs []string
	OwnerID        string
	At             time.Time // when the activity happened or is scheduled to begin; zero is unknown
	// Due is the date of an activity for which the CRM keeps no time: the due date of a
	// task of any kind, the day of an all-day meeting; zero is none. Such a date is
	// nowhere an instant, so At is zero until it is known when the activity was done.
	Due       Date
	Done      bool // a closed task, a meeting that had ended when it was read, a logged call or email
	Direction Direction
	// Outcome is what became of the activity, in the CRM's own words: the result of a call, else
	// its status. A result that the account has added is told by its id where the CRM gives no
	// name. "" is not told.
	Outcome   string
	Automated bool // made by a sequence, an integration or ourselves: never a person's touch
	// Subject is what the CRM shows as the title, cut by [Clip]; "" of notes, which have none.
	Subject string `json:",omitempty"`
	// Subtype is a finer word than Kind, the CRM's own: "ListEmail", "LinkedIn", "CALL".
	Subtype string `json:",omitempty"`
	Origin
	// Unclear says that a value of the activity had an unexpected form, so it is not known
	// when the activity took place, or whether it did.
	Unclear   bool `json:",omitempty"`
	CreatedAt time.Time
}

// Origin is who made a record, or changed a value, and by what. An empty field is not told:
// it says neither that a person did it nor that none did.
type Origin struct {
	// By is the id of the user, as [User.Is] knows it. An app that signs in as a person leaves
	// the person's id.
	By string `json:",omitempty"`
	// Via is the way in, in the CRM's own word: "CRM_UI", "IMPORT", "WORKFLOWS", "INTEGRATION".
	// Salesforce tells none.
	Via string `json:",omitempty"`
	// App is the id of the app, the import or the workflow behind Via; AppName is what people
	// call it.
	App     string `json:",omitempty"`
	AppName string `json:",omitempty"`
}

// Contact says that a person of the buyer's takes part in an opportunity.
type Contact struct {
	ID            string // of the link: OpportunityContactRole id, or deal and contact id
	OpportunityID string
	ContactID     string
	Role          string // the CRM's own words, "" is none
	Primary       bool

	// Of the person, where the source tells it: [ContactsTitle] and its like.
	Title         string `json:",omitempty"`
	EmailBounced  Answer `json:",omitzero"` // whether an email to the person came back
	EmailOptedOut Answer `json:",omitzero"` // whether the person wants no more emails
}

// User is somebody who can own opportunities.
type User struct {
	ID        string
	Name      string
	Email     string // lower case
	Active    bool
	ManagerID string
	TimeZone  string   // IANA name, "" is unknown
	Teams     []string // what the CRM calls the teams that the user is in, sorted
	Login     string   `json:",omitempty"` // lower case: the name that the user signs in by, where the CRM has one besides Email
	// Actor is the id by which the CRM names the user as who did something, where that is
	// another than ID: HubSpot has owners, who are responsible, and users, who act.
	Actor string `json:",omitempty"`
}

// Is reports whether the id, of [Origin], is that of the user.
func (u *User) Is(id string) bool {
	if u.Actor != "" {
		return id == u.Actor
	}
	return id != "" && id == u.ID
}

// Stage is one stage of a pipeline.
type Stage struct {
	Pipeline string // "" holds for every pipeline of the source that has no stages of its own
	// PipelineLabel is what people call the pipeline, "" where they use its id.
	PipelineLabel string
	ID            string // what Opportunity.Stage holds
	Label         string // what people read
	Order         int    // ascending within the pipeline
	Closed        bool
	Won           bool
	Active        bool
	Forecast      string // forecast category that the stage stands for, "" is none
	Probability   Number `json:",omitzero"` // percent that a deal of the stage has unless somebody says otherwise
	// Gone says that the CRM no longer lists the stage. Deals may still be in it, so its
	// last known name is kept; nothing else of it is known.
	Gone bool
}

// Field names a field of an opportunity whose history is kept.
type Field string

// The fields whose changes are kept as history.
const (
	FieldStage            Field = "stage"
	FieldCloseDate        Field = "close_date"
	FieldAmount           Field = "amount"
	FieldNextStep         Field = "next_step"
	FieldOwner            Field = "owner"
	FieldForecastCategory Field = "forecast_category"
)

// Change says that a field of an opportunity took a value at a time. Old is the value
// before, and may be unknown: sources that report values rather than differences leave
// Old out, and [Fold] fills it in.
type Change struct {
	ID            string // unique within the opportunity, e.g. the history row's id and the field
	OpportunityID string
	Field         Field
	Old, New      string // as [FieldValue] writes them; "" is empty
	OldKnown      bool
	At            time.Time
	Origin             // of a change that was observed nothing is told
	Observed      bool // seen by our own comparison rather than read from the CRM
}
