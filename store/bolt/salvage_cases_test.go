package bolt

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/bolt/pages"
	"github.com/pipetidy/pipetidy/store/storetest"
)

// salvaged salvages a directory and opens it.
func salvaged(t *testing.T, dir string) (*Salvaged, *Store) {
	t.Helper()
	r, err := Salvage(t.Context(), dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	return r, openStore(t, dir)
}

// killed is a directory with the journal of a process that was killed while it had s open.
func killed(t *testing.T, s *Store, do func(b []byte) []byte) string {
	t.Helper()
	dir := t.TempDir()
	damage(t, filepath.Join(s.hold.Dir(), journalName), dir, do)
	return dir
}

// newestMeta is the place of the newest meta page.
func newestMeta(t *testing.T, b []byte) int {
	t.Helper()
	size := os.Getpagesize()
	tx := func(slot int) uint64 { return binary.NativeEndian.Uint64(b[slot*size+16+48:]) }
	if tx(1) > tx(0) {
		return size
	}
	return 0
}

// TestSalvageFindsTheClaimThatOnlyTheLostMetaPageKnew: the newest meta page is zeroed, and
// the transaction before it had a message that was not being sent yet. The claim of the
// message is on a page that the older meta page calls free.
func TestSalvageFindsTheClaimThatOnlyTheLostMetaPageKnew(t *testing.T) {
	for _, last := range []delivery.State{delivery.Sending, delivery.Sent} {
		s := newStore(t)
		d := plannedFor(s, crm.NewDate(2026, 11, 21), 1, storetest.Noon)
		d.State, d.Parts = delivery.Rendered, []delivery.Part{delivery.NewPart(d.ID, 0, bytes.Repeat([]byte("x"), 5000))}
		if err := s.SaveDelivery(t.Context(), s.Fence(), d, nil); err != nil {
			t.Fatal(err)
		}
		d.State, d.Parts[0].State, d.Attempts, d.Parts[0].Attempts = last, last, 1, 1
		if err := s.SaveDelivery(t.Context(), s.Fence(), d, nil); err != nil {
			t.Fatal(err)
		}
		dir := killed(t, s, func(b []byte) []byte {
			at := newestMeta(t, b)
			clear(b[at : at+os.Getpagesize()])
			return b
		})
		r, after := salvaged(t, dir)
		got, ok, err := after.Delivery(t.Context(), d.ID)
		if err != nil || !ok || got.State != last || !r.Last {
			t.Errorf("the last write was %q: got %q, %v, %v, report %+v", last, got.State, ok, err, r.Report)
		}
	}
}

// TestSalvagePutsAnOlderCopyInDoubt: of a message that was sent an older copy is left, in
// which it is not. With its bytes, and from the time when it had none.
func TestSalvagePutsAnOlderCopyInDoubt(t *testing.T) {
	for _, known := range []delivery.State{delivery.Planned, delivery.Rendered, delivery.Retry} {
		s := newStore(t)
		d := plannedFor(s, crm.NewDate(2026, 11, 21), 1, storetest.Noon)
		d.State = known
		if known != delivery.Planned {
			d.Parts = []delivery.Part{delivery.NewPart(d.ID, 0, bytes.Repeat([]byte("x"), 5000))}
			d.Parts[0].State = known
		}
		if err := s.SaveDelivery(t.Context(), s.Fence(), d, nil); err != nil {
			t.Fatal(err)
		}
		d.State, d.Reason = delivery.Sent, "the newest"
		if len(d.Parts) > 0 {
			d.Parts[0].State = delivery.Sent
		}
		if err := s.SaveDelivery(t.Context(), s.Fence(), d, nil); err != nil {
			t.Fatal(err)
		}
		dir := killed(t, s, func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("the newest"), []byte("the nawest")) })
		r, after := salvaged(t, dir)
		got, _, err := after.Delivery(t.Context(), d.ID)
		if err != nil || got.State != delivery.Unknown || len(got.Parts) != 1 || got.Parts[0].State != delivery.Unknown || got.Parts[0].Doubts != 1 || got.Parts[0].Key != delivery.NewPart(d.ID, 0, nil).Key {
			t.Errorf("%s: got %+v, %v", known, got, err)
		}
		waiting, err := after.Deliveries(t.Context(), delivery.Unknown)
		if err != nil || len(waiting) != 1 || len(r.Settle) != 1 || r.Settle[0] != d.ID {
			t.Errorf("%s: waiting %d, %v, report %+v", known, len(waiting), err, r.Report)
		}
	}
}

func TestSalvageOfAWrongFreelist(t *testing.T) {
	from := filepath.Join(lived(t), journalName)
	all := values(t, from)
	for name, do := range map[string]func(list []byte, root uint64){
		"the root is free":       func(l []byte, root uint64) { binary.NativeEndian.PutUint64(l[16:], root) },
		"zeroed":                 func(l []byte, _ uint64) { clear(l[:os.Getpagesize()]) },
		"longer than the file":   func(l []byte, _ uint64) { copy(l[10:12], []byte{0xFF, 0xFF}) },
		"a page in use is freed": func(l []byte, _ uint64) { l[16] ^= 1 },
		"shorter":                func(l []byte, _ uint64) { l[10]-- },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := damage(t, from, dir, func(b []byte) []byte {
				m := pages.New(bytes.NewReader(b), int64(len(b))).Metas()[0]
				do(b[int(m.Freelist)*os.Getpagesize():], m.Root)
				return b
			})
			r, err := Salvage(t.Context(), dir, testOptions())
			if err != nil {
				t.Fatal(err)
			}
			after := values(t, path)
			for k, v := range all {
				// Of a page that the tree leads to and the list calls free nobody knows which
				// is right, so what waits there is in doubt.
				_, key, _ := strings.Cut(k, "\x00")
				if !strings.HasPrefix(k, "meta") && after[k] != v && (after[k] == "" || !slices.Contains(r.Settle, key)) {
					t.Errorf("%q is lost", k)
				}
			}
		})
	}
}

// TestSalvageKeepsTheIdentity: without what the journal says about itself, db.id says it,
// and without db.id the ids of the deliveries.
func TestSalvageKeepsTheIdentity(t *testing.T) {
	for _, c := range []struct {
		name     string
		meta, id bool // are lost
		want     string
	}{
		{"db.id is lost", false, true, "kept"},
		{"the journal's own is lost", true, false, "from db.id"},
		{"both are lost", true, true, "from the ids of deliveries"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := lived(t)
			path := filepath.Join(dir, journalName)
			known, err := datadir.ReadIdentity(dir)
			if err != nil {
				t.Fatal(err)
			}
			damage(t, path, dir, func(b []byte) []byte {
				if c.meta {
					return bytes.ReplaceAll(b, []byte(known.UUID), []byte(strings.Repeat("f", len(known.UUID))))
				}
				clear(b[:os.Getpagesize()])
				return b
			})
			if c.id {
				if err := os.Remove(filepath.Join(dir, datadir.IdentityName)); err != nil {
					t.Fatal(err)
				}
			}
			r, s := salvaged(t, dir)
			if r.Identity != c.want || !strings.HasPrefix(known.UUID, s.Installation()) || s.Installation() == "" {
				t.Errorf("%s; installation %s of %s", r.Identity, s.Installation(), known.UUID)
			}
			if _, err := s.BeginGeneration(t.Context(), s.Fence()); err != nil {
				t.Error(err)
			}
			m, err := s.journal.Head()
			if err != nil || m.Generation < 7 {
				t.Errorf("evaluation %d comes after the sixth; %v", m.Generation, err)
			}
		})
	}
}

// spoil changes a bit in all values of some buckets, of which no older copy is right then.
func spoil(b []byte, all map[string]string, buckets ...string) []byte {
	for k, v := range all {
		bucket, _, _ := strings.Cut(k, "\x00")
		if slices.Contains(buckets, bucket) {
			wrong := []byte(v)
			wrong[len(wrong)-1] ^= 1
			b = bytes.ReplaceAll(b, []byte(v), wrong)
		}
	}
	return b
}

// TestSalvageMakesAgainWhatFollows: rows of the ledger and baselines follow from the
// deliveries, the start from the snapshots.
func TestSalvageMakesAgainWhatFollows(t *testing.T) {
	dir := lived(t)
	path := filepath.Join(dir, journalName)
	all := values(t, path)
	damage(t, path, dir, func(b []byte) []byte {
		b = spoil(b, all, bucketPeriods, bucketReaders, bucketGenerations)
		return bytes.ReplaceAll(b, []byte(store.NoteStarted), []byte("stortad"))
	})
	r, s := salvaged(t, dir)
	date := crm.NewDate(2026, 11, 21)
	p, ok, err := s.Period(t.Context(), "manager-daily", "West", date)
	if err != nil || !ok || p.Edition != 1 || p.State != "begun" || p.Begun.IsZero() {
		t.Errorf("got %+v, %v, %v", p, ok, err)
	}
	rd, ok, err := s.Reader(t.Context(), "manager-daily", "West", "reader3@acme.example")
	if err != nil || !ok || rd.Period != "2026-11-26" {
		t.Errorf("got %+v, %v, %v", rd, ok, err)
	}
	if note, err := s.Noted(t.Context(), store.NoteStarted); err != nil || note != "2026-11-21T12:00:00Z" {
		t.Errorf("the start: %q, %v", note, err)
	}
	for _, p := range r.Parts {
		if p.Bucket == bucketGenerations && (p.Made != 1 || p.Saved+p.Older+p.Lost > 0) {
			t.Errorf("evaluations: %+v", p)
		}
	}
	if !r.Held.IsZero() {
		t.Errorf("all rows were made again, and digests are held: %+v", r.Report)
	}
}

// TestSalvageSaysWhetherTheLedgerMayLackRows: only then digests are held.
func TestSalvageSaysWhetherTheLedgerMayLackRows(t *testing.T) {
	for _, c := range []struct {
		name    string
		text    string   // that is spoiled
		buckets []string // whose values are spoiled
		held    bool
	}{
		{"a finding", "late late", nil, false},
		{"a note of the rules", "amount-missing", nil, false},
		{"the note of the teams", "West and East.", nil, true},
		{"what was sent", "", []string{bucketFindings, bucketReaders, bucketSnapshots}, false},
		{"the ledger, which is made again", "", []string{bucketPeriods}, false},
		{"the ledger, with the deliveries", "2026-11-2", []string{bucketPeriods}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := lived(t)
			path := filepath.Join(dir, journalName)
			all := values(t, path)
			damage(t, path, dir, func(b []byte) []byte {
				b = spoil(b, all, c.buckets...)
				if c.text == "" {
					return b
				}
				wrong := []byte(c.text)
				wrong[len(wrong)-1] ^= 1
				return bytes.ReplaceAll(b, []byte(c.text), wrong)
			})
			r, s := salvaged(t, dir)
			note, err := s.Noted(t.Context(), store.NoteSalvaged)
			if err != nil || r.Held.IsZero() == c.held || (note != "") != c.held {
				t.Errorf("held %v, note %q, %v", r.Held, note, err)
			}
		})
	}
}

// TestSalvageOfAPageThatCountsTooFew: the place of the first key tells as well how many
// values a page has.
func TestSalvageOfAPageThatCountsTooFew(t *testing.T) {
	from := filepath.Join(lived(t), journalName)
	all := values(t, from)
	var page uint64
	for k, v := range all {
		if bucket, key, _ := strings.Cut(k, "\x00"); bucket == bucketFindings {
			page = carved(t, from)[key+"\x00"+v][0]
			break
		}
	}
	dir := t.TempDir()
	path := damage(t, from, dir, func(b []byte) []byte {
		b[int(page)*os.Getpagesize()+10] -= 2
		return b
	})
	if _, err := Salvage(t.Context(), dir, testOptions()); err != nil {
		t.Fatal(err)
	}
	after := values(t, path)
	for k, v := range all {
		if !strings.HasPrefix(k, "meta") && after[k] != v {
			t.Errorf("%q is lost", k)
		}
	}
}
