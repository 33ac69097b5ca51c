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

// sight is what the login sees of one part: the object, nil if hidden, and
// wanted ∩ described.
type sight struct {
	object    *schema.Object
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
			return !v.object.Filterable(name)
		}) {
			out = append(out, c)
		}
	}
	return out
}

// wanted is what the configuration asks for, whatever the login sees.
type wanted struct {
	fields   map[string]string // our names → API names, as configured
	machines *machine.Machines
}

// asksWho reports whether it matters by name who made the rows of an object.
func (w wanted) asksWho(object string) bool {
	return w.machines.Named() && (object == "Task" || object == "Event")
}

// see joins what is wanted of one part with what the login sees: the object, and of
// users what the names of its makers are asked from, nil where nobody may see them.
// ok is false where no time of change can be asked for.
func (w wanted) see(p part, o, users *schema.Object) (v sight, ok bool) {
	v = sight{object: o}
	fields := p.fields
	if fields == nil && !p.sweep {
		v.mapping = w.mapping(o)
		v.selection = v.mapping.selection()
	}
	for _, name := range fields {
		f := o.Field(name)
		if f == nil || name == "Subject" && !w.machines.ReadsSubjects() {
			continue // what people wrote is not read without need
		}
		v.selection = append(v.selection, f.Name)
		if name == "CreatedById" && (p.object == "Task" || p.object == "Event") {
			v.mark = w.machines.Mark()
			for _, of := range []string{"Username", "Email"} {
				if users != nil && users.Field(of) != nil {
					v.selection = append(v.selection, "CreatedBy."+of)
				}
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

// see looks at all parts of a stream. The error is crm.ErrRefused when the login
// sees none of them.
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
		if s.wanted.asksWho(p.object) {
			if users, err = s.schema.Object(ctx, "User"); err != nil && !errors.Is(err, schema.ErrNoObject) {
				return nil, err
			}
		}
		if out[i], ok = s.wanted.see(p, o, users); !ok {
			return nil, s.org.Fail(crm.ErrRefused, p.object+" tells no time of change that can be asked for", "check the run-as user's permissions")
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

// seeLines makes sure that the sales processes are known as far as they can be.
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

// names are the fields that a stream is read with, and how, for the cursor.
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
