package bolt

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/record"
)

// sfid makes an id of 18 characters as Salesforce has them.
func sfid(n int) string { return fmt.Sprintf("006%012dAAA", n) }

func opportunity(n int) crm.Opportunity {
	return crm.Opportunity{
		ID: sfid(n), Name: fmt.Sprint("Deal ", n), Stage: "Prospecting", Amount: crm.Num(float64(n)),
		CloseDate: crm.NewDate(2026, 12, 1), OwnerID: "u1", ModifiedAt: noon.Add(-time.Hour),
	}
}

func pageOf(os ...crm.Opportunity) crm.Page {
	return crm.Page{Stream: crm.Opportunities, Opportunities: os, Next: "c", AsOf: noon}
}

func TestUnchangedPageIsCountedAndNotWritten(t *testing.T) {
	s := newStore(t)
	p := pageOf(opportunity(2), opportunity(1))
	diff(t, "first", commitPage(t, s, p), store.Commit{Added: 2})
	diff(t, "again", commitPage(t, s, p), store.Commit{Unchanged: 2})
	st := state(t, s, crm.Opportunities)
	diff(t, "state", st, store.StreamState{Source: "sf", Stream: crm.Opportunities, Cursor: "c", Complete: true, AsOf: noon, Records: 2, Changed: noon})
}

func TestObservedChanges(t *testing.T) {
	s := newStore(t)
	o := opportunity(1)
	commitPage(t, s, pageOf(o))
	if d := deals(t, s, "sf")[0]; len(d.Changes) != 0 {
		t.Fatalf("a record seen for the first time has no changes: %+v", d.Changes)
	}
	o.Stage, o.Amount, o.Name, o.ModifiedAt = "Closing", crm.Number{}, "Renamed", noon
	diff(t, "commit", commitPage(t, s, pageOf(o)), store.Commit{Changed: 1, Changes: 2})
	want := []crm.Change{
		{ID: "seen-amount", OpportunityID: o.ID, Field: crm.FieldAmount, Old: "1", OldKnown: true, At: noon, Observed: true},
		{ID: "seen-stage", OpportunityID: o.ID, Field: crm.FieldStage, Old: "Prospecting", New: "Closing", OldKnown: true, At: noon, Observed: true},
	}
	diff(t, "changes", deals(t, s, "sf")[0].Changes, want)

	o.Stage = "Prospecting" // again under the same stamp
	commitPage(t, s, pageOf(o))
	o.NextStep, o.ModifiedAt = "call", time.Time{}
	commitPage(t, s, pageOf(o))
	got := deals(t, s, "sf")[0].Changes
	want = append(want,
		crm.Change{ID: "seen-stage-2", OpportunityID: o.ID, Field: crm.FieldStage, Old: "Closing", New: "Prospecting", OldKnown: true, At: noon, Observed: true},
		crm.Change{ID: "seen-next_step", OpportunityID: o.ID, Field: crm.FieldNextStep, New: "call", OldKnown: true, At: noon, Observed: true},
	)
	if len(got) != 4 {
		t.Fatalf("got %d changes: %+v", len(got), got)
	}
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || g == w
		}
		if !found {
			t.Errorf("missing %+v", w)
		}
	}
}

func TestHistoryAndObservationAreFolded(t *testing.T) {
	s := newStore(t)
	o := opportunity(1)
	commitPage(t, s, pageOf(o))
	o.Stage, o.ModifiedAt = "Closing", noon
	commitPage(t, s, pageOf(o))
	early := noon.Add(-48 * time.Hour)
	h := crm.Page{Stream: crm.History, Changes: []crm.Change{
		{ID: "h2", OpportunityID: o.ID, Field: crm.FieldStage, New: "Closing", At: noon.Add(-time.Second), By: "u7"},
		{ID: "h1", OpportunityID: o.ID, Field: crm.FieldStage, New: "Prospecting", At: early},
		{ID: "h9", OpportunityID: sfid(99), Field: crm.FieldStage, New: "x", At: early}, // of a deal that is not there
	}}
	diff(t, "commit", commitPage(t, s, h), store.Commit{Added: 3})
	diff(t, "again", commitPage(t, s, h), store.Commit{Unchanged: 3})
	diff(t, "changes", deals(t, s, "sf")[0].Changes, []crm.Change{
		{ID: "h1", OpportunityID: o.ID, Field: crm.FieldStage, New: "Prospecting", At: early},
		{ID: "h2", OpportunityID: o.ID, Field: crm.FieldStage, Old: "Prospecting", OldKnown: true, New: "Closing", At: noon.Add(-time.Second), By: "u7"},
	})
	if n := state(t, s, crm.History).Records; n != 3 {
		t.Errorf("history holds %d records", n)
	}
}

func TestClosingMovesAndDeletingRemembers(t *testing.T) {
	s := newStore(t)
	won, lost, gone, open := opportunity(1), opportunity(2), opportunity(3), opportunity(4)
	commitPage(t, s, pageOf(won, lost, gone, open))
	won.Closed, won.Won, lost.Closed = true, true, true
	p := pageOf(won, lost)
	p.Deleted = []string{gone.ID, sfid(77)}
	diff(t, "commit", commitPage(t, s, p), store.Commit{Changed: 2, Deleted: 1})
	var left []string
	for _, d := range deals(t, s, "sf") {
		left = append(left, d.Opportunity.ID)
	}
	diff(t, "open", left, []string{open.ID})
	got, err := s.Absent(t.Context(), "sf", []string{won.ID, lost.ID, gone.ID, open.ID})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "absent", got, map[string]hygiene.State{won.ID: hygiene.Won, lost.ID: hygiene.Lost, gone.ID: hygiene.Gone})
	if n := state(t, s, crm.Opportunities).Records; n != 3 {
		t.Errorf("%d records", n)
	}
	var closed bool
	found, err := s.Deal(t.Context(), "", won.ID, func(d *hygiene.Deal) error {
		closed = d.Opportunity.Closed && d.Source == "sf"
		return nil
	})
	if !found || err != nil || !closed {
		t.Errorf("deal: %v %v %v", found, closed, err)
	}
	lost.Closed = false
	commitPage(t, s, pageOf(lost))
	if n := len(deals(t, s, "sf")); n != 2 {
		t.Errorf("reopened: %d open deals", n)
	}
}

func TestNothingIsGoneWhileTheCacheIsFilled(t *testing.T) {
	s := newStore(t)
	absent := func() string {
		t.Helper()
		got, err := s.Absent(t.Context(), "sf", []string{sfid(1), sfid(2)})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(got)
	}
	p := pageOf(opportunity(1))
	p.More = true
	commitPage(t, s, p)
	if got := absent(); got != "map[]" {
		t.Errorf("first page: %s", got)
	}
	p.Deleted = []string{sfid(1)}
	commitPage(t, s, p)
	if got, want := absent(), fmt.Sprintf("map[%s:gone]", sfid(1)); got != want {
		t.Errorf("deleted: got %s, want %s", got, want)
	}
	p.Deleted = nil
	commitPage(t, s, p) // taken out of the bin
	p.Opportunities, p.More = nil, false
	if n := count(t, s, bucketGone); n != 0 {
		t.Errorf("%d tombstones of records that are there", n)
	}
	commitPage(t, s, p)
	if got, want := absent(), fmt.Sprintf("map[%s:gone]", sfid(2)); got != want {
		t.Errorf("complete: got %s, want %s", got, want)
	}
}

func count(t *testing.T, s *Store, bucket string) (n int) {
	t.Helper()
	err := s.cache.view(t.Context(), func(x *tx) error {
		n = x.bucket(bucket).Stats().KeyN
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOfARecordTwiceInAPageTheLastCounts(t *testing.T) {
	s := newStore(t)
	first, last := opportunity(1), opportunity(1)
	first.Stage = "Old"
	diff(t, "commit", commitPage(t, s, pageOf(first, opportunity(0), last)), store.Commit{Added: 2})
	if d := deals(t, s, "sf")[1]; d.Opportunity.Stage != last.Stage || len(d.Changes) != 0 {
		t.Errorf("got %+v", d)
	}
}

// What hangs on closed opportunities lies between that of open ones.
func TestScanPassesOverManyRowsOfClosedOpportunities(t *testing.T) {
	s := newStore(t)
	var os []crm.Opportunity
	p := crm.Page{Stream: crm.Activities}
	for i := range 6 {
		o := opportunity(i)
		o.Closed = i%2 == 1
		os = append(os, o)
		for j := range 3 * steps * i {
			p.Activities = append(p.Activities, crm.Activity{ID: fmt.Sprint(i, "-", j), OpportunityIDs: []string{o.ID}})
		}
	}
	commitPage(t, s, pageOf(os...))
	commitPage(t, s, p)
	for _, d := range deals(t, s, "sf") {
		i := int(d.Opportunity.Amount.Value)
		if got, want := len(d.Activities), 3*steps*i; got != want {
			t.Errorf("deal %d: %d activities, want %d", i, got, want)
		}
	}
}

func TestActivitiesFollowTheirOpportunities(t *testing.T) {
	s := newStore(t)
	a := crm.Activity{ID: "00T1", Kind: crm.Call, OpportunityIDs: []string{sfid(1), sfid(2), sfid(1)}, At: noon, Done: true}
	b := crm.Activity{ID: "00T2", Kind: crm.Email, OpportunityIDs: []string{sfid(1)}, At: noon.Add(-time.Hour)}
	page := func(as ...crm.Activity) crm.Page { return crm.Page{Stream: crm.Activities, Activities: as} }
	// Before their opportunities: streams are read side by side.
	diff(t, "first", commitPage(t, s, page(a, b, crm.Activity{ID: "00T3"})), store.Commit{Added: 2, Unchanged: 1})
	commitPage(t, s, pageOf(opportunity(1), opportunity(2), opportunity(3)))
	ids := func() string {
		var out []string
		for _, d := range deals(t, s, "sf") {
			var of []string
			for _, a := range d.Activities {
				of = append(of, a.ID)
			}
			out = append(out, strings.Join(of, "+"))
		}
		return strings.Join(out, " ")
	}
	expect := func(what, want string, records int) {
		t.Helper()
		if got := ids(); got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
		if n := state(t, s, crm.Activities).Records; n != records {
			t.Errorf("%s: %d records, want %d", what, n, records)
		}
	}
	expect("linked, by time", "00T2+00T1 00T1 ", 2)
	diff(t, "again", commitPage(t, s, page(a, b)), store.Commit{Unchanged: 2})
	a.OpportunityIDs = []string{sfid(2), sfid(3)}
	diff(t, "move", commitPage(t, s, page(a)), store.Commit{Changed: 1})
	expect("moved", "00T2 00T1 00T1", 2)
	b.OpportunityIDs = nil
	diff(t, "cut off", commitPage(t, s, page(b)), store.Commit{Changed: 1})
	expect("cut off", " 00T1 00T1", 1)
	commitPage(t, s, crm.Page{Stream: crm.Opportunities, Deleted: []string{sfid(2)}})
	expect("opportunity deleted", " 00T1", 1)
	diff(t, "left link", deals(t, s, "sf")[1].Activities[0].OpportunityIDs, []string{sfid(3)})
	diff(t, "delete", commitPage(t, s, crm.Page{Stream: crm.Activities, Deleted: []string{"00T1", "00T9"}}), store.Commit{Deleted: 1})
	expect("deleted", " ", 0)
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestReplacedStreamDropsWhatIsNotMentioned(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	register(t, s, "sf")
	user := func(id string) crm.User { return crm.User{ID: id, Name: "N" + id} }
	users := func(next crm.Cursor, more bool, us ...crm.User) crm.Page {
		return crm.Page{Stream: crm.Users, Users: us, Next: next, More: more, Replace: true, AsOf: noon}
	}
	commitPage(t, s, users("1", true, user("a"), user("b")))
	last := users("", false, user("c"), user("d"))
	commitPage(t, s, last)
	commitPage(t, s, last) // repeated: it is no run of its own
	names := func() string {
		ref, err := s.Reference(t.Context(), "sf")
		if err != nil {
			t.Fatal(err)
		}
		var out string
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			if ref.Users[id] != nil {
				out += id
			}
		}
		return out
	}
	if got := names(); got != "abcd" {
		t.Fatalf("after the repeated page: %s", got)
	}
	commitPage(t, s, users("1", true, user("a"), user("e")))
	if err := s.Close(); err != nil { // between the pages of a run
		t.Fatal(err)
	}
	s = openStore(t, dir)
	diff(t, "end of run", commitPage(t, s, users("", false, user("c"), user("d"))), store.Commit{Unchanged: 2, Deleted: 1})
	if got := names(); got != "acde" {
		t.Errorf("got %s, want acde", got)
	}
	p := users("", false, user("a"))
	p.AsOf = noon.Add(time.Hour)
	commitPage(t, s, p)
	if got := names(); got != "acde" {
		t.Errorf("a run with one of four was believed: %s", got)
	}
	if st := state(t, s, crm.Users); !strings.Contains(st.Held, "3 of 4 users") || st.Records != 4 {
		t.Errorf("state: %+v", st)
	}
}

func TestFullRunDropsWhatIsGone(t *testing.T) {
	for _, c := range []struct {
		name string
		gone int // of 20
		held bool
	}{{"none", 0, false}, {"a handful", 5, false}, {"more", 6, true}, {"all", 20, true}} {
		t.Run(c.name, func(t *testing.T) {
			s := newStore(t)
			var all []crm.Opportunity
			var acts []crm.Activity
			for i := range 20 {
				o := opportunity(i)
				o.Closed = i%2 == 1
				all = append(all, o)
				acts = append(acts, crm.Activity{ID: fmt.Sprint("t", i), OpportunityIDs: []string{o.ID}})
			}
			commitPage(t, s, pageOf(all...))
			commitPage(t, s, crm.Page{Stream: crm.Activities, Activities: acts})
			if err := s.Restart(t.Context(), s.Fence(), "sf", crm.Opportunities); err != nil {
				t.Fatal(err)
			}
			if st := state(t, s, crm.Opportunities); st.Cursor != "" || st.Records != 20 || !st.Complete {
				t.Errorf("after restart: %+v", st)
			}
			half := pageOf(all[c.gone:][:(20-c.gone)/2]...)
			half.More = true
			commitPage(t, s, half)
			rest := pageOf(all[c.gone+(20-c.gone)/2:]...)
			got := commitPage(t, s, rest)
			st := state(t, s, crm.Opportunities)
			left := 20 - c.gone
			if c.held {
				left = 20
			}
			if got.Deleted != 20-left || st.Records != left || (st.Held != "") != c.held {
				t.Errorf("deleted %d, state %+v", got.Deleted, st)
			}
			if n := state(t, s, crm.Activities).Records; n != left {
				t.Errorf("%d activities left", n)
			}
			absent, err := s.Absent(t.Context(), "sf", []string{all[0].ID})
			if wantGone := c.gone > 0 && !c.held; err != nil || (absent[all[0].ID] == hygiene.Gone) != wantGone {
				t.Errorf("absent: %v, %v", absent, err)
			}
			// An ordinary run after it drops nothing.
			commitPage(t, s, pageOf(all[19]))
			if n := state(t, s, crm.Opportunities).Records; n != left {
				t.Errorf("an incremental run dropped records: %d left of %d", n, left)
			}
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBadIDsAreRefusedWhole(t *testing.T) {
	s := newStore(t)
	for _, id := range []string{"", "a\x00b", strings.Repeat("x", record.MaxID+1), "a\xff"} {
		o := opportunity(1)
		o.ID = id
		if _, err := s.CommitPage(t.Context(), s.Fence(), "sf", &crm.Page{Stream: crm.Opportunities, Opportunities: []crm.Opportunity{opportunity(5), o}}, noon); err == nil {
			t.Errorf("id %.10q was accepted", id)
		}
	}
	if n := len(deals(t, s, "sf")); n != 0 {
		t.Errorf("%d deals of refused pages", n)
	}
	if st := state(t, s, crm.Opportunities); st.Stream != "" {
		t.Errorf("the cursor moved: %+v", st)
	}
}

func TestStreamFailedKeepsTheCursor(t *testing.T) {
	s := newStore(t)
	commitPage(t, s, pageOf(opportunity(1)))
	if err := s.StreamFailed(t.Context(), s.Fence(), "sf", crm.Opportunities, "no", noon); err != nil {
		t.Fatal(err)
	}
	if err := s.StreamFailed(t.Context(), s.Fence(), "new", crm.Users, "credentials refused", noon); err != nil {
		t.Fatal(err)
	}
	st := state(t, s, crm.Opportunities)
	if st.Cursor != "c" || st.Error != "no" || !st.ErrorAt.Equal(noon) {
		t.Errorf("%+v", st)
	}
	all, _ := s.Streams(t.Context())
	if len(all) != 2 || all[0].Source != "new" || all[0].Complete {
		t.Errorf("streams: %+v", all)
	}
	commitPage(t, s, pageOf(opportunity(1)))
	if st := state(t, s, crm.Opportunities); st.Error != "" {
		t.Errorf("error stays after a page that went well: %+v", st)
	}
}

func TestScanInSlices(t *testing.T) {
	s := newStore(t)
	register(t, s, "hs")
	var want []string
	p := crm.Page{Stream: crm.Opportunities}
	for _, id := range []string{"9", "10", "100", "9007199254740993", "a"} { // decimal ids sort as numbers, before others
		want = append(want, id)
		p.Opportunities = append(p.Opportunities, crm.Opportunity{ID: id})
	}
	if _, err := s.CommitPage(t.Context(), s.Fence(), "hs", &p, noon); err != nil {
		t.Fatal(err)
	}
	commitPage(t, s, pageOf(opportunity(1)))
	for limit := 1; limit <= 6; limit++ {
		var got []string
		slices := 0
		for after, more := "", true; more; slices++ {
			var last string
			var err error
			last, more, err = s.Scan(t.Context(), "hs", after, limit, func(d *hygiene.Deal) error {
				got = append(got, strings.Clone(d.Opportunity.ID))
				return nil
			})
			if err != nil || slices > 5 {
				t.Fatal(err)
			}
			after = last
		}
		diff(t, fmt.Sprint("limit ", limit), got, want)
		if want := (5 + limit - 1) / limit; slices != want {
			t.Errorf("limit %d: %d slices, want %d", limit, slices, want)
		}
	}
}

func TestScansBesideCommitsSeeWholePages(t *testing.T) {
	s := newStore(t)
	done := make(chan error, 1)
	go func() {
		for n := range 60 {
			p := pageOf()
			for i := range 50 {
				o := opportunity(n*50 + i)
				p.Opportunities = append(p.Opportunities, o)
				if n > 0 && i < 10 { // close some of the page before
					o = opportunity((n-1)*50 + i)
					o.Closed = true
					p.Opportunities = append(p.Opportunities, o)
				}
			}
			if _, err := s.CommitPage(context.Background(), s.Fence(), "sf", &p, noon); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for scans := 0; ; scans++ {
		if n := len(deals(t, s, "sf")); n > 0 && n%40 != 10 { // 50 of the last page, 40 of each before
			t.Errorf("a scan saw %d deals: part of a page", n)
		}
		select {
		case err := <-done:
			if err != nil || s.Stats().Readers != 0 {
				t.Error(err, s.Stats())
			}
			return
		default:
		}
	}
}

func TestExportGivesEverythingOnce(t *testing.T) {
	s := newStore(t)
	register(t, s, "other")
	var os []crm.Opportunity
	var as []crm.Activity
	var cs []crm.Change
	for i := range 7 {
		o := opportunity(i)
		o.Closed = i%3 == 0
		os = append(os, o)
		as = append(as, crm.Activity{ID: fmt.Sprint("t", i), Kind: crm.Note, OpportunityIDs: []string{sfid(6 - i), sfid(9)}, At: noon})
		for j := range 2 {
			cs = append(cs, crm.Change{ID: fmt.Sprint(j), OpportunityID: o.ID, Field: crm.FieldOwner, New: fmt.Sprint(j), At: noon.Add(time.Duration(j) * time.Second)})
		}
	}
	commitPage(t, s, pageOf(os...))
	commitPage(t, s, crm.Page{Stream: crm.Activities, Activities: as})
	commitPage(t, s, crm.Page{Stream: crm.History, Changes: cs})
	if _, err := s.CommitPage(t.Context(), s.Fence(), "other", &crm.Page{Stream: crm.Opportunities, Opportunities: os}, noon); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []crm.Stream{crm.Opportunities, crm.Activities, crm.History} {
		var all crm.Page
		for after, n := "", 0; ; n++ {
			p, next, err := s.Export(t.Context(), "sf", stream, after, 3)
			if err != nil || n > 9 {
				t.Fatal(err)
			}
			if p.Len() > 3 {
				t.Errorf("%s: %d records in a page", stream, p.Len())
			}
			all.Opportunities = append(all.Opportunities, p.Opportunities...)
			all.Activities = append(all.Activities, p.Activities...)
			all.Changes = append(all.Changes, p.Changes...)
			if after = next; next == "" {
				break
			}
		}
		switch stream {
		case crm.Opportunities:
			diff(t, "opportunities", all.Opportunities, os)
		case crm.Activities:
			diff(t, "activities", all.Activities, as)
		case crm.History:
			if len(all.Changes) != 14 || all.Changes[13].Old != "0" || !all.Changes[13].OldKnown {
				t.Errorf("history: %+v", all.Changes)
			}
		}
	}
	if _, _, err := s.Export(t.Context(), "sf", crm.Users, "zz", 3); err == nil {
		t.Error("a cursor that is none was accepted")
	}
}
