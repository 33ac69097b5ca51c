package schema

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/crm"
)

// Object returns the description of an object, from memory if the description is
// recent. The error wraps ErrNoObject when the login cannot see the object.
//
// If-Modified-Since would save nothing: a conditional request is a call as well, and
// Salesforce does not count a change of field-level security as a modification.
func (s *Schema) Object(ctx context.Context, name string) (*Object, error) {
	since := s.cfg.Now().Add(-s.cfg.Every)
	known := s.recent(name, since)
	if known == nil {
		leave, err := s.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		if known = s.recent(name, since); known == nil {
			if err := s.survey(ctx, since); err != nil {
				return nil, err
			}
			known = s.recent(name, since)
		}
		if known == nil {
			if known, err = s.Anew(ctx, name); err != nil {
				return nil, err
			}
		}
	}
	if known.hidden {
		return nil, ErrNoObject
	}
	return known, nil
}

// Anew is Describe, but an answer that tells less than the one before is asked for twice
// before it is believed: a proxy or an org that moves answers so as well, and what is
// hidden is not judged.
func (s *Schema) Anew(ctx context.Context, name string) (*Object, error) {
	o, err := s.ask(ctx, name)
	if err == nil && s.tellsLess(o) && !s.doubts(name) {
		o, err = s.ask(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	s.note(o)
	return o, nil
}

// Reconsider asks once more for the descriptions of objects of which something is
// missing. What is missing is asked for before each run, because those who grant a
// permission look at once whether it helped. An object without a usable answer stays as
// it is.
func (s *Schema) Reconsider(ctx context.Context, missing func(*Object) bool) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	var names, paths []string
	for _, name := range s.cfg.Objects {
		if known := s.recent(name, time.Time{}); known != nil && (known.hidden && !slices.Contains(s.cfg.Spare, name) || missing(known)) {
			names, paths = append(names, name), append(paths, s.describePath(name))
		}
	}
	answers, err := s.org.Each(ctx, paths)
	if err != nil {
		return err
	}
	for i, name := range names {
		if o, err := s.description(name, answers[i]); err == nil && !s.tellsLess(o) {
			s.note(o)
		}
	}
	return nil
}

// survey reads in one call the descriptions of all objects that are not recent, and
// the row of Organization. An object without a usable answer is left to Describe,
// which explains the failure. An answer that tells less than the one before is doubted,
// and asked for again.
func (s *Schema) survey(ctx context.Context, since time.Time) error {
	var names, paths []string
	for _, name := range s.cfg.Objects {
		if s.recent(name, since) == nil {
			names, paths = append(names, name), append(paths, s.describePath(name))
		}
	}
	if len(names) == 1 {
		return nil // Describe costs one call as well, and explains a failure
	}
	answers, err := s.org.Together(ctx, append(paths, s.organizationPath()))
	if errors.Is(err, api.ErrNoComposite) {
		return nil
	} else if err != nil {
		return err
	}
	for i, name := range names {
		o, err := s.description(name, answers[i])
		switch {
		case err != nil:
		case s.tellsLess(o) && !s.doubts(name):
			s.doubt(name)
		default:
			s.note(o)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.early = answers[len(names)].Reply
	return nil
}

// Describe reads the description of one object anew.
func (s *Schema) Describe(ctx context.Context, name string) (*Object, error) {
	o, err := s.ask(ctx, name)
	if err != nil {
		return nil, err
	}
	s.note(o)
	return o, nil
}

func (s *Schema) ask(ctx context.Context, name string) (*Object, error) {
	var a api.Answer
	a.Reply, a.Err = s.org.Get(ctx, s.describePath(name), false)
	return s.description(name, a)
}

func (s *Schema) describePath(name string) string {
	return s.org.Root() + "/sobjects/" + name + "/describe"
}

// nameless recognises a field that is none: what a description says of its other fields
// cannot be trusted either.
func nameless(f *Field) bool { return f == nil || f.Name == "" }

// unnamed recognises a record type that is none.
func unnamed(t *recordType) bool {
	return t == nil || t.ID == "" || t.Name == "" || t.Developer == "" && !t.Master
}

// description decodes an answer to describe.
func (s *Schema) description(name string, a api.Answer) (*Object, error) {
	o := NewObject(name, s.cfg.Now())
	var refused *refusal.Error
	switch {
	case errors.As(a.Err, &refused) && (refused.Status == http.StatusNotFound || refused.Code == "INVALID_TYPE"):
		o.hidden = true
		return o, nil
	case a.Err != nil:
		return nil, a.Err
	}
	var said struct {
		Fields    []*Field      `json:"fields"`
		Queryable *bool         `json:"queryable"`
		Types     []*recordType `json:"recordTypeInfos"`
	}
	if err := json.Unmarshal(a.Reply.Body, &said); err != nil || len(said.Fields) == 0 || slices.ContainsFunc(said.Fields, nameless) || slices.ContainsFunc(said.Types, unnamed) {
		return nil, s.org.Fail(crm.ErrBusy, "the description of "+name+" cannot be read", "the next run tries again")
	}
	o = NewObject(name, o.at, said.Fields...)
	for _, t := range said.Types {
		o.types = append(o.types, *t)
	}
	if o.hidden = said.Queryable != nil && !*said.Queryable; o.hidden {
		return o, nil
	}
	if cut := o.without(certain[name]); len(cut) > 0 {
		return nil, s.org.Fail(crm.ErrBusy, "the description of "+name+" is not whole: it lacks "+strings.Join(cut, ", "), "the next run tries again")
	}
	o.lacks = o.without(needed[name])
	o.hidden = len(o.lacks) > 0
	return o, nil
}
