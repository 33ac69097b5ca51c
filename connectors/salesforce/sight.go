package salesforce

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/machine"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// activityMark differs from that of a version of the program that kept less of the same fields
// of an activity, so that all activities are read again. It is part of cursors.
const activityMark = "2"

// sight is what the login sees of one part.
type sight struct {
	object    *schema.Object // nil if the login cannot see the object
	mapping   *mapping       // of opportunities only
	selection []string       // the fields to read that the login sees
	stamp     string         // the field that tells when a row was last touched
	kin       bool           // fields of the person are read, and an increment asks by the person's stamp
	mark      string         // the part is read again when the mark changes; "" is none
}

// filterable returns the conditions whose fields the login can filter by. Dropping a
// condition makes a query read more rows, never fewer.
func (v sight) filterable(where soql.All) soql.All {
	var out soql.All
	for _, c := range where {
		if !slices.ContainsFunc(c.Fields(), func(name string) bool {
			if parent, _, dotted := strings.Cut(name, "."); dotted {
				name = parent + "Id"
			}
			return !v.object.Filterable(name)
		}) {
			out = append(out, c)
		}
	}
	return out
}

// configured is what the configuration names, whether or not the login sees it.
type configured struct {
	fields   map[string]string // our names → API names
	machines *machine.Machines
}

// asksKin reports whether fields of the person that a row names are read.
func asksKin(p part) bool { return p.object == "OpportunityContactRole" && p.fields != nil }

// asksWho reports whether the name or the email of a row's creator is read.
func (w configured) asksWho(object string) bool {
	return w.machines.Named() && (object == "Task" || object == "Event")
}

// see joins the configuration with what the login sees of one part. o is the object of
// the part. users is the object User, from which the creators of rows are read, or Contact, of
// which fields come with a row; nil if hidden or not required. ok is false when the object has no field for a stamp.
func (w configured) see(p part, o, users *schema.Object) (v sight, ok bool) {
	v = sight{object: o}
	fields := p.fields
	if fields == nil && !p.sweep {
		v.mapping = w.mapping(o)
		v.selection = v.mapping.selection()
	}
	for _, name := range fields {
		f := o.Field(name)
		switch {
		case f == nil:
			continue
		case p.object == "OpportunityHistory" && w.elsewhere(name):
			continue
		}
		v.selection = append(v.selection, f.Name)
		if name == "CreatedById" && (p.object == "Task" || p.object == "Event") {
			v.mark = w.machines.Mark() + " " + activityMark
			for _, of := range []string{"Username", "Email"} {
				if users != nil && users.Field(of) != nil {
					v.selection = append(v.selection, "CreatedBy."+of)
				}
			}
		}
	}
	if asksKin(p) && users != nil && users.Filterable("SystemModstamp") && o.Filterable("ContactId") {
		for _, name := range kin {
			if users.Field(name) != nil {
				v.selection, v.kin = append(v.selection, "Contact."+name), true
			}
		}
	}
	for _, name := range []string{"SystemModstamp", "LastModifiedDate", "CreatedDate"} {
		if o.Filterable(name) {
			v.stamp = name
			return v, true
		}
	}
	return v, false
}

// see looks at all parts of a stream. The error wraps crm.ErrRefused when the login
// sees none of the parts.
func (s *Source) see(ctx context.Context, st stream) ([]sight, error) {
	out := make([]sight, len(st.parts))
	seen, ok := false, false
	for i, p := range st.parts {
		o, err := s.schema.Object(ctx, p.object)
		if errors.Is(err, schema.ErrNoObject) {
			continue
		} else if err != nil {
			return nil, err
		}
		var users *schema.Object
		if s.configured.asksWho(p.object) {
			if users, err = s.schema.Object(ctx, "User"); err != nil && !errors.Is(err, schema.ErrNoObject) {
				return nil, err
			}
		}
		if asksKin(p) {
			if users, err = s.schema.Object(ctx, "Contact"); err != nil && !errors.Is(err, schema.ErrNoObject) {
				return nil, err
			}
		}
		if out[i], ok = s.configured.see(p, o, users); !ok {
			return nil, s.org.Fail(crm.ErrRefused, p.object+" has no time of change that the login can filter by", "check the run-as user's permissions")
		}
		seen = true
		if p.object == "OpportunityStage" {
			if err := s.seeLines(ctx); err != nil {
				return nil, err
			}
		}
	}
	if !seen {
		return nil, s.schema.NoObject(st.parts[0].object)
	}
	return out, nil
}

// seeLines reads the sales processes unless they are known.
func (s *Source) seeLines(ctx context.Context) error {
	o, err := s.schema.Object(ctx, "Opportunity")
	if errors.Is(err, schema.ErrNoObject) {
		return nil
	} else if err != nil {
		return err
	}
	_, err = s.schema.Ask(ctx, o)
	return err
}

// names lists the fields that a stream is read with, and the marks of its parts, for
// the cursor.
func names(sights []sight) []string {
	var out []string
	for _, v := range sights {
		for _, f := range v.selection {
			out = append(out, v.object.Name+"."+f)
		}
		if v.mark != "" {
			out = append(out, v.object.Name+" "+v.mark)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
