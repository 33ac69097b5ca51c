package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// A page that would empty a value of many deals at once is refused whole, unless it is Sure.
func testValuesThatVanishAreDoubted(t *testing.T, empty Empty) {
	later := func(o *crm.Opportunity) { o.ModifiedAt = o.ModifiedAt.Add(time.Minute) }
	for what, c := range map[string]struct {
		deals, lost int                    // of the deals of the page so many come without an amount
		change      func(*crm.Opportunity) // of those that come without
		page        func(*crm.Page)        // nil is a page of a run
		doubted     bool
	}{
		"all of ten":                             {deals: 10, lost: 10, change: later, doubted: true},
		"all of nine, by somebody":               {deals: 9, lost: 9, change: later},
		"nine of ten, by somebody":               {deals: 10, lost: 9, change: later},
		"eighteen of twenty, by somebody":        {deals: 20, lost: 18, change: later, doubted: true},
		"seventeen of twenty, by somebody":       {deals: 20, lost: 17, change: later},
		"all of three, whom nobody modified":     {deals: 3, lost: 3, doubted: true},
		"all of two, whom nobody modified":       {deals: 2, lost: 2},
		"some of many, whom nobody modified":     {deals: 40, lost: 3, doubted: true},
		"half of many, by somebody":              {deals: 40, lost: 20, change: later},
		"all, of a page that is sure":            {deals: 40, lost: 40, page: func(p *crm.Page) { p.Sure = true }},
		"one, read once more":                    {deals: 5, lost: 1, page: func(p *crm.Page) { p.Recalled, p.Alone = true, true }, doubted: true},
		"one, read once more and modified":       {deals: 5, lost: 1, change: later, page: func(p *crm.Page) { p.Recalled, p.Alone = true, true }},
		"all of ten, which are said to be odd":   {deals: 10, lost: 10, change: func(o *crm.Opportunity) { o.Unclear = []string{"amount"} }},
		"all of ten, another value in its place": {deals: 10, lost: 0, change: later},
	} {
		t.Run(what, func(t *testing.T) {
			e := fresh(t, empty)
			p := PageOf()
			for i := range c.deals {
				p.Opportunities = append(p.Opportunities, Opportunity(i+1))
			}
			Commit(t, e, p)
			before := state(t, e, crm.Opportunities)
			again := PageOf()
			again.Next = "d"
			for i := range c.deals {
				o := Opportunity(i + 1)
				if i < c.lost {
					o.Amount = crm.Number{}
					if c.change != nil {
						c.change(&o)
					}
				}
				again.Opportunities = append(again.Opportunities, o)
			}
			if c.page != nil {
				c.page(&again)
			}
			_, err := e.CommitPage(t.Context(), e.Fence(), "sf", &again, Noon)
			v, doubted := errors.AsType[*store.VanishedError](err)
			if doubted != c.doubted || err != nil && !doubted {
				t.Fatalf("doubted: %v, want %v: %v", doubted, c.doubted, err)
			}
			if doubted && (v.Field != "amount" || v.Had != c.deals || v.Lost != c.lost) {
				t.Errorf("told %+v", v)
			}
			known := 0
			for _, d := range Deals(t, e, "sf") {
				if d.Opportunity.Amount.Known {
					known++
				}
			}
			want := c.deals - c.lost
			if doubted {
				want = c.deals
			}
			if known != want {
				t.Errorf("%d deals have an amount, want %d", known, want)
			}
			if st := state(t, e, crm.Opportunities); doubted && st.Cursor != before.Cursor {
				t.Errorf("the cursor moved to %q", st.Cursor)
			}
		})
	}
}

// What the login cannot read comes empty: that is known of it, and no reason for a doubt.
func testWhatIsHiddenIsNotDoubted(t *testing.T, empty Empty) {
	e := fresh(t, empty) // next_step is hidden
	with, without := PageOf(), PageOf()
	for i := range 20 {
		o := Opportunity(i + 1)
		without.Opportunities = append(without.Opportunities, o)
		o.NextStep = "call"
		with.Opportunities = append(with.Opportunities, o)
	}
	Commit(t, e, with)
	Commit(t, e, without)
	for _, d := range Deals(t, e, "sf") {
		if d.Opportunity.NextStep != "" {
			t.Fatalf("%s still has its next step", d.Opportunity.ID)
		}
	}
}

// Nobody stops having an address, and half of all people do not leave at once.
func testUsersKeepTheirAddress(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	users := func(email string, active bool) crm.Page {
		p := crm.Page{Stream: crm.Users, Next: "c", AsOf: Noon}
		for i := range 6 {
			u := crm.User{ID: ID(i), Active: active || i == 5}
			if email != "" {
				u.Email = ID(i) + email
			}
			p.Users = append(p.Users, u)
		}
		return p
	}
	Commit(t, e, users("@acme.example", true))
	if c := Commit(t, e, users("", true)); c.Addresses != 6 || c.Unchanged != 6 {
		t.Errorf("told %+v", c)
	}
	if c := Commit(t, e, users("@acme.test", true)); c.Addresses != 0 || c.Changed != 6 {
		t.Errorf("another address: told %+v", c)
	}
	p := users("@acme.test", false)
	_, err := e.CommitPage(t.Context(), e.Fence(), "sf", &p, Noon)
	if v, ok := errors.AsType[*store.VanishedError](err); !ok || v.Field != "active" || v.Lost != 5 || v.Had != 6 {
		t.Errorf("five of six leave: %v", err)
	}
	p.Sure = true
	if c := Commit(t, e, p); c.Changed != 5 {
		t.Errorf("five of six leave indeed: told %+v", c)
	}
}

// What a run says of the records that it lacks holds until a run ends that says otherwise.
func testWhatARunLacksIsTold(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	page := func(more, untold bool, short string) crm.Page {
		p := PageOf(Opportunity(1))
		p.More, p.Untold, p.Short = more, untold, short
		return p
	}
	told := func(untold bool, short string) {
		t.Helper()
		if st := state(t, e, crm.Opportunities); st.Untold != untold || st.Short != short {
			t.Errorf("told %v %q, want %v %q", st.Untold, st.Short, untold, short)
		}
	}
	Commit(t, e, page(true, true, ""))
	told(true, "")
	Commit(t, e, page(false, true, "half are missing"))
	told(true, "half are missing")
	if err := e.StreamFailed(t.Context(), e.Fence(), "sf", crm.Opportunities, errors.New("busy"), Noon); err != nil {
		t.Fatal(err)
	}
	told(true, "half are missing")
	again := page(false, false, "")
	again.Recalled = true
	Commit(t, e, again)
	told(true, "half are missing")
	if err := e.Restart(t.Context(), e.Fence(), "sf", crm.Opportunities); err != nil {
		t.Fatal(err)
	}
	Commit(t, e, page(true, false, ""))
	told(true, "half are missing")
	Commit(t, e, page(false, false, ""))
	told(false, "")
}
