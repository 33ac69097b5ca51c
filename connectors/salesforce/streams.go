package salesforce

import (
	"slices"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// stream says how one stream is read: part by part, and each part queries one object.
type stream struct {
	parts []part
	// whole says that the stream is small, so each run reads all of it.
	whole bool
	// sweeps is after how many times SweepEvery a sweep comes; 0 is only for a cause.
	sweeps int64
	// stays says that records of the stream are never dropped because the login does not
	// see them: a sweep only reads them anew.
	stays bool
	// ascending says that a backfill gives the records in the order of their ids.
	ascending bool
	take      func(c *reading, r *row.Row)
}

// part is one query of a run.
type part struct {
	object string
	fields []string // to select besides Id, IsDeleted and the stamp; nil is the selection of the mapping
	full   soql.All // conditions of a backfill; an increment has none but the stamp
	// ended says that the part reads the rows that ended since the last run instead of
	// the rows that were stamped: a meeting ends without a change of its row.
	ended bool
	// sweep says that the part reads all rows whatever their stamp, and only in runs that
	// sweep. Without fields it reads their ids.
	sweep bool
	keep  *retention // nil keeps all
	// always says that every org has such rows, so that a full read gets some.
	always bool
}

// name is the name of the part among those that an increment reads.
func (p part) name() string {
	if p.ended {
		return p.object + " ended"
	}
	return p.object
}

// counted are the conditions of rows that count as activities.
var counted = soql.All{
	soql.Is("What.Type", "=", soql.Text("Opportunity")),
	soql.Is("IsRecurrence", "=", soql.Truth(false)), // true is the pattern of a series
	soql.Is("IsChild", "=", soql.Truth(false)),      // true is the copy of an invited user
}

var (
	taskFields = []string{"WhatId", "OwnerId", "ActivityDate", "IsClosed", "CompletedDateTime", "TaskSubtype", "Type",
		"CallType", "CallDisposition", "IsRecurrence", "CreatedDate", "CreatedById", "Subject"}
	eventFields = []string{"WhatId", "OwnerId", "StartDateTime", "EndDateTime", "ActivityDate", "ActivityDateTime", "IsAllDayEvent",
		"IsRecurrence", "IsChild", "CreatedDate", "CreatedById", "Subject"}
	userFields    = []string{"Name", "Username", "Email", "IsActive", "ManagerId", "TimeZoneSidKey"}
	historyFields = []string{"OpportunityId", "StageName", "Amount", "CloseDate", "CreatedDate", "CreatedById"}
	contactFields = []string{"OpportunityId", "ContactId", "Role", "IsPrimary"}
)

// streams are the streams of a source. The map is never written to.
var streams = map[crm.Stream]stream{
	crm.Users: {
		ascending: true, sweeps: 1, stays: true,
		parts: []part{{object: "User", fields: userFields, always: true}, {object: "User", fields: userFields, sweep: true}},
		take:  func(c *reading, r *row.Row) { c.page.Users = append(c.page.Users, user(r)) },
	},
	crm.Stages: {
		whole: true,
		parts: []part{{object: "OpportunityStage", always: true, fields: []string{"ApiName", "MasterLabel", "SortOrder", "IsActive",
			"IsClosed", "IsWon", "ForecastCategoryName", "ForecastCategory", "DefaultProbability"}}},
		take: (*reading).stage,
	},
	crm.Opportunities: {
		ascending: true, sweeps: 1,
		parts: []part{{object: "Opportunity", keep: keptDeals}, {object: "Opportunity", sweep: true}},
		take: func(c *reading, r *row.Row) {
			c.page.Opportunities = append(c.page.Opportunities, c.mapping.opportunity(r, c.zone))
			c.recordType(r)
		},
	},
	crm.History: {
		stays: true,
		parts: []part{{object: "OpportunityHistory", fields: historyFields}, {object: "OpportunityHistory", fields: historyFields, sweep: true}},
		take:  func(c *reading, r *row.Row) { c.page.Changes = append(c.page.Changes, changes(r)...) },
	},
	crm.Activities: {
		sweeps: dependents,
		parts: []part{
			{object: "Task", fields: taskFields, full: counted, keep: keptTasks},
			{object: "Event", fields: eventFields, full: counted, keep: keptEvents},
			{object: "Event", fields: eventFields, full: counted, ended: true},
			{object: "Task", fields: taskFields, full: counted, keep: keptTasks, sweep: true},
			{object: "Event", fields: eventFields, full: counted, keep: keptEvents, sweep: true},
		},
		take: (*reading).activity,
	},
	crm.Contacts: {
		ascending: true, sweeps: dependents,
		parts: []part{{object: "OpportunityContactRole", fields: contactFields}, {object: "OpportunityContactRole", fields: contactFields, sweep: true}},
		take: func(c *reading, r *row.Row) {
			if link := contact(r, c.columns); link.OpportunityID != "" {
				c.page.Contacts = append(c.page.Contacts, link)
			}
		},
	},
}

// objects lists the objects of a stream, each once.
func (st stream) objects() []string {
	var names []string
	for _, p := range st.parts {
		if !slices.Contains(names, p.object) {
			names = append(names, p.object)
		}
	}
	return names
}
