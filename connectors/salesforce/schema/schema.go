// Package schema keeps what a Salesforce org says of itself: which objects and
// fields the login can see, and what holds for the whole org, such as its time
// zone and the sales processes of its record types. An answer is kept for a while.
// When many streams begin at once, one of them makes the calls for all.
//
// Only package salesforce uses this package. Which fields the configuration names,
// and which of them are readable, is decided there. A newcomer opens
// [Schema.Object] first.
package schema

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
)

// Config says which objects are described, and how long an answer is kept.
type Config struct {
	Objects []string         // the objects that the streams read
	Spare   []string         // of these, those that are not asked for again before their time, where they are hidden
	Every   time.Duration    // how long an answer is kept
	Now     func() time.Time // our clock
	// Unlined says that a deal's pipeline is not its record type, so the sales
	// processes of the record types are not read.
	Unlined bool
}

// Schema keeps what the org said of itself. Many goroutines may use a Schema at once.
type Schema struct {
	org  *api.Client
	cfg  Config
	turn chan struct{} // holds one element while no goroutine makes calls

	mu      sync.Mutex
	known   map[string]*Object
	doubted map[string]bool // objects of which the latest survey told less than was known
	about   *Organization   // nil before the first answer
	early   *api.Reply      // the answer about Organization that came with the descriptions; nil once it is read
}

// New returns an empty schema. New makes no call.
func New(org *api.Client, cfg Config) *Schema {
	s := &Schema{org: org, cfg: cfg, turn: make(chan struct{}, 1), known: map[string]*Object{}, doubted: map[string]bool{}}
	s.turn <- struct{}{}
	return s
}

// enter waits until no other goroutine makes calls. When many streams begin at once,
// the first makes the calls for all.
func (s *Schema) enter(ctx context.Context) (leave func(), err error) {
	select {
	case <-s.turn:
		return func() { s.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// recent returns an object whose description came after since, or nil.
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
	before := s.known[found.Name]
	s.known[found.Name] = found
	delete(s.doubted, found.Name)
	if before != nil && s.about != nil && !maps.Equal(before.RecordTypes(), found.RecordTypes()) {
		// Deals and stages name a pipeline by the same API name, so both change together.
		again := *s.about
		again.until = time.Time{}
		s.about = &again
	}
}

// Hidden reports whether an answer has said that the login cannot see an object.
func (s *Schema) Hidden(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.known[name]
	return known != nil && known.hidden
}

// doubt notes that an answer within a composite told less of an object than was known.
func (s *Schema) doubt(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doubted[name] = true
}

// doubts reports whether an answer within a composite is in doubt.
func (s *Schema) doubts(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doubted[name]
}

// Refresh lets what the org did not tell be asked for at once.
func (s *Schema) Refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.about != nil && s.about.Wait > 0 {
		again := *s.about
		again.until = time.Time{}
		s.about = &again
	}
}

// Forget forgets all descriptions.
func (s *Schema) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.known)
	clear(s.doubted)
}

// Organization returns the org's latest answer about itself, nil before the first.
func (s *Schema) Organization() *Organization {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.about
}

// takeEarly returns the early answer about Organization once, nil if there is none.
func (s *Schema) takeEarly() (a *api.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, s.early = s.early, nil
	return a
}
