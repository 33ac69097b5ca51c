package rank_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/rank"
	"github.com/pipetidy/pipetidy/hygiene"
)

var today = crm.NewDate(2026, 11, 24)

// TestFirst has pairs of deals of which the one above has to come first.
func TestFirst(t *testing.T) {
	type stake = rank.Stake
	for _, c := range []struct {
		name         string
		first        rank.First
		above, below stake
	}{
		{"a large commit deal before a date that passed a year ago", "",
			stake{Severity: hygiene.High, Commit: true, Closes: today + 12, Worth: 334e3, Priced: true},
			stake{Severity: hygiene.High, Closes: today - 365, Worth: 5e3, Priced: true, Over: 260, Open: 200}},
		{"even where it is only a question", "",
			stake{Severity: hygiene.Medium, Commit: true, Closes: today + 12, Worth: 334e3, Priced: true},
			stake{Severity: hygiene.High, Closes: today - 365, Worth: 5e3, Priced: true, Over: 260, Open: 200}},
		{"twice the median before pennies, however late they are", "",
			stake{Severity: hygiene.High, Worth: 27e3, Priced: true, Numbered: true},
			stake{Severity: hygiene.High, Closes: today - 3, Worth: 619, Priced: true, Over: 400, Open: 200}},
		{"nothing before something", "",
			stake{Severity: hygiene.High, Worth: 619, Priced: true},
			stake{Severity: hygiene.High, Worth: 0, Priced: true}},
		{"an amount that cannot be compared counts as the median", "",
			stake{Severity: hygiene.High, Worth: 16e3, Priced: true},
			stake{Severity: hygiene.High, Worth: 5e6}},
		{"money first", rank.Money,
			stake{Severity: hygiene.High, Closes: today + 200, Worth: 60e3, Priced: true},
			stake{Severity: hygiene.High, Closes: today + 2, Worth: 15e3, Priced: true}},
		{"dates first", rank.Dates,
			stake{Severity: hygiene.High, Closes: today + 2, Worth: 15e3, Priced: true},
			stake{Severity: hygiene.High, Closes: today + 200, Worth: 60e3, Priced: true}},
		{"age first", rank.Age,
			stake{Severity: hygiene.High, Open: 15, Worth: 15e3, Priced: true},
			stake{Severity: hygiene.High, Open: 1, Worth: 60e3, Priced: true}},
		{"never numbered before numbered yesterday", "",
			stake{Severity: hygiene.High},
			stake{Severity: hygiene.High, Numbered: true, Idle: 1}},
	} {
		u := rank.Usual{Today: today, Currency: "USD", Median: 15e3, First: c.first}
		if a, b := rank.Points(&c.above, &u), rank.Points(&c.below, &u); a <= b {
			t.Errorf("%s: %d and %d points (%s; %s)", c.name, a, b, rank.Of(&c.above, &u).Sum(), rank.Of(&c.below, &u).Sum())
		}
	}
}

var stakes = rapid.Custom(func(t *rapid.T) rank.Stake {
	return rank.Stake{
		Severity: hygiene.Severity(rapid.IntRange(int(hygiene.Low), int(hygiene.High)).Draw(t, "severity")),
		Commit:   rapid.Bool().Draw(t, "commit"), Closes: crm.Date(rapid.IntRange(0, int(today)+2000).Draw(t, "closes")),
		Worth: rapid.Float64().Draw(t, "worth"), Priced: rapid.Bool().Draw(t, "priced"), Over: rapid.Float64().Draw(t, "over"),
		Open: rapid.IntRange(-1, 5000).Draw(t, "open"), Numbered: rapid.Bool().Draw(t, "numbered"), Idle: rapid.IntRange(-1, 5000).Draw(t, "idle"),
	}
})

// TestUrgentIsFirst proves that no sum of other parts puts a deal before a commit deal
// that closes this week.
func TestUrgentIsFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		urgent, other := stakes.Draw(t, "urgent"), stakes.Draw(t, "other")
		urgent.Urgent = true
		u := rank.Usual{Today: today, Median: rapid.Float64Range(0, 1e9).Draw(t, "median"), First: rapid.SampledFrom(rank.Firsts()).Draw(t, "first")}
		if a, b := rank.Points(&urgent, &u), rank.Points(&other, &u); a <= b {
			t.Fatalf("%d points against %d", a, b)
		}
	})
}

// TestPartsAddUp proves that the parts of a place are all that it is made of, and that
// each is bounded.
func TestPartsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := stakes.Draw(t, "stake")
		u := rank.Usual{Today: today, Currency: "USD", Median: rapid.Float64Range(0, 1e9).Draw(t, "median"), First: rapid.SampledFrom(rank.Firsts()).Draw(t, "first")}
		p, sum := rank.Of(&s, &u), 0
		for _, part := range p.Parts {
			sum += part.Points
			if part.Points < -125 || part.Points > 600 {
				t.Fatalf("%s adds %d", part.Name, part.Points)
			}
		}
		if sum != p.Points || p.Points != rank.Points(&s, &u) {
			t.Fatalf("parts make %d, the place is %d, and %d without words", sum, p.Points, rank.Points(&s, &u))
		}
		if w := p.String() + p.Sum(); strings.Contains(w, "NaN") || strings.Contains(w, "Inf") {
			t.Fatal(w)
		}
	})
}

func TestWords(t *testing.T) {
	u := rank.Usual{Today: today, Currency: "USD", Median: 60e3}
	s := rank.Stake{Severity: hygiene.High, Commit: true, Closes: today + 2, Worth: 192e3, Priced: true, Over: 1.5, Open: 6}
	p := rank.Of(&s, &u)
	if got, want := p.String(), "high; in the commit; closes in 2 days; $192k, 3.2 × the team's median; 1.5 × its limit; on day 7; never numbered before"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got, want := p.Sum(), "severity 200 + commit 60 + time 20 + money 42 + over 6 + age 3 + unseen 15 = 346"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	s = rank.Stake{Severity: hygiene.Medium, Closes: today - 1, Worth: 30, Priced: true, Over: math.Inf(1), Numbered: true, Idle: 1}
	p = rank.Of(&s, &u)
	if got, want := p.String(), "medium; should have closed on 23 Nov; $30, less than 0.1 × the team's median; more than 4 × its limit; last numbered 1 business day ago"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got, want := p.Sum(), "severity 100 + time 20 - money 125 + over 20 + unseen 3 = 18"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{7}, 7}, {[]float64{9, 1}, 5}, {[]float64{9, 1, 2}, 2}} {
		if got := rank.Median(c.of); got != c.want {
			t.Errorf("median of %v: got %v, want %v", c.of, got, c.want)
		}
	}
}
