package api

// objectPath returns a path as /crm/objects/2026-09/deals, and more at its end.
func objectPath(object, more string) string { return "/crm/objects/" + Version + "/" + object + more }

// Scopes are the scopes that the token requires, by object.
var Scopes = map[string]string{
	"deals": "crm.objects.deals.read", "contacts": "crm.objects.contacts.read", "owners": "crm.objects.owners.read",
	"calls": "crm.objects.contacts.read", "meetings": "crm.objects.contacts.read", "notes": "crm.objects.contacts.read",
	"tasks": "crm.objects.contacts.read", "emails": "sales-email-read",
}

// HubSpot's limits of one call.
const (
	MaxPage        = 100  // records
	MaxLinks       = 1000 // records whose links are read
	MaxHistoryPage = 50   // records with histories
)
