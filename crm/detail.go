package crm

// The names, in [Fields], of details of activities, contacts and changes. Where one is not
// readable, its value is "" or false on every record, and says nothing. Where it is readable,
// an empty value of [Origin] still says nothing: CRMs do not tell of every record who made it.
const (
	ActivitiesSubject = "activities.subject" // [Activity.Subject]
	ActivitiesCreator = "activities.creator" // [Origin.By] of activities
	ActivitiesApp     = "activities.app"     // [Origin.Via], App and AppName of activities
	CallsOutcome      = "calls.outcome"      // [Activity.Outcome] of calls
	CallsDirection    = "calls.direction"    // [Activity.Direction] of calls
	EmailsDirection   = "emails.direction"   // [Activity.Direction] of emails
	MeetingsOutcome   = "meetings.outcome"   // [Activity.Outcome] of meetings
	ContactsTitle     = "contacts.title"     // [Contact.Title]
	ContactsBounced   = "contacts.bounced"   // [Contact.EmailBounced]
	ContactsOptedOut  = "contacts.opt_out"   // [Contact.EmailOptedOut]
	HistoryAuthor     = "history.author"     // [Origin.By] of changes
	HistoryApp        = "history.app"        // [Origin.Via], App and AppName of changes
	ContactsRole      = "contacts.role"      // [Contact.Role]
	ContactsPrimary   = "contacts.primary"   // [Contact.Primary]
)
