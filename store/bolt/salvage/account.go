package salvage

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store/bolt/checked"
	"github.com/pipetidy/pipetidy/store/record"
)

// shown is how many places of a bucket the report names.
const shown = 10

// account says what was saved and lost, bucket by bucket.
func (e *mend) account() {
	for _, bucket := range buckets {
		if bucket == checked.MetaBucket || bucket == record.Pending { // see Identity; made again
			continue
		}
		p := Part{Bucket: bucket, Older: len(e.old[bucket]), Made: e.made[bucket], Saved: e.saved[bucket] - len(e.old[bucket])}
		var places []string
		for _, key := range slices.Sorted(maps.Keys(e.walk.lost[bucket])) {
			if !e.has(bucket, key) {
				p.Lost++
				if name := nameOf(bucket, []byte(key)); name != "" {
					places = append(places, name)
				}
			}
		}
		if bucket == record.Deliveries {
			for _, id := range slices.Sorted(maps.Keys(e.waiting)) {
				p.Lost++
				places = append(places, id+" (it was not settled)")
			}
		}
		for _, g := range e.walk.gaps[bucket] {
			if g.one != nil {
				continue // counted already
			}
			p.More = true
			places = append(places, between(bucket, g))
		}
		p.More = p.More || e.walk.metas == 0
		slices.Sort(places)
		places = slices.Compact(places)
		if n := len(places) - shown; n > 0 {
			places = append(places[:shown], fmt.Sprintf("%d more", n))
		}
		p.Places = places
		e.report.Parts = append(e.report.Parts, p)
	}
}

// has reports whether there is a record after all, as an older copy or made again.
func (e *mend) has(bucket, key string) (ok bool) {
	_ = e.file.View(e.ctx, func(t *checked.Tx) error { // the report alone needs it
		ok = t.Bucket(bucket).Get([]byte(key)) != nil
		return nil
	})
	return ok
}

// between names a range in words.
func between(bucket string, g span) string {
	low, high := nameOf(bucket, g.low), nameOf(bucket, g.high)
	switch {
	case low == "" && high == "":
		return "anywhere"
	case low == "":
		return "before " + high
	case high == "":
		return "from " + low + " on"
	}
	return "from " + low + " to " + high
}

// nameOf names a record by its key; "" where the key cannot be read.
func nameOf(bucket string, key []byte) string {
	day := ""
	switch {
	case bucket == record.Periods && len(key) > 4:
		day = crm.Date(int32(binary.BigEndian.Uint32(key)^(1<<31))).String() + " " //nolint:gosec // as record.AppendDay wrote it
		key = key[4:]
	case bucket == record.Snapshots && len(key) > 8:
		at := int64(binary.BigEndian.Uint64(key[len(key)-8:]) ^ (1 << 63)) //nolint:gosec // as record.AppendInstant wrote it
		day = time.UnixMicro(at).UTC().Format("2006-01-02 15:04") + " "
		key = key[:len(key)-8]
	case bucket == record.Findings:
		source, rest, _ := bytes.Cut(key, []byte("\x00"+string(crm.KindOpportunity)+"\x00"))
		id, rest := record.TakeID(rest)
		if id == "" {
			return ""
		}
		key = fmt.Appendf(nil, "%s %s %s", source, id, rest)
	}
	text := strings.Join(strings.FieldsFunc(string(key), func(r rune) bool { return r == 0 }), " ")
	if text == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return day + text
}
