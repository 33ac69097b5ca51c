package salesforce

import (
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// details say which fields of which objects hold the details that [crm.Fields] names; a detail
// is readable where the login sees all of its fields. Salesforce tells neither the direction of
// an email, which it keeps in EmailMessage, nor what became of an event, nor by which app a
// record was made: an app signs in as a user.
var details = []struct {
	name   string
	stream crm.Stream
	fields []string // OBJECT.FIELD
}{
	{crm.ActivitiesSubject, crm.Activities, []string{"Task.Subject", "Event.Subject"}},
	{crm.ActivitiesCreator, crm.Activities, []string{"Task.CreatedById", "Event.CreatedById"}},
	{crm.HistoryAuthor, crm.History, []string{"OpportunityHistory.CreatedById"}},
	{crm.ContactsRole, crm.Contacts, []string{"OpportunityContactRole.Role"}},
	{crm.ContactsPrimary, crm.Contacts, []string{"OpportunityContactRole.IsPrimary"}},
	{crm.ContactsTitle, crm.Contacts, []string{"Contact.Title"}},
	{crm.ContactsBounced, crm.Contacts, []string{"Contact.EmailBouncedDate"}},
	{crm.ContactsOptedOut, crm.Contacts, []string{"Contact.HasOptedOutOfEmail"}},
	{crm.CallsOutcome, crm.Activities, []string{"Task.CallDisposition"}},
	{crm.CallsDirection, crm.Activities, []string{"Task.CallType"}},
}

// kin are the fields of the person that come with a row of OpportunityContactRole. A person who
// changes gives the row no new stamp, so an increment asks by the stamp of the person as well.
var kin = []string{"Title", "EmailBouncedDate", "HasOptedOutOfEmail"}

// kinStamp is the stamp of the person.
const kinStamp = "Contact.SystemModstamp"

// describeDetails notes which details are readable, and why others are hidden. seen are the
// described objects; nil is a hidden one.
func describeDetails(seen map[string]*schema.Object, access crm.Fields, why map[string]string) {
	for _, d := range details {
		var lacks []string
		for _, path := range d.fields {
			object, field, _ := strings.Cut(path, ".")
			if o := seen[object]; o == nil || o.Field(field) == nil {
				lacks = append(lacks, path)
			}
		}
		access[d.name] = readable(len(lacks) == 0)
		if len(lacks) > 0 && access.Access(string(d.stream)) == crm.Readable { // else the reason is that of the stream
			why[d.name] = fmt.Sprintf("the login does not see %s; let the run-as user read the %s (field-level security)", strings.Join(lacks, " and "), crm.Plural(len(lacks), "field", "fields"))
		}
	}
}
