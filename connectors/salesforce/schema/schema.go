// Package schema keeps what a Salesforce org says of itself: which objects and
// fields the login can see, and what holds for the whole org, such as its time
// zone and the sales processes of its record types. Answers are believed for a
// while, and of many streams that begin at once, one asks for all.
//
// What is wanted of an object is for package salesforce, which joins it with what
// is described here.
package schema

import (
	"context"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
)

// Config says what is asked, and how long an answer is believed.
type Config struct {
	Objects []string         // those that are read
	Every   time.Duration    // how long a describe is believed
	Now     func() time.Time // our clock
	// Unlined says that deals have their pipelines from elsewhere than the sales
	// processes of their record types, which need not be asked for then.
	Unlined bool
}

// Schema keeps what the org said of itself. It may be used by many goroutines at
// once.
type Schema struct {
	org  *api.Client
	cfg  Config
	turn chan struct{} // holds one element while nobody is asking

	mu    sync.Mutex
	known map[string]*Object
	about *Organization // nil is not asked yet
	early *api.Reply    // what the organization said when describe was asked, until it is read
}

// New returns a schema of which nothing is known yet.
func New(org *api.Client, cfg Config) *Schema {
	s := &Schema{org: org, cfg: cfg, turn: make(chan struct{}, 1), known: map[string]*Object{}}
	s.turn <- struct{}{}
	return s
}

// enter waits until nobody else is asking: of many streams that begin at once, one
// asks for all.
func (s *Schema) enter(ctx context.Context) (leave func(), err error) {
	select {
	case <-s.turn:
		return func() { s.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// recent returns what is known of an object and was asked after since; nil is
// nothing.
func (s *Schema) recent(name string, since time.Time) *Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.known[name]; known != nil && known.at.After(since) {
		return known
	}
	return nil
}

func (s *Schema) note(found *Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[found.Name] = found
}

// Hidden reports whether the login was found not to see an object.
func (s *Schema) Hidden(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.known[name]
	return known != nil && known.hidden
}

// Organization returns what was last heard of the org, nil before.
func (s *Schema) Organization() *Organization {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.about
}

func (s *Schema) takeEarly() (a *api.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, s.early = s.early, nil
	return a
}
