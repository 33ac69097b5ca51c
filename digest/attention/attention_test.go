package attention_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/hygiene"
)

var (
	managers = attention.Budget{Numbers: 6, Old: 2}
	reps     = attention.Budget{Numbers: 5, Old: 1, Low: true}
)

type line = attention.Line

func times(n int, l line) []line { return slices.Repeat([]line{l}, n) }

// chosen are the reasons by line, in order of the lines.
func chosen(lines []line, b attention.Budget) []attention.Reason {
	out := make([]attention.Reason, len(lines))
	for _, c := range attention.Choose(lines, b) {
		out[c.At] = c.Reason
	}
	return out
}

func count(of []attention.Reason, r ...attention.Reason) (n int) {
	for _, x := range of {
		if slices.Contains(r, x) {
			n++
		}
	}
	return n
}

// TestReasons has one case for each reason, among lines that would all have a number
// otherwise.
func TestReasons(t *testing.T) {
	seen := func(l line) line { l.Told, l.Numbered, l.Idle, l.Times = true, true, 2, 2; return l }
	others := times(20, seen(line{Points: 500, Severity: hygiene.Medium}))
	high := line{Points: 1, Severity: hygiene.High, Told: true, Numbered: true, Idle: 1, Times: 1}
	with := func(l line, change func(*line)) line { change(&l); return l }
	tested := map[attention.Reason]bool{}
	for _, c := range []struct {
		name string
		l    line
		want attention.Reason
	}{
		{"due, on every day", with(high, func(l *line) { l.Due, l.Severity = true, hygiene.Medium }), attention.Due},
		{"owner left, on every day", with(high, func(l *line) { l.Left = true }), attention.Left},
		{"new", line{Severity: hygiene.Medium, Event: attention.New}, attention.New},
		{"back", line{Severity: hygiene.Medium, Event: attention.Returned}, attention.Returned},
		{"from another", line{Severity: hygiene.Medium, Event: attention.Arrived}, attention.Arrived},
		{"high since today", with(high, func(l *line) { l.Event = attention.High }), attention.High},
		{"moved once more", with(high, func(l *line) { l.Event = attention.Pushed }), attention.Pushed},
		{"twice the limit", with(high, func(l *line) { l.Event = attention.Doubled }), attention.Doubled},
		{"grown", with(high, func(l *line) { l.Event = attention.Grown }), attention.Grown},
		{"into the commit", with(high, func(l *line) { l.Event = attention.Moved }), attention.Moved},
		{"waited long enough", with(high, func(l *line) { l.Idle, l.Waits, l.Times = 5, 4, 2 }), attention.Turn},
		{"waited longer", with(high, func(l *line) { l.Idle, l.Waits, l.Times = 30, 29, 2 }), attention.Turn},
		{"no room yesterday", line{Severity: hygiene.Medium, Told: true}, attention.Carried},
		{"again on day 3", line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 2, Times: 1}, attention.Repeat},
		{"not on day 2", line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 1, Times: 1}, attention.None},
		{"again on day 7", line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 4, Times: 2}, attention.Repeat},
		{"not on day 5", line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 3, Times: 2}, attention.None},
		{"again on day 14", line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 7, Times: 3}, attention.Repeat},
		{"a decision a week later", line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 5, Times: 4, Since: 18}, attention.Decide},
		{"the same again within two weeks", line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 5, Times: 4, Since: 13}, attention.Repeat},
		{"a decision again", line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 5, Times: 5, Since: 23, Decided: 5}, attention.Decide},
		{"the decision was less than a week ago", line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 5, Times: 6, Since: 23, Decided: 4}, attention.Repeat},
		{"from before the start", line{Points: 600, Severity: hygiene.Medium, Old: true}, attention.Start},
		{"low", line{Points: 900, Event: attention.New, Severity: hygiene.Low}, attention.None},
		{"of the commit but low", line{Points: 900, Due: true, Severity: hygiene.Low}, attention.None},
	} {
		got := chosen(append([]line{c.l}, others...), managers)
		if got[0] != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got[0], c.want)
		}
		tested[c.want] = true
	}
	if got := chosen(others, managers); count(got, attention.Next) != 6 {
		t.Errorf("%d of the free numbers are used", count(got, attention.Next))
	}
	tested[attention.Next] = true
	for _, r := range attention.Reasons() {
		if !tested[r.Reason] {
			t.Errorf("no case for %q", r.Reason)
		}
	}
}

// TestOldHasItsShare holds what is from before the start to its share where there is news,
// and lets it have what is free otherwise.
func TestOldHasItsShare(t *testing.T) {
	old := times(20, line{Points: 1000, Severity: hygiene.High, Old: true})
	for _, c := range []struct {
		name string
		than []line
		b    attention.Budget
		want int
	}{
		{"a first morning", nil, managers, 6},
		{"a first morning of a rep", nil, reps, 5},
		{"one new, and nothing else", times(1, line{Severity: hygiene.Medium, Event: attention.New}), managers, 2},
		{"news enough", times(10, line{Severity: hygiene.Medium, Event: attention.New}), managers, 2},
		{"news of a rep", times(10, line{Severity: hygiene.Medium, Event: attention.New}), reps, 1},
		{"what is new is low", times(1, line{Severity: hygiene.Low, Event: attention.New}), managers, 6},
		{"no news", times(10, line{Severity: hygiene.Medium, Told: true, Numbered: true, Idle: 1, Times: 1}), managers, 6},
	} {
		got := chosen(slices.Concat(old, c.than), c.b)
		if n := count(got, attention.Start); n != c.want {
			t.Errorf("%s: %d from before the start, want %d", c.name, n, c.want)
		}
	}
}

// TestTriflesFromBeforeTheStartHideNothing: what is from before the start has free numbers by
// rank. It never pushes off what is of today, more severe and stands before it, though that had
// its number a day ago; nor does a trifle among them push off one that is high.
func TestTriflesFromBeforeTheStartHideNothing(t *testing.T) {
	seen := func(l line) line { l.Told, l.Numbered, l.Idle, l.Times = true, true, 1, 1; return l }
	trifles := times(25, line{Points: 100, Severity: hygiene.Medium, Old: true, Told: true})
	high := times(4, seen(line{Points: 300, Severity: hygiene.High}))
	medium := times(4, seen(line{Points: 150, Severity: hygiene.Medium}))
	news := times(1, line{Points: 120, Severity: hygiene.Medium, Event: attention.New})
	old := times(4, seen(line{Points: 300, Severity: hygiene.High, Old: true}))
	for _, c := range []struct {
		name  string
		lines []line // of which the first four are meant
		than  []line
		b     attention.Budget
		want  int // of the trifles
	}{
		{"a calm morning", high, nil, managers, 2},
		{"a calm morning of a rep", high, nil, reps, 1},
		{"medium ones that stand before", medium, nil, managers, 2},
		{"one new", high, news, managers, 1},
		{"high ones among them", old, nil, managers, 2},
	} {
		got := chosen(slices.Concat(c.lines, c.than, trifles), c.b)
		if n := count(got[:4], attention.None); n > 0 {
			t.Errorf("%s: %d of the four have no number: %q", c.name, n, got[:4])
		}
		if n := count(got[len(c.lines)+len(c.than):], attention.Start); n != c.want {
			t.Errorf("%s: %d trifles have a number, want %d", c.name, n, c.want)
		}
	}
	// Of what weighs the same, what had no number comes first.
	got := chosen(slices.Concat(old, times(4, line{Points: 250, Severity: hygiene.High, Old: true}), trifles), managers)
	if count(got[:4], attention.Start) != 2 || count(got[4:8], attention.Start) != 4 {
		t.Errorf("eight high ones from before the start: %q", got[:8])
	}
}

// TestDueIsBounded names the commit deals for which a message has no room.
func TestDueIsBounded(t *testing.T) {
	lines := slices.Concat(times(14, line{Points: 900, Severity: hygiene.High, Due: true}), times(9, line{Severity: hygiene.High, Event: attention.New}))
	if got := chosen(lines, managers); count(got[:14], attention.Due) != attention.MostDue || count(got[14:], attention.New) != 2 {
		t.Errorf("%q have a number", got)
	}
}

// TestFreeNumbers proves that no number is free while a finding of medium or above waits,
// and that the budget holds for what is not always there.
func TestFreeNumbers(t *testing.T) {
	events := []attention.Reason{attention.None, attention.None, attention.None, attention.New, attention.High, attention.Doubled}
	lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) line {
		return line{
			Points: rapid.IntRange(0, 900).Draw(t, "points"), Severity: hygiene.Severity(rapid.IntRange(int(hygiene.Low), int(hygiene.High)).Draw(t, "severity")),
			Due: rapid.IntRange(0, 9).Draw(t, "due") == 0, Commit: rapid.IntRange(0, 4).Draw(t, "commit") == 0, Left: rapid.IntRange(0, 19).Draw(t, "left") == 0, Old: rapid.Bool().Draw(t, "old"),
			Event: rapid.SampledFrom(events).Draw(t, "event"), Told: rapid.Bool().Draw(t, "told"), Numbered: rapid.Bool().Draw(t, "numbered"),
			Idle: rapid.IntRange(0, 20).Draw(t, "idle"), Times: rapid.IntRange(0, 9).Draw(t, "times"), Waits: rapid.IntRange(0, 20).Draw(t, "waits"),
		}
	}), 0, 60)
	rapid.Check(t, func(t *rapid.T) {
		of := lines.Draw(t, "lines")
		b := rapid.SampledFrom([]attention.Budget{managers, reps}).Draw(t, "budget")
		got := chosen(of, b)
		taken, always, news, waits, old := 0, 0, false, 0, 0
		for i, l := range of {
			alarms := l.Commit && l.Severity == hygiene.High && l.Event != attention.None && !l.Old
			fixed := l.Left || l.Due && l.Severity >= hygiene.Medium || alarms && got[i] != attention.None
			news = news || l.Event != attention.None && !l.Old
			switch {
			case got[i] == attention.None && l.Left:
				t.Fatalf("deals without an owner have no number")
			case got[i] == attention.None && !fixed && l.Severity >= hygiene.Medium && l.Old:
				old++
			case got[i] == attention.None && !fixed && l.Severity >= hygiene.Medium:
				waits++
			case got[i] != attention.None:
				taken++
				if fixed {
					always++
				}
			}
		}
		if taken > max(b.Numbers, always+2) {
			t.Fatalf("%d numbers, %d of which are always there", taken, always)
		}
		for i, l := range of {
			if got[i] == attention.None || l.Severity != hygiene.Medium || l.Commit || l.Due || l.Left {
				continue
			}
			for j, x := range of {
				if got[j] == attention.None && x.Severity == hygiene.High && !x.Old && !x.Due {
					t.Fatalf("the medium line %+v has a number for %q, and the high line %+v waits", l, got[i], x)
				}
			}
		}
		if taken < b.Numbers && (waits > 0 || old > 0 && !news) {
			t.Fatalf("%d numbers, and %d lines wait, %d more from before the start", taken, waits, old)
		}
	})
}

// TestNothingHighRestsBehindMedium: what had its number yesterday makes room for what is as
// severe, and for news as severe; not for medium lines, however new or large.
func TestNothingHighRestsBehindMedium(t *testing.T) {
	shown := line{Points: 250, Severity: hygiene.High, Told: true, Numbered: true, Idle: 1, Times: 1}
	one := attention.Budget{Numbers: 1, Old: 1}
	for _, c := range []struct {
		name string
		than line
		want int // index of the line that has the number
	}{
		{"medium", line{Points: 400, Severity: hygiene.Medium}, 0},
		{"medium, and new", line{Points: 400, Severity: hygiene.Medium, Event: attention.New}, 0},
		{"medium, and carried over", line{Points: 400, Severity: hygiene.Medium, Told: true}, 0},
		{"medium, from before the start", line{Points: 400, Severity: hygiene.Medium, Old: true}, 0},
		{"medium, in the commit", line{Points: 400, Severity: hygiene.Medium, Commit: true, Told: true}, 1},
		{"high, and new", line{Points: 100, Severity: hygiene.High, Event: attention.New}, 1},
		{"high, without a number yet", line{Points: 100, Severity: hygiene.High, Told: true}, 1},
	} {
		if got := chosen([]line{shown, c.than}, one); got[c.want] == attention.None {
			t.Errorf("%s: the number went to %q", c.name, got)
		}
	}
	due := chosen(append(times(3, shown), line{Points: 1, Severity: hygiene.Medium, Due: true}), one)
	if due[3] != attention.Due {
		t.Errorf("medium and due: the numbers went to %q", due)
	}
}

// TestCommitInDoubtSinceTodayWaitsForNobody: whatever has its turn, a deal of the commit about
// which something high happened has a number, beyond the budget where need be, as far as a
// message holds.
func TestCommitInDoubtSinceTodayWaitsForNobody(t *testing.T) {
	turn := times(12, line{Points: 500, Severity: hygiene.High, Commit: true, Told: true, Numbered: true, Idle: 5, Waits: 4, Times: 2})
	for _, e := range []attention.Reason{attention.High, attention.New, attention.Pushed, attention.Doubled, attention.Arrived, attention.Returned, attention.Grown, attention.Moved} {
		if got := chosen(append(slices.Clone(turn), times(3, line{Points: 10, Severity: hygiene.High, Commit: true, Event: e})...), attention.Budget{Numbers: 2}); count(got[12:], e) != 3 {
			t.Errorf("%s: the numbers went to %q", e, got)
		}
	}
	many := chosen(slices.Concat(times(4, line{Points: 900, Severity: hygiene.High, Due: true}), times(20, line{Points: 950, Severity: hygiene.High, Commit: true, Event: attention.New})), managers)
	if count(many[:4], attention.Due) != 4 || len(many)-count(many, attention.None) != attention.MostDue+2 {
		t.Errorf("twenty at once, and four due: %q", many)
	}
}

// TestNothingHighStarves plays thirty mornings on which deals become high, are fixed, and
// change their rank. No high line is without a number for five days in a row, unless on
// the fifth there are more high lines than five days have numbers for.
func TestNothingHighStarves(t *testing.T) {
	type deal struct {
		line
		unseen int // mornings without a number
	}
	rapid.Check(t, func(t *rapid.T) {
		var deals []*deal
		burst := rapid.IntRange(0, 12).Draw(t, "burst")
		crowded := 0 // mornings ago that there was more to show than can be shown
		for range 30 {
			deals = slices.DeleteFunc(deals, func(*deal) bool { return rapid.IntRange(0, 9).Draw(t, "fixed") == 0 })
			for range rapid.IntRange(0, burst).Draw(t, "born") {
				deals = append(deals, &deal{line: line{Severity: hygiene.High, Event: attention.New}})
			}
			of := make([]line, len(deals))
			for i, d := range deals {
				d.Points = rapid.IntRange(0, 300).Draw(t, "points")
				of[i] = d.line
			}
			if crowded--; len(deals) > managers.Numbers*attention.Within {
				crowded = attention.Within
			}
			got := chosen(of, managers)
			for i, d := range deals {
				d.Event, d.Told = attention.None, true
				if d.Idle++; got[i] != attention.None {
					d.unseen, d.Waits, d.Idle, d.Numbered = 0, 0, 1, true
					d.Times++
					continue
				}
				d.unseen++
				d.Waits++
				if d.unseen >= attention.Within && crowded <= 0 {
					t.Fatalf("a high deal had no number on %d mornings, and %d are high", d.unseen, len(deals))
				}
			}
		}
	})
}

// TestAnImportIsAlwaysThere: whatever else happened, the day's news without a line about the
// import would be a number that nothing explains. On the days after it is a line like others.
func TestAnImportIsAlwaysThere(t *testing.T) {
	news := times(8, line{Points: 900, Severity: hygiene.High, Event: attention.New})
	due := times(8, line{Points: 900, Severity: hygiene.High, Due: true, Told: true, Numbered: true, Idle: 1, Times: 1})
	bulk := line{Points: 1, Severity: hygiene.Medium, Event: attention.New, Bulk: true}
	for _, b := range []attention.Budget{managers, reps} {
		for name, others := range map[string][]line{"news": news, "due": due, "both": slices.Concat(news, due)} {
			if got := chosen(append(slices.Clone(others), bulk), b); got[len(others)] != attention.New {
				t.Errorf("%s, %d numbers: the import has none", name, b.Numbers)
			}
		}
		old := bulk
		old.Event, old.Told, old.Numbered, old.Idle, old.Times = attention.None, true, true, 1, 1
		if got := chosen(append(slices.Clone(news), old), b); got[len(news)] != attention.None {
			t.Errorf("%d numbers: the import of the day before has one for %q", b.Numbers, got[len(news)])
		}
	}
}

// morning is a line through the days, as a digest would hand it on.
type morning struct {
	line
	on []int // days on which it had a number
}

// play shows the lines on as many mornings; arrivals are new ones of each day.
func play(days int, b attention.Budget, lines []*morning, arrivals func(day int) []line) (decisions map[*morning][]int) {
	decisions = map[*morning][]int{}
	for day := 1; day <= days; day++ {
		if arrivals != nil {
			for _, l := range arrivals(day) {
				lines = append(lines, &morning{line: l})
			}
		}
		of := make([]line, len(lines))
		for i, m := range lines {
			of[i] = m.line
		}
		got := chosen(of, b)
		for i, m := range lines {
			m.Event, m.Told = attention.None, true
			m.Since++
			if m.Decided > 0 {
				m.Decided++
			}
			if m.Idle++; got[i] == attention.None {
				m.Waits++
				continue
			}
			if got[i] == attention.Decide {
				m.Decided = 1
				decisions[m] = append(decisions[m], day)
			}
			m.on = append(m.on, day)
			m.Waits, m.Idle, m.Numbered = 0, 1, true
			m.Times++
		}
	}
	return decisions
}

// TestWhatIsHighForeverTakesNoMoreThanItsTurn: one small line that is high on every day has,
// among those of the commit, one day in five and those that rank gives it, and becomes a decision, whatever the budget.
func TestWhatIsHighForeverTakesNoMoreThanItsTurn(t *testing.T) {
	for numbers, most := range map[int]int{1: 7, 2: 9, 6: 14} {
		high := &morning{line: line{Points: 90, Severity: hygiene.High}}
		var others []*morning
		for range 12 {
			others = append(others, &morning{line: line{Points: 300, Severity: hygiene.Medium, Commit: true}})
		}
		decisions := play(30, attention.Budget{Numbers: numbers, Old: 2}, append(slices.Clone(others), high), nil)
		if len(high.on) > most {
			t.Errorf("%d numbers: the high line has one on the days %v", numbers, high.on)
		}
		last := 0
		for _, day := range append(slices.Clone(high.on), 31) {
			if day-last > attention.Within {
				t.Errorf("%d numbers: the high line has one on the days %v: more than five days without", numbers, high.on)
			}
			last = day
		}
		if d := decisions[high]; len(d) < 2 || d[0] < 15 || d[1]-d[0] != attention.Weekly {
			t.Errorf("%d numbers: the high line is a decision on the days %v", numbers, d)
		}
		if numbers == 1 && high.on[0] != attention.Within {
			t.Errorf("one number: it went to the high line on day %d, and others stand before it", high.on[0])
		}
	}
}

// TestTheSameIsNotOnEachDay: where the list is full and nothing has rested, what had no number
// yesterday has one before what had.
func TestTheSameIsNotOnEachDay(t *testing.T) {
	var lines []*morning
	for i := range 4 {
		lines = append(lines, &morning{line: line{Points: 300 - i, Severity: hygiene.Medium}})
	}
	play(20, attention.Budget{Numbers: 2, Old: 1}, lines, nil)
	for _, m := range lines {
		if len(m.on) != 10 {
			t.Errorf("of twenty days, the line of %d points had a number on %v", m.Points, m.on)
		}
	}
}

// TestADecisionWhereNothingElseIs: a line that has a free number on each day asks for a
// decision once a week after its first two weeks, and for the same as ever in between.
func TestADecisionWhereNothingElseIs(t *testing.T) {
	for _, s := range []hygiene.Severity{hygiene.Medium, hygiene.High} {
		alone := &morning{line: line{Points: 300, Severity: s}}
		decisions := play(27, managers, []*morning{alone}, nil)
		if want := []int{15, 20, 25}; len(alone.on) != 27 || !slices.Equal(decisions[alone], want) {
			t.Errorf("%v: a number on %d days, a decision on %v, want %v", s, len(alone.on), decisions[alone], want)
		}
	}
}

// TestRankDecidesAmongTheUnseen: a first morning has no news, and goes by rank alone; on the
// others what is high or in the commit, and had no number yet, competes with the news by rank,
// and stands before the news that is neither.
func TestRankDecidesAmongTheUnseen(t *testing.T) {
	commit := line{Points: 180, Severity: hygiene.Medium, Commit: true, Told: true}
	high := line{Points: 280, Severity: hygiene.High, Told: true}
	news := line{Points: 200, Severity: hygiene.Medium, Event: attention.New}
	one := attention.Budget{Numbers: 1, Old: 1}
	for _, c := range []struct {
		name  string
		lines []line
		want  int
	}{
		{"a first morning", []line{commit, high}, 1},
		{"news of less", []line{news, high, commit}, 1},
		{"news of more, not in the commit", []line{news, commit}, 1},
		{"news of more, high", []line{commit, {Points: 200, Severity: hygiene.High, Event: attention.New}}, 1},
		{"news, and the commit above it", []line{news, {Points: 240, Severity: hygiene.Medium, Commit: true, Told: true}}, 1},
		{"news, and what else was told", []line{news, {Points: 240, Severity: hygiene.Medium, Told: true}}, 0},
	} {
		if got := chosen(c.lines, one); got[c.want] == attention.None {
			t.Errorf("%s: the numbers went to %q", c.name, got)
		}
	}
}
