package digest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// crowd fills the list: deals that would all have a number.
func (m *mornings) crowd(n int, s hygiene.Severity) {
	for range n {
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: s}})
		l.Deal.Amount = crm.Num(10e3)
	}
}

// TestEvents changes one deal, which stands among many of more money, and looks for its
// number and the words of its reason on that day.
func TestEvents(t *testing.T) {
	for _, c := range []struct {
		name, said string
		change     func(*hygiene.Life)
		quiet      bool // it rests
	}{
		{"high", "no contact; high since today.", func(l *hygiene.Life) { l.Severity = hygiene.High }, false},
		{"twice the limit", "no contact; twice the limit or more since today.", func(l *hygiene.Life) { l.Measured = 28 }, false},
		{"in the commit", "no contact; in the commit since today.", func(l *hygiene.Life) { l.Deal.Commit, l.Deal.CloseDate = true, crm.NewDate(2026, 12, 30) }, false},
		{"grown", "no contact; the amount was $20k.", func(l *hygiene.Life) { l.Deal.Amount = crm.Num(24e3) }, false},
		{"grown by less", "", func(l *hygiene.Life) { l.Deal.Amount = crm.Num(23e3) }, true},
		{"in another currency", "", func(l *hygiene.Life) { l.Deal.Amount, l.Deal.Currency = crm.Num(2e6), "JPY" }, true},
		{"high by another limit", "", func(l *hygiene.Life) { l.Severity, l.Rejudged = hygiene.High, l.Opened.AddDate(0, 0, 1) }, false},
		{"nothing", "", func(*hygiene.Life) {}, true},
	} {
		m := newMornings(5)
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium, Measured: 20, Limit: 14}})
		l.Deal.Amount = crm.Num(20e3)
		m.send() // the deal has its number, and rests on the next day
		m.pass()
		m.crowd(12, hygiene.Medium)
		c.change(&m.in.Lives[0])
		b, d := m.send()
		switch has := b.list.number[b.find(1)] > 0; {
		case c.said != "" && (!has || !strings.Contains(spoken(&d), c.said)):
			t.Errorf("%s: it has a number: %v, and should read %q:\n%s", c.name, has, c.said, spoken(&d))
		case c.said == "" && (strings.Contains(spoken(&d), "since today") || strings.Contains(spoken(&d), "the amount was") || has && c.quiet):
			t.Errorf("%s: it has a number: %v:\n%s", c.name, has, spoken(&d))
		}
	}
}

// TestDueIsNeverHidden shows a commit deal that should have closed on each of ten mornings
// on which there is more than enough else.
func TestDueIsNeverHidden(t *testing.T) {
	m := newMornings(5)
	l := m.add(hygiene.Life{Backlog: true, Finding: hygiene.Finding{Severity: hygiene.Medium}})
	l.Deal.Commit, l.Deal.CloseDate = true, m.today-40
	for morning := range 10 {
		m.crowd(3, hygiene.High)
		if b, d := m.send(); b.list.number[b.find(1)] != 1 {
			t.Errorf("morning %d: the deal is not first:\n%s", morning+1, spoken(&d))
		}
		m.pass()
	}
}

// TestWeeklyDecision shows a deal on the days 1, 3, 7 and 14 while others wait, and then
// every week, as a decision; where only something is to be written down, with that.
func TestWeeklyDecision(t *testing.T) {
	for rule, said := range map[string]string{"no-activity": "→ " + decision, hygiene.NoContact: "→ Ask, or decide: lost, nurture, or a stage back."} {
		m := newMornings(5)
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Key: hygiene.Key{Rule: rule}, Severity: hygiene.Medium, Fix: "Ask."}})
		l.Deal.Amount = crm.Num(1e6)
		m.crowd(40, hygiene.Medium)
		var days, decisions []int
		for day := 1; day <= 30; day++ {
			m.crowd(5, hygiene.Medium)
			b, d := m.send()
			if b.list.number[b.find(1)] > 0 {
				days = append(days, day)
				if strings.Contains(spoken(&d), said) {
					decisions = append(decisions, day)
				}
			}
			m.pass()
		}
		if want := []int{1, 3, 7, 14, 19, 24, 29}; !slices.Equal(days, want) {
			t.Errorf("%s: it is shown on the days %v, want %v", rule, days, want)
		}
		if want := []int{19, 24, 29}; !slices.Equal(decisions, want) {
			t.Errorf("%s: it is a decision on the days %v, want %v", rule, decisions, want)
		}
	}
}

// TestImport tells many deals that came in at once as one, and counts each.
func TestImport(t *testing.T) {
	for _, c := range []struct {
		name    string
		n       int
		change  func(i int, l *hygiene.Life)
		grouped bool
	}{
		{"an import", 120, func(int, *hygiene.Life) {}, true},
		{"over midnight", 120, func(i int, l *hygiene.Life) {
			l.Deal.CreatedAt = time.Date(2026, 11, 2, 23, 57, 0, 0, time.UTC).Add(time.Duration(i) * 3 * time.Second)
			l.Deal.Created = crm.DateOf(l.Deal.CreatedAt, time.UTC)
		}, true},
		{"slower than that, without a pause", 120, func(i int, l *hygiene.Life) {
			l.Deal.CreatedAt = l.Deal.CreatedAt.Add(time.Duration(i) * 20 * time.Second)
		}, true},
		{"nine deals", 9, func(int, *hygiene.Life) {}, false},
		{"ten within an hour", 10, func(i int, l *hygiene.Life) {
			l.Deal.CreatedAt = l.Deal.CreatedAt.Add(time.Duration(i) * 6 * time.Minute)
		}, true},
		{"twelve by hand through a day", 12, func(i int, l *hygiene.Life) {
			l.Deal.CreatedAt = l.Deal.CreatedAt.Add(time.Duration(i) * 30 * time.Minute)
		}, false},
		{"of many days", 120, func(i int, l *hygiene.Life) {
			l.Deal.CreatedAt = l.Deal.CreatedAt.AddDate(0, 0, -i)
			l.Deal.Created -= crm.Date(i)
		}, false},
		{"nobody knows when", 120, func(_ int, l *hygiene.Life) { l.Deal.CreatedAt = time.Time{} }, false},
		{"in the commit, closing later", 120, func(_ int, l *hygiene.Life) { l.Deal.Commit, l.Deal.CloseDate = true, crm.NewDate(2027, 1, 20) }, false},
		{"high, and closing this week", 120, func(_ int, l *hygiene.Life) { l.Severity, l.Deal.CloseDate = hygiene.High, crm.NewDate(2026, 11, 6) }, false},
		{"newly checked", 120, func(_ int, l *hygiene.Life) { l.Backlog, l.Newly = true, true }, false},
	} {
		m := newMornings(0)
		m.send()
		m.pass()
		for i := range c.n {
			l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium, Key: hygiene.Key{Rule: "no-contact"}}})
			l.Message, l.Fix, l.Deal.Created = "no contact linked", "Link the person you talk to.", crm.NewDate(2026, 11, 2)
			l.Deal.CreatedAt = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
			c.change(i, l)
		}
		b, d := m.send()
		if got := strings.Contains(spoken(&d), fmt.Sprintf("%d deals, created on 2 Nov", c.n)) && strings.Contains(spoken(&d), ": no contact linked."); got != c.grouped {
			t.Errorf("%s: told as one is %v:\n%s", c.name, got, spoken(&d))
		}
		if strings.Contains(spoken(&d), "→ For each: link the person you talk to.") != c.grouped {
			t.Errorf("%s: the advice is for one:\n%s", c.name, spoken(&d))
		}
		if b.book.tally.need != c.n {
			t.Errorf("%s: %d are counted", c.name, b.book.tally.need)
		}
	}
}

// TestTallied: up to three names with their numbers, the largest first, and what is left.
func TestTallied(t *testing.T) {
	for want, count := range map[string]map[string]int{
		"Eve":                             {"Eve": 14},
		"Ben 2, Eve 2":                    {"Eve": 2, "Ben": 2},
		"Eve 8, Ben 4, Ana 2":             {"Ana": 2, "Ben": 4, "Eve": 8},
		"Eve 8, Ben 4, Ana 2, 1 other 1":  {"Ana": 2, "Ben": 4, "Eve": 8, "Zoe": 1},
		"Eve 8, Ben 4, Ana 2, 2 others 2": {"Ana": 2, "Ben": 4, "Eve": 8, "Yan": 1, "Zoe": 1},
	} {
		if got := tallied(count); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestAnImportCountsAllThatLackIt: those that lack something else besides are counted too, as the list
// of the deals shows it of them.
func TestAnImportCountsAllThatLackIt(t *testing.T) {
	m := newMornings(0)
	m.send()
	m.pass()
	for i := range 20 {
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
		l.Deal.Created, l.Deal.CreatedAt = m.today, m.in.Now.Add(-time.Hour)
		if i < 5 {
			also := *l
			also.Key.Rule, also.Message = "amount-missing", "no amount"
			m.in.Lives = append(m.in.Lives, also)
		}
	}
	_, d := m.send()
	if got := spoken(&d); !strings.Contains(got, "20 deals, created on 3 Nov, no owner: no contact.") || strings.Contains(got, "of them)") {
		t.Errorf("15 have no contact, and 5 have neither contact nor amount: %s", got)
	}
}

// TestAnImportNamesWhatIsUrgent: deals that were created at once and lack several things are one
// line with what most lack; what is high and closes within seven days has a line of its own.
func TestAnImportNamesWhatIsUrgent(t *testing.T) {
	m := newMornings(0)
	m.in.Attention.Managers = 12
	m.send()
	m.pass()
	for i := range 30 {
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
		l.Deal.Created, l.Deal.CreatedAt = m.today, m.in.Now.Add(-time.Hour)
		if i%3 == 0 {
			l.Message = "no amount"
		}
		if i < 3 {
			l.Severity, l.Deal.CloseDate = hygiene.High, m.today+crm.Date(1+3*i)
		}
	}
	b, d := m.send()
	if got := spoken(&d); !strings.Contains(got, "27 deals, created on 3 Nov, no owner: no contact (18 of them).") {
		t.Errorf("no line for the import:\n%s", got)
	}
	for i := 1; i <= 3; i++ {
		if it := b.list.items[b.list.number[b.find(i)]-1]; it.kind != single {
			t.Errorf("deal %d is hidden:\n%s", i, spoken(&d))
		}
	}
}

// TestLeavers has a line for each owner who has left, and one for all where they are many,
// on each morning; what is from before the start is with them.
func TestLeavers(t *testing.T) {
	for owners, lines := range map[int]int{1: 1, 3: 3, 4: 1, 30: 1} {
		m := newMornings(5)
		for i := range 2 * owners {
			l := m.add(hygiene.Life{Backlog: i%2 == 0, Finding: hygiene.Finding{Severity: hygiene.High, Key: hygiene.Key{Rule: hygiene.OwnerInactive}}})
			l.Deal.OwnerEmail = string(rune('a'+i/2)) + "@acme.example"
		}
		for morning := range 6 {
			m.crowd(8, hygiene.High)
			b, d := m.send()
			n, deals := 0, 0
			for _, it := range b.list.items {
				if it.kind == leaver || it.kind == leavers {
					n++
					deals += len(it.deals)
				}
			}
			if n != lines || deals != 2*owners {
				t.Errorf("%d owners, morning %d: %d lines for %d deals:\n%s", owners, morning+1, n, deals, spoken(&d))
			}
			m.pass()
		}
	}
}

// TestAgainShowsTheSame composes the digest of a day once more: what had a number has it
// again.
func TestAgainShowsTheSame(t *testing.T) {
	m := newMornings(5)
	m.crowd(6, hygiene.Medium)
	first, _ := m.send()
	m.in.Now = m.in.Now.Add(3600e9)
	again, d := m.send()
	for i := 1; i <= 6; i++ {
		if first.list.number[first.find(i)] == 0 || again.list.number[again.find(i)] == 0 {
			t.Errorf("deal %d:\n%s", i, spoken(&d))
		}
		if x := again.find(i); x.told.Times != 1 || d.Told.Deals[i-1].Times != 1 {
			t.Errorf("deal %d was shown on %d days", i, d.Told.Deals[i-1].Times)
		}
	}
}

// TestOneHighDealDoesNotHog plays mornings on which one small deal is high and stays so, larger
// ones in the commit need an update, and news of the commit come each day. Whatever the budget, the small one
// has its number in five days and is a decision in the end, and the commit is seen early.
func TestOneHighDealDoesNotHog(t *testing.T) {
	everyDay := make([]int, 30)
	for i := range everyDay {
		everyDay[i] = i + 1
	}
	for numbers, c := range map[int]struct {
		days, decisions []int
		commit          int // day on which all of the commit has been numbered
	}{
		1:  {[]int{5, 10, 15, 20, 25, 30}, []int{25, 30}, 6},
		2:  {[]int{5, 10, 15, 20, 25, 30}, []int{25, 30}, 3},
		6:  {[]int{2, 4, 6, 11, 16, 21, 26}, []int{16, 21, 26}, 1},
		50: {everyDay, []int{15, 20, 25, 30}, 1},
	} {
		m := newMornings(5)
		m.in.Attention.Managers = numbers
		m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.High, Fix: "Ask."}}).Deal.Amount = crm.Num(300)
		for range 5 {
			l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
			l.Deal.Amount, l.Deal.Commit, l.Deal.CloseDate = crm.Num(900e3), true, m.today+60
		}
		var days, decisions []int
		seen, all := map[int]bool{}, 0
		for day := 1; day <= 30; day++ {
			l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
			l.Deal.Amount, l.Deal.Commit, l.Deal.CloseDate = crm.Num(800e3), true, m.today+60
			b, d := m.send()
			for n := 2; n <= 6; n++ {
				if b.list.number[b.find(n)] > 0 {
					seen[n] = true
				}
			}
			if len(seen) == 5 && all == 0 {
				all = day
			}
			if n := b.list.number[b.find(1)]; n > 0 {
				days = append(days, day)
				if strings.Contains(spoken(&d), "→ "+decision) && b.list.items[n-1].reason == "decision due" {
					decisions = append(decisions, day)
				}
			}
			m.pass()
		}
		if !slices.Equal(days, c.days) || !slices.Equal(decisions, c.decisions) || all != c.commit {
			t.Errorf("%d numbers: the small deal has one on the days %v, as a decision on %v, and all of the commit had one on day %d\nwant %v, %v and %d",
				numbers, days, decisions, all, c.days, c.decisions, c.commit)
		}
	}
}

// TestWhatIsHighIsThereOnTheSecondMorning: a high deal that had its number the day before keeps
// it, where what is left besides is medium, old and new.
func TestWhatIsHighIsThereOnTheSecondMorning(t *testing.T) {
	for _, kind := range []string{"managers", "reps"} {
		m := newMornings(5)
		m.in.For, m.in.Recipient = kind, "ana@acme.example"
		add := func(s hygiene.Severity, amount float64) {
			l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: s}})
			l.Deal.Amount, l.Deal.OwnerEmail = crm.Num(amount), "ana@acme.example"
		}
		add(hygiene.High, 3e3)
		for range 9 {
			add(hygiene.Medium, 900e3)
		}
		for day := range 10 {
			b, d := m.send()
			if n := b.list.number[b.find(1)]; n == 0 {
				t.Errorf("%s, morning %d: the high one waits:\n%s", kind, day+1, spoken(&d))
			}
			m.pass()
			add(hygiene.Medium, 950e3)
		}
	}
}

// TestWhatParksNothingIsSaid: the owner, who takes the deal for parked, reads that it is not,
// and the manager does not.
func TestWhatParksNothingIsSaid(t *testing.T) {
	for _, kind := range []string{"managers", "reps"} {
		m := newMornings(0)
		m.in.For = kind
		if kind == "reps" {
			m.in.Recipient = "ana@acme.example"
		}
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
		l.Deal.OwnerEmail, l.Deal.Unparked = "ana@acme.example", "the task “On hold” has no due date"
		_, d := m.send()
		if said := strings.Contains(fmt.Sprint(d), "Not paused: the task “On hold” has no due date."); said != (kind == "reps") {
			t.Errorf("%s: said %v: %v", kind, said, d)
		}
	}
}
