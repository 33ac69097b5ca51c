package daemon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// exportChunk is how many records one read transaction copies: a reader of the
// pipe that stalls must not hold a transaction.
const exportChunk = 500

// exportFindings is the stream of open findings; the others are crm.Streams.
const exportFindings crm.Stream = "findings"

func (d *Daemon) handleExport(w http.ResponseWriter, r *http.Request) {
	s := crm.Stream(r.URL.Query().Get("stream"))
	known := []crm.Stream{crm.Opportunities, crm.Activities, crm.Users, crm.Stages, crm.History, crm.Contacts, exportFindings}
	if !slices.Contains(known, s) {
		d.refuse(w, &api.Error{Message: fmt.Sprintf("no stream is called %q; there are opportunities, activities, users, stages, history, contacts and findings", s), Exit: api.ExitUsage})
		return
	}
	only := r.URL.Query().Get("source")
	if only != "" && !slices.ContainsFunc(d.cfg.Sources, func(x Source) bool { return x.Name() == only }) {
		d.refuse(w, &api.Error{Message: fmt.Sprintf("no source is called %q", only), Exit: api.ExitUsage})
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	for i := range d.cfg.Sources {
		src := &d.cfg.Sources[i]
		if only != "" && only != src.Name() {
			continue
		}
		var err error
		if s == exportFindings {
			err = d.exportFindings(w, r, src)
		} else {
			err = d.exportStream(w, r, src, s)
		}
		if err != nil {
			// The status is sent already: a last line that is no record says so.
			_ = json.NewEncoder(w).Encode(&api.Error{Message: err.Error(), Exit: exitOf(err)})
			return
		}
	}
}

func (d *Daemon) exportFindings(w http.ResponseWriter, r *http.Request, src *Source) error {
	var lines []api.CheckFinding
	err := d.journal.Lives(r.Context(), d.now(), func(l hygiene.Life) error {
		if l.State == hygiene.Open && l.Source == src.Name() {
			lines = append(lines, checkFinding(&l))
		}
		return nil
	})
	enc := json.NewEncoder(w)
	for i := range lines {
		if err := enc.Encode(&lines[i]); err != nil {
			return err
		}
	}
	return d.stored(err)
}

func (d *Daemon) exportStream(w http.ResponseWriter, r *http.Request, src *Source, s crm.Stream) error {
	ref, err := d.reference(r.Context(), src)
	if err != nil {
		return err
	}
	labels := map[string]string{}
	for i := range ref.Stages {
		labels[ref.Stages[i].Pipeline+"\x00"+ref.Stages[i].ID] = ref.Stages[i].Label
	}
	e := exporter{source: src.Name(), ref: &ref, labels: labels}
	for after := ""; ; {
		p, next, err := d.cache.Export(r.Context(), src.Name(), s, after, exportChunk)
		if err != nil {
			return d.stored(err)
		}
		var buf bytes.Buffer
		e.page(&buf, &p)
		if _, err := w.Write(buf.Bytes()); err != nil {
			return nil //nolint:nilerr // the reader of the pipe went away, which is no failure of ours
		}
		if next == "" {
			return nil
		}
		after = next
	}
}

// exporter writes records as the contract's JSON lines.
type exporter struct {
	source string
	ref    *hygiene.Source
	labels map[string]string
}

func (e *exporter) page(b *bytes.Buffer, p *crm.Page) {
	for i := range p.Opportunities {
		e.opportunity(b, &p.Opportunities[i])
	}
	for i := range p.Activities {
		e.activity(b, &p.Activities[i])
	}
	for i := range p.Users {
		u := &p.Users[i]
		o := open(b)
		o.put("source", e.source)
		o.put("id", u.ID)
		o.put("name", text(u.Name))
		o.put("email", text(u.Email))
		o.put("active", u.Active)
		o.put("manager_id", text(u.ManagerID))
		o.put("time_zone", text(u.TimeZone))
		o.close()
	}
	for i := range p.Stages {
		s := &p.Stages[i]
		o := open(b)
		o.put("source", e.source)
		o.put("pipeline", text(s.Pipeline))
		o.put("id", s.ID)
		o.put("label", text(s.Label))
		o.put("order", s.Order)
		o.put("closed", s.Closed)
		o.put("won", s.Won)
		o.put("active", s.Active)
		o.put("forecast_category", text(s.Forecast))
		o.close()
	}
	for i := range p.Contacts {
		c := &p.Contacts[i]
		o := open(b)
		o.put("source", e.source)
		o.put("id", c.ID)
		o.put("opportunity_id", c.OpportunityID)
		o.put("contact_id", c.ContactID)
		o.put("role", text(c.Role))
		o.put("primary", c.Primary)
		o.close()
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		o := open(b)
		o.put("source", e.source)
		o.put("opportunity_id", c.OpportunityID)
		o.put("field", c.Field)
		o.put("old", text(c.Old))
		o.put("new", text(c.New))
		o.put("at", at(c.At))
		o.put("by", text(c.By))
		o.put("observed", c.Observed)
		o.close()
	}
}

func (e *exporter) opportunity(b *bytes.Buffer, p *crm.Opportunity) {
	f := e.ref.Info.Fields
	o := open(b)
	// A field that cannot be read is absent; one that is empty is null.
	put := func(key, field string, v any) {
		if f.Access(field) == crm.Readable {
			o.put(key, v)
		}
	}
	label := e.labels[p.Pipeline+"\x00"+p.Stage]
	if label == "" {
		label = e.labels["\x00"+p.Stage]
	}
	email := any(nil)
	if u := e.ref.Users[p.OwnerID]; u != nil {
		email = text(u.Email)
	}
	o.put("source", e.source)
	o.put("id", p.ID)
	o.put("name", text(p.Name))
	put("pipeline", "pipeline", text(p.Pipeline))
	o.put("stage", text(p.Stage))
	o.put("stage_label", text(label))
	put("amount", "amount", number(p.Amount))
	put("currency", "currency", text(firstOf(p.Currency, e.ref.Info.Currency)))
	put("close_date", "close_date", text(p.CloseDate.String()))
	put("owner_id", "owner", text(p.OwnerID))
	put("owner_email", "owner", email)
	put("account_id", "account", text(p.AccountID))
	put("next_step", "next_step", text(p.NextStep))
	put("forecast_category", "forecast_category", text(p.ForecastCategory))
	o.put("closed", p.Closed)
	o.put("won", p.Won)
	put("created_at", "created_at", at(p.CreatedAt))
	put("modified_at", "modified_at", at(p.ModifiedAt))
	put("stage_since", "stage_since", at(p.StageSince))
	put("last_activity_at", "last_activity_at", at(p.LastActivityAt))
	put("next_activity_at", "next_activity_at", at(p.NextActivityAt))
	put("contacts", "contacts", number(p.Contacts))
	o.put("url", text(e.ref.Info.URL(p.ID)))
	o.put("custom", custom(p.Custom, f))
	o.close()
}

func (e *exporter) activity(b *bytes.Buffer, a *crm.Activity) {
	ids := a.OpportunityIDs
	if ids == nil {
		ids = []string{}
	}
	o := open(b)
	o.put("source", e.source)
	o.put("id", a.ID)
	o.put("kind", a.Kind)
	o.put("opportunity_ids", ids)
	o.put("owner_id", text(a.OwnerID))
	o.put("at", at(a.At))
	o.put("due", text(a.Due.String()))
	o.put("done", a.Done)
	o.put("direction", text(string(a.Direction)))
	o.put("outcome", text(a.Outcome))
	o.put("automated", a.Automated)
	o.put("created_at", at(a.CreatedAt))
	o.close()
}

// object writes one JSON object with its keys in the order given.
type object struct {
	b *bytes.Buffer
	n int
}

func open(b *bytes.Buffer) *object {
	b.WriteByte('{')
	return &object{b: b}
}

func (o *object) put(key string, v any) {
	if o.n++; o.n > 1 {
		o.b.WriteByte(',')
	}
	o.b.WriteString(strconv.Quote(key))
	o.b.WriteByte(':')
	enc, err := json.Marshal(v)
	if err != nil {
		enc = []byte("null") // numbers that JSON has no word for
	}
	o.b.Write(enc)
}

func (o *object) close() { o.b.WriteString("}\n") }

func text(s string) any {
	if s == "" {
		return nil
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func number(n crm.Number) any {
	if !n.Known {
		return nil
	}
	return n.Value
}

func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func custom(cs []crm.Custom, f crm.Fields) any {
	out := map[string]any{}
	for _, c := range cs {
		if f.Access(c.Name) != crm.Readable {
			continue
		}
		switch c.Type {
		case crm.Empty:
			out[c.Name] = nil
		case crm.Numeric:
			out[c.Name] = json.Number(c.Value)
		case crm.Boolean:
			out[c.Name] = c.Value == "true"
		default:
			out[c.Name] = text(c.Value)
		}
	}
	return out
}
