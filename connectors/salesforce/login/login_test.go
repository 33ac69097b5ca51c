package login

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// slowly answers after a while, so that all other callers are waiting by then.
func slowly(status int, body string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) {
		<-time.After(time.Second)
		return status, body
	}
}

// TestManyMeetOneWrongSecret: many callers make one login, because repeated failures
// lock the user.
func TestManyMeetOneWrongSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &tokens{status: 400, body: `{"error":"invalid_client","error_description":"invalid client credentials"}`}
		s := recordedLogin(t, &recorded{answer: map[string]func(*http.Request) (int, string){"token": o.answer}}, 1)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := s.Session(t.Context()); !errors.Is(err, crm.ErrAuth) {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if o.n != 1 {
			t.Errorf("%d logins with a wrong secret, want 1", o.n)
		}
		// The next run tries again: the operator may have corrected the secret.
		o.status, o.body = 200, `{"access_token":"`+testToken+`","instance_url":"https://acme.my.salesforce.com"}`
		if _, err := s.Session(t.Context()); err != nil || o.n != 2 {
			t.Errorf("%v after %d logins", err, o.n)
		}
	})
}

// tokens answers slowly and counts logins. Logins come one at a time, so the count
// has no lock.
type tokens struct {
	n      int
	status int
	body   string
}

func (c *tokens) answer(r *http.Request) (int, string) {
	c.n++
	return slowly(c.status, c.body)(r)
}

// TestRenewal has many callers see the same session end.
func TestRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &tokens{status: 200, body: `{"access_token":"` + testToken + `","instance_url":"https://acme.my.salesforce.com"}`}
		s := recordedLogin(t, &recorded{answer: map[string]func(*http.Request) (int, string){"token": o.answer}}, 1)
		first, err := s.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				// Some find out late, when the new session is already there.
				<-time.After(time.Duration(i) * 200 * time.Millisecond)
				next, err := s.Renew(t.Context(), first)
				if err != nil || next.Name == first.Name || next.generation != 2 {
					t.Errorf("got %+v, %v", next.generation, err)
				}
			})
		}
		wg.Wait()
		if o.n != 2 {
			t.Errorf("%d logins, want 2", o.n)
		}
	})
}
