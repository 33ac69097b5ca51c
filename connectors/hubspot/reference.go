package hubspot

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// endpoint is one kind of call, for the reader of docs/hubspot.md.
type endpoint struct {
	call string // method and path; {object} stands for several
	when string
	many string // calls for n records
	why  string
}

// endpoints lists all calls that a source makes.
var endpoints = []endpoint{
	{"GET /account-info/" + api.Version + "/details", "at the start and once a day; hourly while something is missing", "1", "the portal's id, time zone, currency and the host of its pages"},
	{"GET /crm/properties/" + api.Version + "/deals", "at the start and once a day; hourly while something is missing", "1", "which of the fields the portal has, and of what type"},
	{"GET /crm/objects/" + api.Version + "/{object}?limit=1", "at the start and once a day; hourly while something is missing", "7", "what the token may read: only an attempt shows it"},
	{"GET /crm/pipelines/" + api.Version + "/deals", "hourly; at once when a deal is in a stage that is not known", "1", "stages and which of them are closed"},
	{"GET /crm/owners/" + api.Version, "hourly; at once when a deal has an owner who is not known", "2 and n/100", "owners with their teams, active and deactivated"},
	{"GET /crm/objects/" + api.Version + "/{object}", "first reading, then once a day; see below for many", "n/100; n/50 for the history of deals; deals once more for their contacts", "all records: some changes have no stamp, and purged records leave no trace"},
	{"GET /crm/objects/" + api.Version + "/deals?archived=true", "each poll; hourly where there are more than 3 pages", "1 and n/100", "archived deals, which no search finds"},
	{"GET /crm/objects/" + api.Version + "/{activity}?archived=true", "once a day", "1 and n/100 for each of five", "archived activities"},
	{"POST /crm/objects/" + api.Version + "/deals/search", "each poll", "1 and n/200", "ids of the deals that changed, for their state, history and contacts at once; after a start the ids of all deals that are not known to be closed"},
	{"POST /crm/objects/" + api.Version + "/{object}/search", "with each list of all records; more where the list has fewer than the index", "1; then 1, up to " + strconv.Itoa(mostMarks+1) + " and n/200 for the range in which some are missing", "how many there are: a list does not tell, and may be cut short"},
	{"POST /crm/objects/" + api.Version + "/deals/search", "hourly", "1", "how many deals are open: one that a list left out is in no poll"},
	{"POST /crm/objects/" + api.Version + "/{activity}/search", "each poll", "1 and n/200 for each of five", "ids of the activities that changed: a search is of one kind"},
	{"POST /crm/objects/" + api.Version + "/deals/batch/read", "when deals changed", "n/50 with history, n/100 without", "the deals themselves: the search is an index that lags"},
	{"POST /crm/objects/" + api.Version + "/deals/batch/read", "before digests are composed", "n/100 for the deals with findings", "a deal that was closed, given away or deleted since is not named as it was: the first 500 are read, unless a poll has just ended; of the others whether they are there"},
	{"POST /crm/objects/" + api.Version + "/{activity}/batch/read", "when activities changed", "n/100", "the activities themselves"},
	{"GET /crm/objects/" + api.Version + "/{object}/{id}", "when a batch calls records not there that are not archived either", "1 each, for at most 10", "one wrong answer deletes nothing"},
	{"POST /crm/associations/" + api.Version + "/{activity}/deals/batch/read", "with activities", "n/1000", "the deals of the activities"},
	{"POST /crm/associations/" + api.Version + "/deals/contacts/batch/read", "with changed deals; hourly for open deals", "n/1000", "the contacts of a deal"},
	{"POST /crm/associations/" + api.Version + "/deals/{activity}/batch/read", "hourly for open deals; when a deal can be read again", "n/1000 for each of five", "activities that were linked late"},
	{"POST /crm/associations/" + api.Version + "/contacts/deals/batch/read", "when an answer says that deals have lost all their contacts", "n/1000", "the other end: an answer may say \"none\" of everything; likewise the activities of deals, and the number that the deals themselves count"},
	{"POST " + api.TokenPath, "OAuth apps: each half hour", "1", "the next access token"},
}

// laps prints what laps cost, for the reader of docs/hubspot.md.
func laps(b *strings.Builder) {
	const deals, activities = 550_000, 5 * 550_000
	fmt.Fprintf(b, "\n### Reading all again\n\nAt most %d calls a day, however many records there are.\n\n", lapPrice())
	b.WriteString("| records | of one call | calls of an hour | within a day up to | 550,000 deals, each with five activities |\n|---|---|---|---|---|\n")
	for _, l := range []struct {
		what   string
		name   crm.Stream
		page   int
		number int
	}{
		{"deals", crm.Opportunities, api.MaxPage, deals},
		{"histories of deals", crm.History, api.MaxHistoryPage, deals},
		{"contacts of open deals, by a list of all deals", crm.Contacts, api.MaxPage, deals},
		{"activities", crm.Activities, api.MaxPage, activities},
	} {
		day := 24 * lapLists[l.name] * l.page
		fmt.Fprintf(b, "| %s | %d | %d | %d | %.1f days |\n", l.what, l.page, lapCalls(l.name), day, max(1, float64(l.number)/float64(day)))
	}
}

// looks prints what the look at the links of open deals costs.
func looks(b *strings.Builder) {
	of := openAnHour / api.MaxLinks
	fmt.Fprintf(b, "\n### Links of open deals\n\nAt most %d calls an hour for %d open deals: one call for %d deals with their contacts, and one with each of %d kinds of activity.\n"+
		"Where more deals are open, the look goes on in the next hour. A process that starts searches for the open deals once, %d at a time.\n",
		of*(1+len(portal.Activities)), openAnHour, api.MaxLinks, len(portal.Activities), 2*api.MaxPage)
}

// Reference prints the objects that are read, with their properties and scopes, and
// the calls that are made, as tables of docs/hubspot.md.
func Reference() string {
	var b strings.Builder
	b.WriteString("### Objects, properties and scopes\n\n| object | scopes | properties | why |\n|---|---|---|---|\n")
	row := func(object, scope, properties, why string) {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", object, scope, properties, why)
	}
	row("deals", code(api.Scopes["deals"]), code(append(portal.DealProperties(), api.People, api.Touches)...), "what the rules judge; and the properties under `fields`")
	row("history of deals", code(api.Scopes["deals"]), code("dealstage", "closedate", "amount", "hs_next_step", "hubspot_owner_id"), "since when a deal is in its stage, what was pushed and by how much; and of each value who wrote it, by what (HubSpot's own pages, an import, a workflow, an app), which comes with it")
	row("pipelines", code(api.Scopes["deals"]), "all", "names and order of stages, which are closed or won")
	row("owners", code(api.Scopes["owners"]), "name, address, teams", "who answers for a deal, and who gets the message")
	for _, object := range portal.Activities {
		list := []string{api.Scopes[object]}
		if object == "emails" {
			list = append([]string{api.Scopes["contacts"]}, list...)
		}
		row(object, code(list...), code(portal.ActivityProperties[object]...), map[string]string{
			"calls": "contact with the buyer", "emails": "contact with the buyer; the subject, and nothing else of what it says", "meetings": "contact with the buyer, past and booked",
			"tasks": "what is planned, and what is overdue", "notes": "work on the deal, without what it says",
		}[object]+". Who made it, and by which app")
	}
	row("contacts", code(api.Scopes["contacts"]), "none, only the deals of a contact", "whether anybody is named on the buyer's side, and in which role, by the labels of the link. Titles, bounces and opt-outs are not read: they would cost a call for each hundred people")
	b.WriteString("\nTitles, subjects and the names of apps are kept up to 255 characters. A property of an activity that the portal does not answer for is not\n" +
		"told, and costs neither the activity nor a call: these properties come with the calls that are made anyway.\n")
	b.WriteString("\n### Calls\n\nn is the number of records to read, and each fraction is rounded up. Polls come as often as `every` says.\n\n")
	b.WriteString("| call | when | how many | why |\n|---|---|---|---|\n")
	for _, e := range endpoints {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", e.call, e.when, e.many, e.why)
	}
	looks(&b)
	laps(&b)
	return b.String()
}

func code(names ...string) string { return "`" + strings.Join(names, "`, `") + "`" }
