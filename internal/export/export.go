// Package export writes cached records for people and scripts: one JSON object a line,
// with the fields that record.go lists. It copies the cache chunk by chunk, so a client
// that stalls holds no transaction. Findings are not in the cache: package control
// exports them.
package export

import (
	"bytes"
	"context"
	"io"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// chunk is how many records one read transaction copies.
const chunk = 500

// Streams lists the streams that can be exported.
func Streams() []crm.Stream {
	return []crm.Stream{crm.Opportunities, crm.Activities, crm.Users, crm.Stages, crm.History, crm.Contacts}
}

// Cache is what an export uses of the cache.
type Cache interface {
	Export(ctx context.Context, source string, s crm.Stream, after string, limit int) (p crm.Page, next string, err error)
}

// Reference gives what an export requires of a source besides the records.
type Reference func(ctx context.Context, source string) (hygiene.Source, error)

// Export writes records of the cache.
type Export struct {
	cache     Cache
	reference Reference
}

// New makes an export of a cache.
func New(c Cache, ref Reference) *Export { return &Export{c, ref} }

// Stream writes the records of one stream of a source in key order. When w fails, the
// client has gone away, and Stream ends without an error.
func (x *Export) Stream(ctx context.Context, w io.Writer, source string, s crm.Stream) error {
	ref, err := x.reference(ctx, source)
	if err != nil {
		return err
	}
	labels := map[string]string{}
	for i := range ref.Stages {
		labels[ref.Stages[i].Pipeline+"\x00"+ref.Stages[i].ID] = ref.Stages[i].Label
	}
	e := exporter{source: source, ref: &ref, labels: labels}
	for after := ""; ; {
		p, next, err := x.cache.Export(ctx, source, s, after, chunk)
		if err != nil {
			return store.AsFileError(err)
		}
		var buf bytes.Buffer
		e.page(&buf, &p)
		if _, err := w.Write(buf.Bytes()); err != nil {
			return nil //nolint:nilerr // the client went away, which is no failure of ours
		}
		if next == "" {
			return nil
		}
		after = next
	}
}
