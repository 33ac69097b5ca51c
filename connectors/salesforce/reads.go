package salesforce

import (
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/machine"
)

// Read documents an object of Salesforce: the fields that are read, and why. Markdown
// prints the list into docs/salesforce.md, and a test compares the list with the
// queries.
type Read struct {
	Object     string // "" stands for every object
	Permission string // what the login needs to read the object
	Without    string // what happens when the login cannot read the object
	Fields     []ReadField
}

// ReadField is a field, or several with one reason, separated by spaces.
type ReadField struct{ Names, Why string }

// Reads lists all objects that are read.
func Reads() []Read {
	return []Read{
		{"", "", "", []ReadField{
			{"Id", "names the record"},
			{"SystemModstamp LastModifiedDate CreatedDate", "the first of them that can be filtered by tells what was touched since the last run"},
			{"IsDeleted", "the recycle bin tells what was deleted, and undeleted"},
			{"COUNT()", "how many rows the login sees: the open deals with each poll, one other number in turn (closed deals, the rows of one object), and at the end of the first run what came of deals, activities and contact roles. When a number changes by more than was touched, or more rows are there than came, all is read anew"},
		}},
		{"Opportunity", "Read and View All on the object", "nothing can be judged: the source stops", []ReadField{
			{"Name StageName Amount CloseDate OwnerId AccountId NextStep", "what the rules look at and a digest shows"},
			{"ForecastCategoryName ForecastCategory", "the forecast category, by its label where there is one"},
			{"IsClosed IsWon", "closed deals are not judged; sweeps ask for the open ones"},
			{"CreatedDate LastModifiedDate", "the age of a deal, and when somebody changed it last"},
			{"LastStageChangeDate", "since when the deal is in its stage"},
			{"LastActivityDate", "tells of activities that the login cannot see, so no rule says that the deal had none"},
			{"LeadSource Type Probability HasOpportunityLineItem", "where the deal came from, whether it is new business, how likely it is said to be, and whether it has products"},
			{"CreatedById LastModifiedById", "who created the deal, and who changed it last"},
			{"CurrencyIsoCode", "the currency of the amount; only orgs with several currencies have the field"},
			{"RecordTypeId", "the pipeline of the deal, whose API name comes from describe; only orgs with record types have the field"},
			{"*", "the fields that the configuration names under `fields`; `loss_reason` among them is why a deal was lost, for which Salesforce has no field of its own"},
		}},
		{"OpportunityHistory", "comes with opportunities", "rules about moved dates and skipped stages know only what changes from now on", []ReadField{
			{"OpportunityId StageName Amount CloseDate CreatedDate CreatedById", "what changed before Pipetidy's first run, when and by whom (Salesforce does not tell by which app); not the amount or the close date where `fields` names another field for it, whose past this object does not tell"},
		}},
		{"OpportunityStage", "none of its own", "stages have no order and no labels", []ReadField{
			{"ApiName MasterLabel", "deals hold the name, people read the label"},
			{"SortOrder IsActive IsClosed IsWon", "the order of the open stages"},
			{"ForecastCategoryName ForecastCategory", "the forecast category of deals that have none of their own"},
			{"DefaultProbability", "how likely a deal of the stage is unless somebody says otherwise"},
		}},
		{"Task", "View All Data, or sharing decides which activities are seen; without it Salesforce may also refuse large reads (OPERATION_TOO_LARGE)",
			"rules about contact and next activities are unknown", activityReads(
				ReadField{"ActivityDate IsClosed CompletedDateTime", "when the task is due, and whether and when it was done"},
				ReadField{"TaskSubtype Type", "whether the task is a call or an email, a list email, or a message on LinkedIn"},
				ReadField{"CallType CallDisposition", "who called, and what came of it"},
			)},
		{"Event", "as Task", "rules about contact and next activities are unknown", activityReads(
			ReadField{"StartDateTime EndDateTime ActivityDate ActivityDateTime IsAllDayEvent", "when the event begins or on which day it is, and whether it has ended"},
			ReadField{"IsChild", "copies for invited users are left out"},
		)},
		{"OpportunityContactRole", "comes with opportunities and contacts", "rules about contacts are unknown", []ReadField{
			{"OpportunityId ContactId Role IsPrimary", "how many people a deal has, and in which roles"},
			{"Contact.Title", "whether one of them decides"},
			{"Contact.EmailBouncedDate Contact.HasOptedOutOfEmail", "whether one of them can still be reached"},
			{"Contact.SystemModstamp", "people who changed: that gives the role no stamp; it comes with the same query"},
		}},
		{"User", "View All Users where users are private", "owners have no names and no addresses: nobody gets a digest", []ReadField{
			{"Name Email", "who owns a deal, and where the digest goes"},
			{"IsActive ManagerId", "deals of people who have left, and whom they reported to"},
			{"TimeZoneSidKey", "whose morning it is"},
			{"Username", "whether `integration_users` names somebody"},
		}},
		{"Organization", "none of its own", "zone and fiscal year are unknown", []ReadField{
			{"TimeZoneSidKey FiscalYearStartMonth", "the org's own zone and its fiscal year"},
		}},
		{"CurrencyType", "none of its own", "amounts are shown in the currency of each deal, and sums require `currency.rates`", []ReadField{
			{"IsoCode IsCorporate IsActive", "the corporate currency; only orgs with several currencies have the object"},
			{"ConversionRate", "what the other currencies are worth, for sums; dated rates are not read"},
		}},
	}
}

// activityReads are the fields that tasks and events share, and more.
func activityReads(more ...ReadField) []ReadField {
	return append([]ReadField{
		{"WhatId What.Type", "the deal of the activity; activities without a deal are left out"},
		{"OwnerId CreatedDate CreatedById", "the owner, when it was logged and by whom, and whether Pipetidy's own login created the activity"},
		{"CreatedBy.Username CreatedBy.Email", "whether one of `integration_users` created the activity; only read if the key holds names or addresses"},
		{"Subject", "whether a tool created the activity by itself, what became of it, and whether an open task parks its deal (`park.task_subject`); kept up to 255 characters. Descriptions are not read"},
		{"IsRecurrence", "the pattern of a series is no activity"},
	}, more...)
}

// resources are the resources that are called: address, occasion, and number of calls.
// The org counts every call but those of the first line.
var resources = [][3]string{
	{"`/services/oauth2/token`", "to sign in", "1 for each session, which the org does not count"},
	{"`/composite`: `/sobjects/…/describe`, Organization", "at the start and once a day: which fields the login sees", "1 (9 one by one where composites are refused)"},
	{"`/ui-api/object-info/Opportunity/picklist-values/…`", "at the start and once a day: the stages of each record type", "1 for each record type"},
	{"`/connect/organization`, in an org with several currencies `/query`", "at the start and once a day: the org's currency, and what others are worth", "1"},
	{"`/composite`: `/queryAll`, `/query`", "each run: what was touched since the last run, which meetings have ended, and two numbers of rows", "2 for all objects together (8 one by one where composites are refused)"},
	{"`/query/…`", "each run: further pages", "1 for each 2,000 rows"},
	{"`/queryAll`", "the first run, and whenever a field is new", "1 for each 2,000 rows, up to `bulk_above` rows"},
	{"`/jobs/query`", "the same for an object with more than `bulk_above` rows: Bulk API 2.0", "about 6 to 9, and 1 for each large page"},
	{"`/composite`: `/queryAll`, `/query`", "at the end of the first run of deals, activities and contact roles: how many rows there are, compared with those that came", "1 for each of the three"},
	{"`/queryAll`", "once a day all ids of open deals and all users, once a week all activities and contact roles, sooner when a number of rows tells: what is gone, hidden or visible again", "1 for each 2,000 rows"},
	{"`/queryAll`", "before digests are composed: the first 1,000 deals with findings as they are now, unless a poll has just ended; of the others whether they are there", "1 for each 200 deals"},
	{"`/queryAll`", "all deals that are kept, when more of them are there than came", "1 for each 2,000 rows"},
	{"`/queryAll`", "deals that are visible again, or back from the recycle bin", "5 for each 100 deals"},
}

// Markdown is the section of docs/salesforce.md that says what is read.
func Markdown() []byte {
	var b strings.Builder
	b.WriteString("Pipetidy never writes into Salesforce. It first reads which fields exist: a field that the login cannot see, or that the org does\n" +
		"not have, is not queried, and a rule that needs the field gives no verdict. The permissions are from Salesforce's documentation\n" +
		"and were not tried in a live org.\n\n")
	b.WriteString("| object | fields | why |\n|---|---|---|\n")
	for _, r := range Reads() {
		object := r.Object
		if object == "" {
			object = "every object"
		}
		for _, f := range r.Fields {
			names := "`" + strings.ReplaceAll(f.Names, " ", "`, `") + "`"
			if f.Names == "*" {
				names = "configured ones"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", object, names, f.Why)
			object = ""
		}
	}
	b.WriteString("\n| object | permission | without it |\n|---|---|---|\n")
	for _, r := range Reads() {
		if r.Object != "" {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", r.Object, r.Permission, r.Without)
		}
	}
	b.WriteString("\nEvery call needs the permission API Enabled. What the calls cost of the org's daily allowance:\n\n| resource | when | calls |\n|---|---|---|\n")
	for _, r := range resources {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r[0], r[1], r[2])
	}
	b.WriteString("\nActivities with these subjects count as made by a tool, unless `automated_subjects` says otherwise. No pattern matches what a\n" +
		"rep did through a tool, or the step of a sequence: the subject of a step does not tell who sent the step.\n\n| subject | tool | known from |\n|---|---|---|\n")
	for _, s := range machine.Subjects() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Pattern, s.Tool, s.From)
	}
	return []byte(b.String())
}
