package crm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Stream names one sequence of records that a source can be read by.
type Stream string

// The streams, in standard terms.
const (
	Users         Stream = "users"
	Stages        Stream = "stages"
	Opportunities Stream = "opportunities"
	Activities    Stream = "activities"
	History       Stream = "history"
	Contacts      Stream = "contacts"
)

// OfDeals reports whether the records of the stream decide how deals are judged. When a
// sweep of users or stages is held, the cache still has them, so deals can be judged.
func (s Stream) OfDeals() bool {
	return s == Opportunities || s == Activities || s == Contacts
}

// Cursor marks how far a stream has been read. A cursor is opaque: "" is the beginning,
// and only the source that made a cursor looks inside. A cursor is committed in one
// transaction with its page.
type Cursor string

// Page is what one Fetch returned. Only the slice that belongs to the stream is
// filled; Deleted holds native ids of records that the CRM says are gone.
type Page struct {
	Stream        Stream
	Users         []User
	Stages        []Stage
	Opportunities []Opportunity
	Activities    []Activity
	Changes       []Change
	Contacts      []Contact
	Deleted       []string
	// Merged names, by the ids of deleted opportunities, the opportunities into which they
	// were merged: these have what belonged to the deleted ones, which no stamp tells.
	Merged map[string]string `json:",omitempty"`

	// ContactsOf names opportunities whose contacts this page gives completely: a
	// contact that the page does not mention is no longer linked. Sources that read
	// links one by one leave ContactsOf empty and use Deleted.
	ContactsOf []string

	// ContactsKept names opportunities whose contacts the CRM did not tell: the cached
	// contacts are still linked, also where the run mentions none of them.
	ContactsKept []string

	Next Cursor // the cursor after this page
	More bool   // there is more to read now; false ends the run of this stream

	// Sweep says that this page belongs to a run which by its end has mentioned
	// every record of the stream that the login can still see (of opportunities:
	// every open one), as a record, in Exist or in Deleted. All pages of such a
	// run say so. A record that the run did not mention is gone or hidden from the
	// login; no increment would ever tell.
	Sweep bool
	// SweepsClosed says that a sweep of opportunities mentions the closed ones too.
	SweepsClosed bool `json:",omitempty"`
	// KeptFrom is the day from which on the source keeps closed deals and past activities; 0
	// keeps all. That a run does not mention older ones says nothing of what the login sees.
	KeptFrom Date `json:",omitempty"`
	// SweepGoesOn says that the run of the stream ends with this page and the sweep does
	// not: the sweep ends with a later run, and until then every page says Sweep.
	SweepGoesOn bool `json:",omitempty"`
	// Exist holds native ids of records that were seen to exist without being read.
	Exist []string

	// Recalled says that the page belongs to no run of its stream: its records are
	// stored, and the stream's cursor and progress stay as they are.
	Recalled bool
	// Alone says that a page which is Recalled has the opportunities without what belongs to
	// them: one that was gone and is back is still to be recalled.
	Alone bool `json:",omitempty"`

	// Replace says that the run of this stream which ends with More == false gave the
	// whole set (small streams: users, stages), so that a record that the run did not
	// mention is no longer there.
	Replace bool

	// Reread says that the run which ends with this page has read all records of a stream
	// that has no sweeps.
	Reread bool `json:",omitempty"`

	// Ascending says that record keys ascend from page to page (a backfill in
	// id order), so that the store may pack its pages densely.
	Ascending bool

	// Left are records of the stream that an answer had, or was asked for, and that the page
	// leaves out because they cannot be read. The cached records stay as they are.
	Left []Left `json:",omitempty"`
	// Well are the IDs of such records of the pages before that are not left out any more,
	// where the records on the page do not say so by their own.
	Well []string `json:",omitempty"`

	// Untold says that the CRM has records of the stream that are not in the pages, and not
	// known to belong to one opportunity rather than another: rows were left out, or the CRM
	// counts more than it gave. What the cache has is a lower bound then, and none is not
	// known. It holds until a page that ends a run says otherwise.
	Untold bool `json:",omitempty"`
	// Short says that the CRM counts so many more records of the stream than it gave that
	// nothing can be judged: what happened as a sentence, and what follows; "" is not so. It
	// holds as Untold does.
	Short string `json:",omitempty"`

	// Sure says that a value may have disappeared from many records of the page at once: the
	// answer was doubted for it, and came so again.
	Sure bool `json:",omitempty"`

	// Open is how many open opportunities the login sees, where the CRM has told while the
	// page was read and the cache knows all that was touched before that; nil is not known.
	Open *int `json:",omitempty"`
	// Narrowed says that the source can read less than its last description told: the
	// account refused something in the middle of a run. Whoever syncs describes the source
	// again before anything is judged.
	Narrowed bool `json:",omitempty"`
	// Sighted says that the login sees other records of the stream than before, and what
	// follows, for those who run Pipetidy; "" is nothing.
	Sighted string `json:",omitempty"`
	// Note is what those who run Pipetidy should know of how the page was read, and what
	// to do about it, where nothing is lost: "a job was refused, …". "" is nothing.
	Note string
	// Waits says what the run waits for at the CRM, for those who watch; "" is nothing.
	Waits string `json:",omitempty"`

	Done, Total int       // progress of this run in records; Total 0 is unknown
	AsOf        time.Time // server time as of which the run that ends with this page is complete
}

// Left is a record that was left out.
type Left struct {
	// ID is the native id of the record; of links, of the opportunity. Of history it is the
	// opportunity where a source reads histories as a whole, and else what the ids of the
	// row's changes begin with, before a colon. Of a record without an id it is what else is
	// known of it, in words.
	ID  string
	Why string // what cannot be read, for those who run Pipetidy: `hs_is_closed is "perhaps"`

	// Lacks says that the answer is at fault, which lacked something: there is no value that
	// somebody could correct in the CRM, and the record is asked for again.
	Lacks bool `json:",omitempty"`
}

// Excerpt quotes a value that cannot be read, for people: the beginning of it, with what
// cannot be seen written out.
func Excerpt(value string) string {
	const most = 40
	if r := []rune(value); len(r) > most {
		value = string(r[:most]) + "…"
	}
	return strconv.Quote(value)
}

// Len is the number of records in the page, deleted ones included.
func (p *Page) Len() int {
	return len(p.Users) + len(p.Stages) + len(p.Opportunities) + len(p.Activities) + len(p.Changes) + len(p.Contacts) + len(p.Deleted) + len(p.Exist)
}

// Source is one account of a CRM, read stream by stream.
//
// Fetch returns the page after the cursor, normalised. The same cursor on an
// unchanged account gives the same records, so a page may be fetched again
// after a crash. A source may read users and stages less often than it is asked: such a
// page is empty, with the same cursor, and as of the time of the last reading. Fetch may be called for different streams at the same time.
// Errors wrap ErrAuth, ErrQuota, ErrBusy or ErrGone where they apply, end in
// what to do next, and never hold a secret.
type Source interface {
	// Name is the configuration's name of this source: part of every record's
	// identity.
	Name() string
	// Streams lists what can be read, in the order in which a first sync reads it.
	Streams() []Stream
	// Describe says what the account is and which fields can be read. It is
	// called before each run and may make calls.
	Describe(ctx context.Context) (Info, error)
	// Fetch returns the page after cursor.
	Fetch(ctx context.Context, stream Stream, cursor Cursor) (Page, error)
}

// Meter is the ability to tell how many API calls were made and how many are left.
type Meter interface {
	Usage() Usage
	// Resume tells the source the usage that an earlier process noted, so that a restart
	// does not forget the calls of the day. Resume is called before the first call to
	// the CRM, if at all.
	Resume(noted Usage)
}

// Prober is the ability to try what the credentials may do, permission by permission,
// for those who set Pipetidy up. An error means that nothing could be tried. No command
// uses it yet.
type Prober interface {
	Probe(ctx context.Context) ([]Probe, error)
}

// Probe is the result of trying one permission.
type Probe struct {
	What string // in words: "deals", "the daily API limit"
	OK   bool
	Said string // what was found, or what is wrong and what to do about it
}

// Refresher is the ability to forget refusals: what the CRM has refused to this process
// and would be tried again later is tried at once. A person who asks for a sync may have
// granted a permission just now.
type Refresher interface {
	Refresh()
}

// Sweeper is the ability to sweep a stream again before its time: one bad moment of the CRM
// must not hold a stream until the next day.
type Sweeper interface {
	// SweepAgain returns a cursor from which the next run sweeps, if the last sweep is a
	// quarter of an hour old, and else a cursor that reads the same. It makes no call.
	SweepAgain(Stream, Cursor) Cursor
}

// Poller is the ability to fetch the first pages of several streams with fewer calls
// than Fetch would make. A page is what Fetch would return after the same cursor, or
// longer. Streams that the source cannot poll (a backfill, an error of one stream) are
// missing in the answer and left to Fetch.
type Poller interface {
	Poll(ctx context.Context, at map[Stream]Cursor) (map[Stream]Page, error)
}

// Recaller is the ability to fetch all that belongs to certain opportunities: those that
// a sweep saw and the cache does not have, or that an increment brought back, because
// the login could not see them for a while. The pages have no cursors; each is of one
// stream. An id that is not there (any more) is in the Deleted of the page of
// opportunities. At most [MostRecalled] ids are given at once.
type Recaller interface {
	Recall(ctx context.Context, ids []string) ([]Page, error)
}

// MostRecalled is how many opportunities may be recalled at once.
const MostRecalled = 100

// Rereader is the ability to read opportunities of the cache once more, by their ids and
// without what belongs to them, for whoever is about to name them to somebody. Reread makes
// one call for at most MostReread ids, and its page is Recalled and Alone. An opportunity that
// the page neither has nor names as deleted stays as it is: no answer says that it is gone.
type Rereader interface {
	MostReread() int
	Reread(ctx context.Context, ids []string) (Page, error)
}

// Mapper is a source that reads fields of the account which the configuration names.
// Mapping is by the names of [Info.Fields], like [Info.Mapped], which says the same of the
// last time that the account was read.
type Mapper interface {
	Mapping() map[string]string
}

// Confirmer is the ability to look once more, by their ids, whether records are there that
// a list or a query has left out, or that an answer has named as deleted: lists are cut
// short, and answers err. Confirm returns those of the ids that the CRM still has or says
// nothing of, so that what is not in the answer is gone. At most [MostConfirmed] ids are
// given at once. Confirm of a stream whose records have no ids of their own returns none.
// An error that wraps ErrRefused says that the CRM does not answer such a question.
type Confirmer interface {
	Confirm(ctx context.Context, stream Stream, ids []string) (there []string, err error)
}

// MostConfirmed is how many records may be confirmed at once.
const MostConfirmed = 10_000

// Link says by native ids that a record of a stream belongs to an opportunity.
type Link struct{ OpportunityID, ID string }

// Linker is the ability to look once more, from another side than the stream is read from,
// for links that an answer has called none: an answer that says "none" of all records errs
// without an error. Linked returns those of the links that the CRM still has or says nothing
// of, so that what is not in the answer is gone. At most [MostConfirmed] links are given at
// once. Linked of a stream whose links have no other side returns none. An error that wraps
// ErrRefused says that the CRM does not answer such a question.
type Linker interface {
	Linked(ctx context.Context, stream Stream, links []Link) (there []Link, err error)
}

// Resolver is the ability to take an opportunity's id out of what a person typed or
// pasted: an address in the CRM's own pages, or a short form of the id. An empty answer
// says that ref names no opportunity of this source.
type Resolver interface {
	Resolve(ref string) (id string)
}

// Clocked is the ability to tell what the server's clock shows, as of its latest answer;
// zero before the first.
type Clocked interface {
	ServerTime() time.Time
}

// Usage counts API calls. Used and Limit are the account's own figures for its
// rolling day, zero while unknown.
type Usage struct {
	Calls       int64 // made by this process
	Used, Limit int64
	// Own are our calls of the account's present day, which may use no more than Share of
	// Limit. They are of the moment: both are zero where that is not known.
	Own   int64   `json:"-"`
	Share float64 `json:"-"`
	Spent []Spent `json:",omitempty"` // our own calls of the last rolling day, oldest first
}

// Spent is how many calls we made in one hour.
type Spent struct {
	Hour  int64 // hours since 1970, UTC
	Calls int64
}

// Vault keeps refresh tokens that the CRM rotates, by the name of their source.
// Save returns only after the token is on disk. Load of a name that was never
// saved is "" without an error.
type Vault interface {
	Load(name string) (string, error)
	Save(name, token string) error
}

// Info describes an account.
type Info struct {
	Type     string // "salesforce", "hubspot"
	Account  string // the account's own id (organization id, portal id)
	Link     string // address of an opportunity with {id} in it, "" is none
	Currency string // of amounts that name none: the account's own currency; "" is unknown
	// Rates are what one unit of other currencies is worth in Currency, as the account
	// itself converts; nil where it does not tell.
	Rates  map[string]float64
	Fields Fields

	TimeZone    string     // IANA name of the account's own zone, "" is unknown
	FiscalStart time.Month // month in which the account's fiscal year starts, 0 is unknown

	// Mapped says by the names of Fields in which fields of the account the configuration
	// has values. Where it is another field than before, other values are judged.
	Mapped map[string]string

	// Dates names the times of an opportunity, as Fields does, for which the account keeps
	// a date alone. Such a time is midnight UTC of its date, and nowhere an instant.
	Dates []string

	// Why says for a hidden field, in words for those who run Pipetidy, what is
	// missing and what to do: "the token lacks the scope …". A hidden field without an
	// entry is one that the CRM does not show to this login.
	Why map[string]string
}

// IsDate reports whether the account keeps a date alone for a time of an opportunity.
func (i *Info) IsDate(field string) bool { return slices.Contains(i.Dates, field) }

// URL is the deep link to the opportunity called id.
func (i *Info) URL(id string) string {
	const mark = "{id}"
	for j := 0; j+len(mark) <= len(i.Link); j++ {
		if i.Link[j:j+len(mark)] == mark {
			return i.Link[:j] + id + i.Link[j+len(mark):]
		}
	}
	return ""
}

// Offers reports whether a stream is read from this account. A stream that the login may
// not see is not fetched; without it, rules are unknown and the source is still complete.
func (i *Info) Offers(s Stream) bool {
	switch s {
	case Activities, History, Contacts:
		return i.Fields.Access(string(s)) != Hidden
	}
	return true
}

// Access says whether a field can be read. Empty, hidden and unmapped are different
// things: an empty field is a fact about a deal. Hidden and unmapped fields are facts
// about our login and our configuration, and never make a finding.
type Access string

// The three answers.
const (
	Readable Access = "readable"
	Hidden   Access = "hidden"   // configured or standard, but the login cannot read it or it does not exist
	Unmapped Access = "unmapped" // nobody said where this CRM keeps it
)

// Fields says which fields of an opportunity can be read: standard names as in
// the export (amount, close_date, next_step, …), names from the configuration,
// and "activities", "contacts" and "history" for those streams. "emails" says
// whether e-mails are among the activities: where e-mails are kept elsewhere, silence
// proves nothing. In a source without an entry "emails", they are among the activities.
// [ActivitiesSubject] and its like name details of other records.
// Any other name that is not in the map is unmapped.
type Fields map[string]Access

// Access returns the access to the field called name.
func (f Fields) Access(name string) Access {
	a, ok := f[name]
	switch {
	case ok:
		return a
	case name == "emails":
		return f.Access("activities")
	}
	return Unmapped
}

// Sentinels that a Source's errors wrap. Callers decide by errors.Is.
var (
	// ErrAuth: the CRM refuses our credentials. Trying again does not help.
	ErrAuth = errors.New("credentials refused")
	// ErrQuota: the daily allowance is spent; see [QuotaError].
	ErrQuota = errors.New("API budget used up")
	// ErrBusy: the CRM is overloaded or in maintenance; try again later, and where it is a
	// [BusyError] not before the time that the error says.
	ErrBusy = errors.New("temporarily unavailable")
	// ErrGone: the cursor is no longer valid; read the stream from "" again.
	ErrGone = errors.New("cursor no longer valid")
	// ErrAccount: the credentials now lead to another account than the one that the
	// cache was filled from. The sync stops, because the cache must not mix two accounts.
	ErrAccount = errors.New("another account")
	// ErrRefused: the CRM refuses the request for good (a missing permission, an
	// unsupported object); the stream cannot be read until somebody acts.
	ErrRefused = errors.New("refused")
)

// QuotaError is an ErrQuota with the time at which trying again makes sense.
type QuotaError struct {
	Until       time.Time // zero is unknown
	Used, Limit int64
	// Backfill says that others have used much of the account's day, so a backfill waits.
	// Increments go on.
	Backfill bool
}

// Error says how much of the allowance is used.
func (e *QuotaError) Error() string {
	if e.Backfill {
		return "little of the API budget is left"
	}
	if e.Used < e.Limit || e.Limit == 0 { // the account's figures are late, or unknown
		return "API budget used up"
	}
	return fmt.Sprintf("API budget used up (%d of %d calls)", e.Used, e.Limit)
}

// Is makes errors.Is(err, ErrQuota) true.
func (e *QuotaError) Is(target error) bool { return target == ErrQuota }
