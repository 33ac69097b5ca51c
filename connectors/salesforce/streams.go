package salesforce

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// stream says how one stream is read: part by part, each a query of one object.
type stream struct {
	parts []part
	// whole streams are small and read completely in each run.
	whole bool
	// ascending streams have records named by the id that a backfill is ordered by.
	ascending bool
	take      func(s *Source, c *reading, r *row.Row)
}

// part is one query of a run.
type part struct {
	object string
	fields []string // wanted besides Id, IsDeleted and the stamp; nil asks the mapping
	full   soql.All // of a backfill; increments take all that was stamped
	// ended parts read what ended since the last run instead of what was
	// stamped. A meeting takes place without anybody touching its row.
	ended bool
	// sweep parts ask for the ids of all that is there, and only in some runs.
	sweep bool
	keep  *retention // nil keeps all
}

// counted are the activities that count, as far as their fields can be filtered by.
var counted = soql.All{
	soql.Is("What.Type", "=", soql.Text("Opportunity")),
	soql.Is("IsRecurrence", "=", soql.Truth(false)), // the pattern of a series is no activity
	soql.Is("IsChild", "=", soql.Truth(false)),      // the copies that invited users get
}

var (
	taskFields = []string{"WhatId", "OwnerId", "ActivityDate", "IsClosed", "CompletedDateTime", "TaskSubtype", "Type",
		"CallType", "CallDisposition", "IsRecurrence", "CreatedDate", "CreatedById", "Subject"}
	eventFields = []string{"WhatId", "OwnerId", "StartDateTime", "EndDateTime", "ActivityDate", "ActivityDateTime",
		"IsRecurrence", "IsChild", "CreatedDate", "CreatedById", "Subject"}
)

// streams are the streams of a source. Nobody writes to it.
var streams = map[crm.Stream]stream{
	crm.Users: {
		ascending: true,
		parts:     []part{{object: "User", fields: []string{"Name", "Email", "IsActive", "ManagerId", "TimeZoneSidKey"}}},
		take:      func(_ *Source, c *reading, r *row.Row) { c.page.Users = append(c.page.Users, user(r)) },
	},
	crm.Stages: {
		whole: true,
		parts: []part{{object: "OpportunityStage", fields: []string{"ApiName", "MasterLabel", "SortOrder", "IsActive",
			"IsClosed", "IsWon", "ForecastCategoryName", "ForecastCategory"}}},
		take: (*Source).takeStage,
	},
	crm.Opportunities: {
		ascending: true,
		parts:     []part{{object: "Opportunity", keep: keptDeals}, {object: "Opportunity", sweep: true}},
		take: func(_ *Source, c *reading, r *row.Row) {
			c.page.Opportunities = append(c.page.Opportunities, c.mapping.opportunity(r))
		},
	},
	crm.History: {
		parts: []part{{object: "OpportunityHistory",
			fields: []string{"OpportunityId", "StageName", "Amount", "CloseDate", "CreatedDate", "CreatedById"}}},
		take: func(_ *Source, c *reading, r *row.Row) { c.page.Changes = append(c.page.Changes, changes(r)...) },
	},
	crm.Activities: {
		parts: []part{
			{object: "Task", fields: taskFields, full: counted, keep: keptTasks},
			{object: "Event", fields: eventFields, full: counted, keep: keptEvents},
			{object: "Event", fields: eventFields, full: counted, ended: true},
			{object: "Task", full: counted, keep: keptTasks, sweep: true},
			{object: "Event", full: counted, keep: keptEvents, sweep: true},
		},
		take: (*Source).takeActivity,
	},
	crm.Contacts: {
		ascending: true,
		parts: []part{{object: "OpportunityContactRole", fields: []string{"OpportunityId", "ContactId", "Role", "IsPrimary"}},
			{object: "OpportunityContactRole", sweep: true}},
		take: func(_ *Source, c *reading, r *row.Row) {
			if link := contact(r); link.OpportunityID != "" {
				c.page.Contacts = append(c.page.Contacts, link)
			}
		},
	},
}

// takeActivity keeps what counts as an activity. In an increment the others
// come along, because one that counted may no longer do.
func (s *Source) takeActivity(c *reading, r *row.Row) {
	switch {
	case r.Flag("IsRecurrence"), r.Flag("IsChild"):
		c.page.Deleted = append(c.page.Deleted, r.Text("Id"))
	case c.part.object == "Task":
		c.page.Activities = append(c.page.Activities, s.task(r, c.login))
	default:
		c.page.Activities = append(c.page.Activities, s.event(r, c.login, c.page.AsOf))
	}
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

// sight is what the login sees of one part: the object, nil if hidden, and
// wanted ∩ described.
type sight struct {
	object    *object
	mapping   *mapping // of opportunities only
	selection []string
	stamp     string // the field that tells when a row was last touched
	mark      string // changes when the same row would be read otherwise; "" is never
}

// filterable leaves those conditions whose fields can all be filtered by: the
// others are more to read, not less.
func (v sight) filterable(where soql.All) soql.All {
	var out soql.All
	for _, c := range where {
		if !slices.ContainsFunc(c.Fields(), func(name string) bool {
			if parent, _, dotted := strings.Cut(name, "."); dotted {
				name = parent + "Id"
			}
			return !v.object.filterable(name)
		}) {
			out = append(out, c)
		}
	}
	return out
}

// see looks at all parts of a stream. The error is crm.ErrRefused when the login
// sees none of them.
func (s *Source) see(ctx context.Context, st stream) ([]sight, error) {
	out := make([]sight, len(st.parts))
	seen := false
	for i, p := range st.parts {
		o, err := s.object(ctx, p.object)
		if errors.Is(err, errNoObject) {
			continue
		} else if err != nil {
			return nil, err
		}
		var users *object // nil where nobody may see them, or asks
		if s.asksWho(p.object) {
			if users, err = s.object(ctx, "User"); err != nil && !errors.Is(err, errNoObject) {
				return nil, err
			}
		}
		if out[i], err = s.seePart(p, o, users); err != nil {
			return nil, err
		}
		seen = true
		if p.object == "OpportunityStage" {
			if err := s.seeLines(ctx); err != nil {
				return nil, err
			}
		}
	}
	if !seen {
		return nil, s.noObject(st.parts[0].object)
	}
	return out, nil
}

// asksWho reports whether it matters by name who made the rows of an object.
func (s *Source) asksWho(object string) bool {
	return len(s.machines.names) > 0 && (object == "Task" || object == "Event")
}

// seeLines makes sure that the sales processes are known as far as they can be.
func (s *Source) seeLines(ctx context.Context) error {
	o, err := s.object(ctx, "Opportunity")
	if errors.Is(err, errNoObject) {
		return nil
	} else if err != nil {
		return err
	}
	_, err = s.organization(ctx, o)
	return err
}

func (s *Source) seePart(p part, o, users *object) (sight, error) {
	v := sight{object: o}
	wanted := p.fields
	if wanted == nil && !p.sweep {
		v.mapping = s.mapping(o)
		v.selection = v.mapping.selection()
	}
	for _, name := range wanted {
		f := o.field(name)
		if f == nil || name == "Subject" && len(s.machines.subjects) == 0 {
			continue // what people wrote is not read without need
		}
		v.selection = append(v.selection, f.Name)
		if name == "CreatedById" && (p.object == "Task" || p.object == "Event") {
			v.mark = s.machines.mark
			for _, of := range []string{"Username", "Email"} {
				if users != nil && users.field(of) != nil {
					v.selection = append(v.selection, "CreatedBy."+of)
				}
			}
		}
	}
	for _, name := range []string{"SystemModstamp", "LastModifiedDate", "CreatedDate"} {
		if o.filterable(name) {
			v.stamp = name
			return v, nil
		}
	}
	return v, s.org.Fail(crm.ErrRefused, p.object+" tells no time of change that can be asked for", "check the run-as user's permissions")
}

// names are the fields that a stream is read with, and how, for the cursor.
func names(sights []sight) []string {
	var out []string
	for _, v := range sights {
		for _, f := range v.selection {
			out = append(out, v.object.name+"."+f)
		}
		if v.mark != "" {
			out = append(out, v.object.name+" "+v.mark)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
