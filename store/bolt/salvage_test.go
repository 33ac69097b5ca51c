package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
	"github.com/pipetidy/pipetidy/store/bolt/pages"
	"github.com/pipetidy/pipetidy/store/record"
	"github.com/pipetidy/pipetidy/store/storetest"
)

// salvages is how many damages a test tries; all are a matter of minutes.
func salvages(t *testing.T, n int) int {
	t.Helper()
	if s := os.Getenv("PIPETIDY_SALVAGES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// lived makes a journal that was in use for some days: its buckets have branches, long
// values, and older copies on free pages.
func lived(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	ctx, f := t.Context(), s.Fence()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Note(ctx, f, "teams", strings.Repeat("West and East. ", 30)))
	must(s.Note(ctx, f, "rules|sf", "close-date-past amount-missing"))
	must(s.Note(ctx, f, store.NoteStarted, storetest.Noon.Format(time.RFC3339)))
	for day := range 6 {
		at := storetest.Noon.Add(time.Duration(day) * 24 * time.Hour)
		gen, err := s.BeginGeneration(ctx, f)
		must(err)
		must(s.ApplySlice(ctx, f, "sf", "", "", func([]hygiene.Life) []hygiene.Life {
			var out []hygiene.Life
			for i := range 40 {
				l := storetest.Life("sf", storetest.ID(i+10*day), "close-date-past")
				l.Generation, l.Opened, l.Says.Message = gen, at, hygiene.Plain(strings.Repeat("late ", 10))
				out = append(out, l)
			}
			return out
		}))
		var ks []hygiene.Park
		for i := range 12 {
			k := storetest.Park("sf", storetest.ID(i), storetest.Noon.AddDate(0, 0, -day))
			k.Reason = strings.Repeat("budget ", 20)
			ks = append(ks, k)
		}
		must(s.SaveParks(ctx, f, ks...))
		for i := range 6 {
			ks[i].End, ks[i].Ended = hygiene.EndOver, at
		}
		must(s.SaveParks(ctx, f, ks[:6]...))
		must(s.FinishGeneration(ctx, f, gen, hygiene.Snapshot{Source: "sf", Day: crm.DateOf(at, time.UTC), At: at, Generation: gen}))
		date := crm.DateOf(at, time.UTC)
		var ds []delivery.Delivery
		for i := range 12 {
			ds = append(ds, plannedFor(s, date, i, at))
		}
		_, err = s.BeginPeriod(ctx, f, digest.Period{Digest: "manager-daily", Team: "West", Date: date, Zone: "UTC", State: "begun", Begun: at, Edition: 1}, ds)
		must(err)
		for i := range ds {
			if day == 5 && i >= 8 {
				break // the last morning is not over
			}
			d := ds[i]
			body := []byte(strings.Repeat("x", 1500+3000*(i%3)))
			d.Parts, d.State, d.AsOf = []delivery.Part{delivery.NewPart(d.ID, 0, body)}, delivery.Rendered, at
			must(s.SaveDelivery(ctx, f, d, nil))
			d.Parts[0].State, d.State, d.Parts[0].Attempts, d.Attempts, d.Parts[0].Started = delivery.Sending, delivery.Sending, 1, 1, at
			must(s.SaveDelivery(ctx, f, d, nil))
			if day == 5 && i == 7 {
				break
			}
			d.Parts[0].State, d.State, d.Parts[0].Receipt.At, d.Changed = delivery.Sent, delivery.Sent, at.Add(time.Second), at.Add(time.Second)
			must(s.SaveDelivery(ctx, f, d, nil))
		}
	}
	must(s.Close())
	// bbolt makes its files larger than what is in them; what is behind only takes time.
	path := filepath.Join(dir, journalName)
	must(os.Truncate(path, int64(used(t, path)*os.Getpagesize())))
	return dir
}

func plannedFor(s *Store, date crm.Date, i int, at time.Time) delivery.Delivery {
	to := fmt.Sprintf("reader%d@acme.example", i)
	return delivery.Delivery{
		ID:     delivery.Key("manager-daily", date.String(), 1, "West", to, delivery.Email, s.Installation()),
		Digest: "manager-daily", Period: date.String(), Edition: 1, Team: "West", Recipient: to, Channel: delivery.Email,
		State: delivery.Planned, Created: at, Changed: at, Deadline: at.Add(4 * time.Hour),
	}
}

// values lists what stands in a journal by bucket and key.
func values(t testing.TB, path string) map[string]string {
	t.Helper()
	o := testOptions().withDefaults()
	f, _, err := checked.Open(path, o.file(journalBuckets), checked.Whole)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	err = f.View(t.Context(), func(x *checked.Tx) error {
		for _, b := range journalBuckets {
			c := x.Bucket(b).Cursor()
			for k, v := c.First(); k != nil; k, v = c.Next() {
				out[b+"\x00"+string(k)] = string(v)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// carved lists the pages on which each value of a file stands, current or not.
func carved(t testing.TB, path string) map[string][]uint64 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, out := pages.New(bytes.NewReader(b), int64(len(b))), map[string][]uint64{}
	add := func(id uint64, p *pages.Page) {
		els, _ := p.Elements()
		for _, e := range els {
			if _, err := record.Open(e.Key, e.Value); err == nil {
				k := string(e.Key) + "\x00" + string(e.Value)
				out[k] = append(out[k], id)
			}
		}
	}
	for id := range f.Pages() {
		p, err := f.Page(id)
		if err != nil {
			t.Fatal(err)
		}
		if p.ID != id || !p.Leaf() {
			continue
		}
		add(id, p)
		els, _ := p.Elements()
		for _, e := range els {
			if _, inline, ok := pages.Bucket(e.Value); ok && inline != nil {
				add(id, inline)
			}
		}
	}
	return out
}

// damage copies a journal into a directory and changes it there.
func damage(t testing.TB, from, dir string, do func(b []byte) []byte) string {
	t.Helper()
	path := filepath.Join(dir, journalName)
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, do(b), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// used is how many pages of a file have ever been used.
func used(t testing.TB, path string) int {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(pages.New(bytes.NewReader(b), int64(len(b))).Metas()[0].End)
}

// TestSalvageSavesWhatLiesOnWholePages zeroes each page in turn, and fills each with
// nonsense.
func TestSalvageSavesWhatLiesOnWholePages(t *testing.T) {
	from := filepath.Join(lived(t), journalName)
	all, whole := values(t, from), carved(t, from)
	size := int64(os.Getpagesize())
	count := used(t, from)
	damages := map[string]func([]byte){
		"zeroed":   func(p []byte) { clear(p) },
		"nonsense": func(p []byte) { copy(p, bytes.Repeat([]byte{0xa5}, len(p))) },
	}
	lost := 0
	for name, do := range damages {
		step := max(2*count/salvages(t, 25), 1)
		for page := 0; page < count; page += 1 + (step-1)*min(page, 1) {
			t.Run(name+" "+strconv.Itoa(page), func(t *testing.T) {
				dir := t.TempDir()
				path := damage(t, from, dir, func(b []byte) []byte { do(b[int64(page)*size : int64(page+1)*size]); return b })
				r, err := Salvage(t.Context(), dir, testOptions())
				if errors.Is(err, ErrSound) {
					return // a page that was free, or the old meta page would be told
				}
				if err != nil {
					t.Fatal(err)
				}
				after := values(t, path)
				for k, v := range all {
					bucket, key, _ := strings.Cut(k, "\x00")
					if bucket == checked.MetaBucket || bucket == record.Pending || after[k] == v {
						continue
					}
					lost++
					// A long value goes on over the pages behind its own.
					on := slices.ContainsFunc(whole[key+"\x00"+v], func(id uint64) bool {
						return page < int(id) || page > int(id)+(len(v)+int(size))/int(size)
					})
					if on && !slices.Contains(r.Settle, key) {
						t.Errorf("%s %q lies on a whole page and was not saved", bucket, key)
					}
				}
				notInvented(t, r, after, whole)
			})
		}
	}
	if lost == 0 {
		t.Error("no page held anything")
	}
}

// notInvented requires that each record after a salvage was written at some time, or is
// one that the salvage says it made.
func notInvented(t *testing.T, r *Salvaged, after map[string]string, whole map[string][]uint64) {
	t.Helper()
	made := map[string]int{}
	for k, v := range after {
		bucket, key, _ := strings.Cut(k, "\x00")
		switch {
		case bucket == checked.MetaBucket, whole[key+"\x00"+v] != nil, slices.Contains(r.Settle, key):
		case key == store.NoteSalvaged && !r.Held.IsZero():
		case bucket == record.Pending:
			if d, ok := after[record.Deliveries+"\x00"+key]; !ok || d == "" {
				t.Errorf("%q waits and is no delivery", key)
			}
		default:
			made[bucket]++
		}
	}
	for _, p := range r.Parts {
		if made[p.Bucket] > p.Made {
			t.Errorf("%d records of %s are invented", made[p.Bucket]-p.Made, p.Bucket)
		}
	}
}

// TestSalvageOfAnyDamage flips bits, cuts, swaps and overwrites at random. The file that
// comes out opens, holds nothing that was never written, and lets no message that was sent
// go out again.
func TestSalvageOfAnyDamage(t *testing.T) {
	from := filepath.Join(lived(t), journalName)
	all, whole := values(t, from), carved(t, from)
	n := salvages(t, 25)
	size := os.Getpagesize()
	end, dir := used(t, from), filepath.Join(t.TempDir(), "data")
	saved, sound, nothing := 0, 0, 0
	for seed := range n {
		rnd := rand.New(rand.NewPCG(uint64(seed), 11))
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		path := damage(t, from, dir, func(b []byte) []byte {
			for range 1 + rnd.IntN(4) {
				page := func() []byte { i := rnd.IntN(end); return b[i*size : (i+1)*size] }
				switch rnd.IntN(8) {
				case 0, 1, 2:
					b[rnd.IntN(end*size)] ^= 1 << rnd.IntN(8)
				case 3: // a header, where one bit changes most
					page()[rnd.IntN(64)] ^= 1 << rnd.IntN(8)
				case 4:
					clear(page())
				case 5:
					copy(page(), page())
				case 6:
					clear(b[:size*rnd.IntN(3)])
				case 7:
					if rnd.IntN(4) == 0 {
						return b[:rnd.IntN(end*size)]
					}
				}
			}
			return b
		})
		r, err := Salvage(t.Context(), dir, testOptions())
		if errors.Is(err, ErrSound) {
			sound++
			continue
		}
		if errors.Is(err, store.ErrCorrupt) {
			nothing++
			if b, _ := filepath.Glob(filepath.Join(dir, "*.*.*")); len(b) > 0 {
				t.Errorf("seed %d: left %q behind", seed, b)
			}
			continue
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		saved++
		after := values(t, path)
		notInvented(t, r, after, whole)
		for k, v := range after {
			if bucket, key, _ := strings.Cut(k, "\x00"); bucket == record.Deliveries {
				was, is := deliveryIn(t, key, all[k]), deliveryIn(t, key, v)
				if was.State == delivery.Sent && (is.State == delivery.Planned || is.State == delivery.Rendered || is.State == delivery.Retry) {
					t.Errorf("seed %d: %s was sent, and is %s after the salvage", seed, key, is.State)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d saved, %d sound, %d with nothing left", saved, sound, nothing)
	if saved == 0 {
		t.Error("nothing was saved")
	}
}

func deliveryIn(t *testing.T, key, value string) (d delivery.Delivery) {
	t.Helper()
	w, err := record.Open([]byte(key), []byte(value))
	if err == nil {
		err = w.Delivery(&d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSalvageKeepsTheDamagedFileAndTheIdentity(t *testing.T) {
	dir := lived(t)
	path := filepath.Join(dir, journalName)
	known, err := datadir.ReadIdentity(dir)
	if err != nil {
		t.Fatal(err)
	}
	damage(t, path, dir, func(b []byte) []byte { clear(b[:os.Getpagesize()]); return b })
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Salvage(t.Context(), dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	aside, err := os.ReadFile(r.Aside)
	if err != nil || !bytes.Equal(before, aside) {
		t.Errorf("the damaged file is not kept: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info, err)
	}
	s := openStore(t, dir)
	if !strings.HasPrefix(known.UUID, s.Installation()) || r.Identity != "kept" {
		t.Errorf("installation %s, was %s; %s", s.Installation(), known.UUID, r.Identity)
	}
	if left, _ := filepath.Glob(path + ".salvaged*"); len(left) > 0 {
		t.Errorf("left %q behind", left)
	}
}

func TestSalvageRefuses(t *testing.T) {
	t.Run("a sound journal", func(t *testing.T) {
		dir := lived(t)
		if _, err := Salvage(t.Context(), dir, testOptions()); !errors.Is(err, ErrSound) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a journal in use", func(t *testing.T) {
		dir := lived(t)
		openStore(t, dir)
		if _, err := Salvage(t.Context(), dir, testOptions()); !errors.Is(err, store.ErrInUse) {
			t.Errorf("got %v", err)
		}
	})
	for name, do := range map[string]func([]byte) []byte{
		"an empty file":        func([]byte) []byte { return nil },
		"nothing but zeros":    func(b []byte) []byte { clear(b); return b },
		"another kind of file": func([]byte) []byte { return bytes.Repeat([]byte("no database "), 5000) },
		"100 bytes":            func(b []byte) []byte { return b[:100] },
	} {
		t.Run(name, func(t *testing.T) {
			dir := lived(t)
			path := damage(t, filepath.Join(dir, journalName), dir, do)
			before, _ := os.ReadFile(path)
			if _, err := Salvage(t.Context(), dir, testOptions()); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("got %v", err)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed: %v", err)
			}
			if names, _ := filepath.Glob(path + ".*"); len(names) > 0 {
				t.Errorf("left %q behind", names)
			}
		})
	}
	t.Run("no journal", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "none")
		if _, err := Salvage(context.Background(), dir, testOptions()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Error("the directory was made")
		}
	})
}
