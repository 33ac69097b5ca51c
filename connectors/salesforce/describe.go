package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// object is what the login can see of an sObject type.
type object struct {
	name   string
	hidden bool
	fields map[string]*field // by lower-case name
	at     time.Time
}

// field is one field of an object, as describe tells it. A field that
// field-level security hides is not there at all.
type field struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Filterable bool   `json:"filterable"`
}

// field returns the field called name, nil if the login cannot see it. Names
// are without case, as in SOQL.
func (o *object) field(name string) *field { return o.fields[strings.ToLower(name)] }

// filterable reports whether name may stand in a condition.
func (o *object) filterable(name string) bool {
	f := o.field(name)
	return f != nil && f.Filterable
}

// errNoObject says that the login cannot see an object at all.
var errNoObject = errors.New("object is not visible")

// object returns what describe says about name, from memory if that is recent.
// The error wraps errNoObject when there is no such object for this login.
//
// If-Modified-Since would save nothing here: it costs a call as well, and it
// does not notice changes of field-level security.
func (s *Source) object(ctx context.Context, name string) (*object, error) {
	s.objects.mu.Lock()
	known := s.objects.known[name]
	s.objects.mu.Unlock()
	if known == nil || s.now().Sub(known.at) >= s.cfg.DescribeEvery {
		var err error
		if known, err = s.describe(ctx, name); err != nil {
			return nil, err
		}
	}
	if known.hidden {
		return nil, errNoObject
	}
	return known, nil
}

// describe asks anew.
func (s *Source) describe(ctx context.Context, name string) (*object, error) {
	o := &object{name: name, fields: map[string]*field{}, at: s.now()}
	r, err := s.get(ctx, s.version()+"/sobjects/"+name+"/describe", false)
	var refused *codeError
	switch {
	case errors.As(err, &refused) && (refused.status == http.StatusNotFound || refused.code == "INVALID_TYPE"):
		o.hidden = true
	case err != nil:
		return nil, err
	default:
		var answer struct {
			Fields    []*field `json:"fields"`
			Queryable *bool    `json:"queryable"`
		}
		if err := json.Unmarshal(r.body, &answer); err != nil || len(answer.Fields) == 0 {
			return nil, s.fail(crm.ErrBusy, "the description of "+name+" cannot be read", "the next run tries again")
		}
		o.hidden = answer.Queryable != nil && !*answer.Queryable
		for _, f := range answer.Fields {
			if fieldForm.MatchString(f.Name) { // it will stand in a query
				o.fields[strings.ToLower(f.Name)] = f
			}
		}
	}
	s.objects.mu.Lock()
	defer s.objects.mu.Unlock()
	s.objects.known[name] = o
	return o, nil
}

func (s *Source) noObject(name string) error {
	return s.fail(crm.ErrRefused, "the login cannot read the object "+name, "give the run-as user read permission for it")
}
