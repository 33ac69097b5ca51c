package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/allowance"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// measured is our share of an org, 10 calls of 100, with a clock that is at now.
func measured(now *time.Time) *budget {
	clock := func() time.Time { return *now }
	return &budget{Meter: allowance.Rolling(0.1, limitInfo, clock), where: "source sales", now: clock}
}

func (b *budget) spend(calls int64, header string) {
	h := http.Header{}
	if header != "" {
		h.Set("Sforce-Limit-Info", header)
	}
	b.Count(&rest.Response{Calls: calls, Header: h}, nil)
}

// TestResume has a second process take over from the first: calls stay counted for a
// day and no longer.
func TestResume(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 50, 0, 0, time.UTC)
	first := measured(&now)
	first.spend(4, "api-usage=40/100")
	now = now.Add(3 * time.Hour)
	first.spend(3, "api-usage=50/100; per-app-api-usage=7/20(appName=pipetidy)")
	noted := first.Usage()
	if got := fmt.Sprint(noted.Calls, noted.Used, noted.Limit, len(noted.Spent)); got != "7 50 100 2" {
		t.Fatalf("noted %s: %+v", got, noted)
	}

	now = now.Add(time.Hour)
	second := measured(&now)
	second.Resume(noted)
	if u := second.Usage(); u.Calls != 0 || u.Used != 50 || u.Limit != 100 || fmt.Sprint(u.Spent) != fmt.Sprint(noted.Spent) {
		t.Errorf("taken up: %+v, want what was noted of the day and no calls of this process", u)
	}
	if err := second.Allow(); err != nil {
		t.Errorf("7 of 10 calls: %v", err)
	}
	second.spend(3, "")
	err := second.Allow()
	var quota *crm.QuotaError
	want := time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC)
	if !errors.As(err, &quota) || quota.Used != 10 || !quota.Until.Equal(want) {
		t.Fatalf("10 of 10 calls: %v", err)
	}
	if !strings.Contains(err.Error(), "goes on by itself at 16:00 UTC on 25 November") {
		t.Errorf("it does not say when it goes on: %v", err)
	}
	now = want
	if err := second.Allow(); err != nil {
		t.Errorf("when the first hour has passed: %v", err)
	}

	now = now.Add(48 * time.Hour)
	third := measured(&now)
	noted.Spent = append(noted.Spent, crm.Spent{Hour: now.Unix()/3600 + 5, Calls: 1000}, crm.Spent{Hour: now.Unix() / 3600, Calls: -7})
	third.Resume(noted)
	if u := third.Usage(); len(u.Spent) != 0 {
		t.Errorf("two days later it still counts %+v", u.Spent)
	}
	third.spend(10, "")
	if err := third.Allow(); err == nil {
		t.Error("a note of less than nothing made room")
	}
}

// TestUsageWithoutHeader: an answer without figures leaves the known figures as they
// are.
func TestUsageWithoutHeader(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 50, 0, 0, time.UTC)
	s := measured(&now)
	s.spend(100, "")
	if err := s.Allow(); err != nil {
		t.Errorf("a limit that nobody told was kept: %v", err)
	}
	s.spend(1, "api-usage=18/100")
	s.spend(1, "")
	s.Count(nil, &rest.Error{Calls: 3})
	s.Count(nil, errors.New("no call was made"))
	if u := s.Usage(); u.Used != 18 || u.Limit != 100 || u.Calls != 105 {
		t.Errorf("usage is %+v", u)
	}
	if err := s.Allow(); !errors.Is(err, crm.ErrQuota) {
		t.Errorf("got %v", err)
	}
}

// A process that starts while no call is left does not log in either.
func TestNoLoginWithoutBudget(t *testing.T) {
	logins := 0
	o := &recorded{answer: map[string]func(*http.Request) (int, string){"token": func(*http.Request) (int, string) {
		logins++
		return 500, ""
	}}}
	now := time.Date(2026, 11, 24, 16, 50, 0, 0, time.UTC)
	c := recordedClient(t, o, now)
	c.Resume(crm.Usage{Used: 300, Limit: 1000, Spent: []crm.Spent{{Hour: now.Unix() / 3600, Calls: 200}}})
	if _, err := c.Session(t.Context()); !errors.Is(err, crm.ErrQuota) || logins != 0 {
		t.Errorf("got %v after %d exchanges", err, logins)
	}
}

func TestOrgSpentSaysWhenItGoesOn(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 50, 0, 0, time.UTC)
	s := measured(&now)
	s.spend(1, "api-usage=100/100")
	err := s.daySpent()
	var quota *crm.QuotaError
	if !errors.As(err, &quota) || !quota.Until.Equal(now.Add(time.Hour)) || !strings.Contains(err.Error(), "tries again at 17:50 UTC on 24 November") {
		t.Errorf("got %v", err)
	}
}

func TestLimitInfo(t *testing.T) {
	for header, want := range map[string]string{
		"api-usage=10018/100000": "10018 100000",
		"api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)": "25 5000",
		"per-app-api-usage=17/250(appName=sample-connected-app); api-usage=25/5000": "25 5000",
		"per-app-api-usage=17/250(appName=x)":                                       "0 0",
		"":                                                                          "0 0",
		"api-usage=x/y":                                                             "0 0",
		"api-usage=7":                                                               "0 0",
		"api-usage=7/0":                                                             "0 0",
		"api-usage=-1/10":                                                           "0 0",
		"api-usage=99999999999999999999/1":                                          "0 0",
		"api-usage=1/2,per-app-api-usage=17/250(appName=api-usage=9/9)": "1 2",
	} {
		used, limit := limitInfo(http.Header{"Sforce-Limit-Info": {header}})
		if got := fmt.Sprint(used, limit); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}
