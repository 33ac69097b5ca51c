package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// vanishedNote begins the name of the note that keeps since when the answers of a stream are
// doubted because a value disappeared from many records at once.
const vanishedNote = "vanished|"

// doubtedFor is how long such answers have to come until they are believed. A fault of the
// CRM or of a proxy is over by then; somebody who did empty a field waits an hour for it.
const doubtedFor = time.Hour

// vanished says since when the answers of a stream are doubted.
type vanished struct {
	Since time.Time `json:"since"`
	Field string    `json:"field"`
}

// doubted reports whether the error says that an answer is doubted rather than that the
// files failed.
func doubted(err error) bool {
	_, ok := errors.AsType[*store.VanishedError](err)
	return ok
}

// store commits a page. An answer that lacks so many values that it is doubted is an error,
// and the same is asked for with each sync; once it has come so for an hour it is believed.
func (r *reading) store(ctx context.Context, p *crm.Page) (store.Commit, error) {
	n, err := r.in.commit(ctx, r.src.Name(), p)
	v, ok := errors.AsType[*store.VanishedError](err)
	if ok && !p.Recalled {
		var sure bool
		if sure, err = r.doubt(ctx, p, v); sure {
			n, err = r.in.commit(ctx, r.src.Name(), p)
		}
	}
	if doubted(err) || errors.Is(err, errDoubted) {
		return n, err
	}
	if err != nil {
		return n, store.AsFileError(err)
	}
	if n.Addresses > 0 {
		note(p, fmt.Sprintf("source %s: %s came without the address that is known of them; the known addresses stay: look whether the login may still see the addresses of users",
			r.src.Name(), crm.Counted(n.Addresses, "active or former user")))
	}
	if p.More || p.Recalled || p.Stream != crm.Opportunities && p.Stream != crm.Users {
		return n, nil
	}
	return n, r.in.believed(ctx, r.src.Name(), p.Stream)
}

// errDoubted is the error of a stream whose answer is doubted.
var errDoubted = errors.New("asked for again with each sync")

// doubt notes since when the answers of a stream are doubted, and reports whether they have
// been for so long that the page is Sure now.
func (r *reading) doubt(ctx context.Context, p *crm.Page, v *store.VanishedError) (sure bool, err error) {
	name := vanishedNote + r.src.Name() + "|" + string(p.Stream)
	s, err := r.in.journal.Noted(ctx, name)
	if err != nil {
		return false, store.AsFileError(err)
	}
	now := r.in.cfg.Now()
	var of vanished
	if s == "" || json.Unmarshal([]byte(s), &of) != nil || of.Field != v.Field || now.Before(of.Since) {
		of = vanished{now, v.Field}
		b, err := json.Marshal(of)
		if err != nil {
			return false, fmt.Errorf("note what is doubted: %w", err)
		}
		if err := r.in.journal.Note(ctx, r.in.fence, name, string(b)); err != nil {
			return false, store.AsFileError(err)
		}
	}
	until := of.Since.Add(doubtedFor)
	if now.Before(until) {
		return false, fmt.Errorf("%w; %w, and believed where it still comes so after %s", v, errDoubted, until.UTC().Format("2006-01-02 15:04 UTC"))
	}
	p.Sure = true
	note(p, fmt.Sprintf("source %s: %s came empty for %d of %s for an hour, so it is believed; where nobody emptied it, look at the permissions of the login and at proxies in between",
		r.src.Name(), v.Field, v.Lost, crm.Counted(v.Had, "record")))
	return true, nil
}

// believed forgets the doubt about a stream whose run has ended.
func (in *Intake) believed(ctx context.Context, source string, s crm.Stream) error {
	name := vanishedNote + source + "|" + string(s)
	before, err := in.journal.Noted(ctx, name)
	if err != nil || before == "" {
		return store.AsFileError(err)
	}
	return store.AsFileError(in.journal.Note(ctx, in.fence, name, ""))
}
