package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Handler is the control API. It needs no Run: a command without a running
// daemon serves it to itself.
func (d *Daemon) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) {
		d.answer(w, func() (any, error) { return d.Status(r.Context()) })
	})
	mux.HandleFunc("POST /v1/sync", d.handleSync)
	mux.HandleFunc("POST /v1/check", func(w http.ResponseWriter, r *http.Request) {
		var req CheckRequest
		d.ask(w, r, &req, func() (any, error) { return d.Check(r.Context(), req) })
	})
	mux.HandleFunc("GET /v1/explain", func(w http.ResponseWriter, r *http.Request) {
		d.answer(w, func() (any, error) { return d.Explain(r.Context(), r.URL.Query().Get("id")) })
	})
	mux.HandleFunc("POST /v1/digest/preview", func(w http.ResponseWriter, r *http.Request) {
		var req PreviewRequest
		d.ask(w, r, &req, func() (any, error) {
			dg, err := d.lookup(req.Name)
			if err != nil {
				return nil, err
			}
			if err := d.evaluateAll(r.Context()); err != nil {
				return nil, err
			}
			if err := d.ready(r.Context()); err != nil {
				return nil, err
			}
			out, err := d.preview(r.Context(), dg, req.For)
			if err == nil && len(out) == 0 {
				err = &APIError{Message: fmt.Sprintf("%s has no reader %q; its readers are %s", req.Name, req.For, d.names(dg)), Exit: ExitUsage}
			}
			return out, err
		})
	})
	mux.HandleFunc("POST /v1/digest/send", func(w http.ResponseWriter, r *http.Request) {
		var req SendRequest
		d.ask(w, r, &req, func() (any, error) {
			dg, err := d.lookup(req.Name)
			if err != nil {
				return nil, err
			}
			if err := d.evaluateAll(r.Context()); err != nil {
				return nil, err
			}
			return d.SendNow(r.Context(), dg, req.To, req.Again)
		})
	})
	mux.HandleFunc("GET /v1/export", d.handleExport)
	return mux
}

// ask decodes the request's body and answers with what fn returns.
func (d *Daemon) ask(w http.ResponseWriter, r *http.Request, req any, fn func() (any, error)) {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(req); err != nil {
		d.refuse(w, &APIError{Message: "request: " + err.Error(), Exit: ExitUsage})
		return
	}
	d.answer(w, func() (any, error) {
		v, err := fn()
		if err == nil {
			d.mended(commandOrigin, nil)
		}
		return v, err
	})
}

func (d *Daemon) answer(w http.ResponseWriter, fn func() (any, error)) {
	v, err := fn()
	if err != nil {
		d.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // an error here is the client's going away
}

func (d *Daemon) refuse(w http.ResponseWriter, err error) {
	api := &APIError{Message: err.Error(), Exit: exitOf(err)}
	if errors.Is(err, context.Canceled) {
		api.Message = "pipetidy is stopping; what was in hand was finished: see `pipetidy status`"
	}
	if known, ok := errors.AsType[*APIError](err); ok {
		api = known
	}
	if se, ok := errors.AsType[*StoreError](err); ok {
		d.noteFault(commandOrigin, se)
	}
	code := http.StatusInternalServerError
	switch api.Exit {
	case ExitUsage:
		code = http.StatusBadRequest
	case ExitNoVerdict:
		code = http.StatusConflict
	case ExitUnavailable:
		code = http.StatusBadGateway
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(api)
}

func (d *Daemon) handleSync(w http.ResponseWriter, r *http.Request) {
	var req SyncRequest
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	if err := dec.Decode(&req); err != nil {
		d.refuse(w, &APIError{Message: "request: " + err.Error(), Exit: ExitUsage})
		return
	}
	var srcs []*Source
	var names []string
	for i := range d.cfg.Sources {
		names = append(names, d.cfg.Sources[i].Name())
		if req.Source == "" || req.Source == d.cfg.Sources[i].Name() {
			srcs = append(srcs, &d.cfg.Sources[i])
		}
	}
	if len(srcs) == 0 {
		d.refuse(w, &APIError{Message: fmt.Sprintf("no source is called %q; the configuration has %s", req.Source, strings.Join(names, ", ")), Exit: ExitUsage})
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := json.NewEncoder(w)
	flush := http.NewResponseController(w)
	tell := func(e SyncEvent) {
		_ = enc.Encode(e)
		_ = flush.Flush()
	}
	for _, src := range srcs {
		err := d.Sync(r.Context(), src, req.Full, tell)
		if err == nil {
			if err = d.Evaluate(r.Context(), src); err != nil {
				tell(SyncEvent{Source: src.Name(), Finished: true, Error: err.Error(), Exit: exitOf(err)})
			}
		}
		if !d.survive(r.Context(), src.Name(), err) {
			return
		}
	}
}

// evaluateAll brings the findings up to the cache, source by source.
func (d *Daemon) evaluateAll(ctx context.Context) error {
	for i := range d.cfg.Sources {
		if err := d.Evaluate(ctx, &d.cfg.Sources[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *Daemon) names(dg *Digest) string {
	var out []string
	for _, r := range d.readers(dg) {
		if !slices.Contains(out, r.email) {
			out = append(out, r.email)
		}
	}
	return strings.Join(out, ", ")
}

// Check evaluates the cache and lists the open findings.
func (d *Daemon) Check(ctx context.Context, req CheckRequest) (*Check, error) {
	if req.Team != "" && !slices.ContainsFunc(d.cfg.Teams.List, func(t hygiene.Team) bool { return t.Name == req.Team }) {
		return nil, &APIError{Message: fmt.Sprintf("no team is called %q in the configuration", req.Team), Exit: ExitUsage}
	}
	if err := d.evaluateAll(ctx); err != nil {
		return nil, err
	}
	if err := d.knownOwner(ctx, req.Owner); err != nil {
		return nil, err
	}
	out := &Check{GeneratedAt: d.now().UTC(), Sources: []CheckSource{}, Findings: []CheckFinding{}}
	shown, currency := map[string]bool{}, map[string]string{}
	for i := range d.cfg.Sources {
		cs, err := d.checkSource(ctx, &d.cfg.Sources[i])
		if err != nil {
			return nil, err
		}
		ref, err := d.reference(ctx, &d.cfg.Sources[i])
		if err != nil {
			return nil, err
		}
		currency[cs.Name] = ref.Info.Currency
		shown[cs.Name] = cs.Withheld == ""
		out.Sources = append(out.Sources, cs)
	}
	err := d.journal.Lives(ctx, d.now(), func(l hygiene.Life) error {
		if l.State != hygiene.Open || l.Held || !shown[l.Source] {
			return nil
		}
		if req.Team != "" && l.Deal.Team != req.Team || req.Owner != "" && l.Deal.OwnerEmail != d.cfg.People.Email(strings.ToLower(req.Owner)) {
			return nil
		}
		f := checkFinding(&l)
		f.Opportunity.Currency = firstOf(f.Opportunity.Currency, currency[l.Source])
		out.Findings = append(out.Findings, f)
		return nil
	})
	return out, d.stored(err)
}

// knownOwner refuses an address that is nobody's: "no findings" for a misspelt
// colleague would be a false all-clear.
func (d *Daemon) knownOwner(ctx context.Context, email string) error {
	if email == "" {
		return nil
	}
	first := d.cfg.People.Email(strings.ToLower(email))
	for i := range d.cfg.Teams.List {
		for _, m := range d.cfg.Teams.List[i].Members {
			if d.cfg.People.Email(m) == first {
				return nil
			}
		}
	}
	for i := range d.cfg.Sources {
		s, ok, err := d.journal.Snapshot(ctx, d.cfg.Sources[i].Name(), d.now())
		if err != nil {
			return d.stored(err)
		}
		if ok && slices.ContainsFunc(s.Tallies, func(t hygiene.Tally) bool { return t.OwnerEmail == first }) {
			return nil
		}
	}
	return &APIError{Message: fmt.Sprintf("nobody with the address %q is in a team or owns an open deal", email), Exit: ExitUsage}
}

func (d *Daemon) checkSource(ctx context.Context, src *Source) (CheckSource, error) {
	v, _, err := d.verdict(ctx, src)
	if err != nil {
		return CheckSource{}, err
	}
	return CheckSource{Name: src.Name(), Type: src.Type, AsOf: timePtr(v.AsOf), Complete: v.Complete, Withheld: v.Withheld}, nil
}

func checkFinding(l *hygiene.Life) CheckFinding {
	state := "open"
	if l.Back {
		state = "back"
	}
	return CheckFinding{
		Key: l.Hash(), Rule: l.Rule, Severity: l.Severity.String(), State: state, Since: l.Opened.UTC(), Source: l.Source,
		Opportunity: checkOpportunity(l.Record, &l.Deal), Message: l.Message, Value: l.Value, Threshold: l.Threshold,
		ThresholdFrom: l.ThresholdFrom, Fix: l.Fix,
	}
}

func checkOpportunity(id string, f *hygiene.Facts) CheckOpportunity {
	o := CheckOpportunity{
		ID: id, Name: f.Name, URL: f.URL, Team: f.Team, Stage: f.StageLabel, Currency: f.Currency, CloseDate: f.CloseDate.String(),
		Owner: firstOf(f.OwnerEmail, f.OwnerName, f.OwnerID),
	}
	if f.Amount.Known {
		v := f.Amount.Value
		o.Amount = &v
	}
	return o
}

// Explain says what every rule finds on one deal, named by its id or its URL.
func (d *Daemon) Explain(ctx context.Context, ref string) (*Explanation, error) {
	if strings.TrimSpace(ref) == "" {
		return nil, &APIError{Message: "explain wants the id of an opportunity, or its address in the CRM", Exit: ExitUsage}
	}
	for i := range d.cfg.Sources {
		src := &d.cfg.Sources[i]
		id := strings.TrimSpace(ref)
		if r, ok := src.Source.(crm.Resolver); ok {
			if id = r.Resolve(id); id == "" {
				continue
			}
		}
		twins, _, err := d.twins(ctx, src)
		if err != nil {
			return nil, err
		}
		pass, v, err := d.pass(ctx, src, twins)
		if err != nil {
			return nil, err
		}
		out := &Explanation{GeneratedAt: d.now().UTC(), Rules: []RuleVerdict{}}
		out.Source = CheckSource{Name: src.Name(), Type: src.Type, AsOf: timePtr(v.AsOf), Complete: v.Complete, Withheld: v.Withheld}
		found, err := d.cache.Deal(ctx, src.Name(), id, func(deal *hygiene.Deal) error {
			facts := pass.Facts(deal)
			out.Opportunity = checkOpportunity(strings.Clone(deal.Opportunity.ID), &facts)
			out.Opportunity.Currency = firstOf(out.Opportunity.Currency, pass.Source.Info.Currency)
			switch {
			case deal.Opportunity.Won:
				out.Closed = "won"
			case deal.Opportunity.Closed:
				out.Closed = "lost"
			}
			for _, e := range pass.Explain(deal) {
				out.Rules = append(out.Rules, explained(&e))
			}
			return nil
		})
		if err != nil {
			return nil, d.stored(err)
		}
		if found {
			return out, nil
		}
	}
	return nil, &APIError{Message: fmt.Sprintf("no opportunity %q in the cache: it may be new (run `pipetidy sync`), deleted, or not visible to our login", ref), Exit: ExitFailed}
}

func explained(e *hygiene.RuleVerdict) RuleVerdict {
	v := RuleVerdict{
		Rule: e.Rule.ID, Title: e.Rule.Title, Outcome: e.Verdict.Outcome.String(), Reason: strings.Clone(e.Verdict.Reason),
		Value: strings.Clone(e.Verdict.Value), Threshold: e.Verdict.Threshold, ThresholdFrom: e.Verdict.ThresholdFrom,
	}
	switch {
	case e.Off:
		v.Outcome = "off"
	case e.Verdict.Outcome == hygiene.Fail:
		v.Severity = e.Verdict.Severity.String()
		v.Fix = firstOf(e.Verdict.Fix, e.Rule.Doc.Fix)
	}
	return v
}

// Status gathers what is going on.
func (d *Daemon) Status(ctx context.Context) (*Status, error) {
	now := d.now()
	out := &Status{GeneratedAt: now.UTC(), Daemon: d.running.Load(), Sources: []SourceState{}, Digests: []DigestState{}, Deliveries: []DeliveryStatus{}, Notices: []string{}}
	states, err := d.cache.Streams(ctx)
	if err != nil {
		return nil, d.stored(err)
	}
	for i := range d.cfg.Sources {
		src := &d.cfg.Sources[i]
		pass, v, err := d.pass(ctx, src, nil)
		if err != nil {
			return nil, err
		}
		s := SourceState{Name: src.Name(), Type: src.Type, AsOf: timePtr(v.AsOf), Complete: v.Complete, Withheld: v.Withheld, Streams: []StreamProgress{}}
		if m, ok := src.Source.(crm.Meter); ok {
			u := m.Usage()
			if u.Limit == 0 {
				if u, err = d.usage(ctx, src); err != nil { // another process made the last calls
					return nil, err
				}
			}
			s.Calls, s.Used, s.Limit = u.Calls, u.Used, u.Limit
		}
		for _, st := range states {
			if st.Source == src.Name() {
				s.Streams = append(s.Streams, StreamProgress{Stream: st.Stream, Complete: st.Complete, AsOf: timePtr(st.AsOf), Records: st.Records, Error: st.Error})
			}
		}
		if v.Error != "" {
			out.Notices = append(out.Notices, fmt.Sprintf("%s: %s", src.Name(), v.Error))
		}
		if v.Complete {
			out.Notices = append(out.Notices, unread(src, pass)...)
			ns, err := d.noted(ctx, src)
			if err != nil {
				return nil, err
			}
			for _, n := range ns {
				out.Notices = append(out.Notices, n.Text)
			}
		}
		out.Sources = append(out.Sources, s)
	}
	err = d.journal.Lives(ctx, now, func(l hygiene.Life) error {
		if l.State == hygiene.Open && !l.Held {
			out.Findings++
		}
		return nil
	})
	if err != nil {
		return nil, d.stored(err)
	}
	t, err := d.latest(ctx)
	if err != nil {
		return nil, err
	}
	out.Evaluated = timePtr(t)
	for i := range d.cfg.Digests {
		dg := &d.cfg.Digests[i]
		for _, team := range d.teams(dg) {
			loc := d.zone(team)
			date := crm.DateOf(now, loc)
			if _, have, err := d.journal.Period(ctx, dg.Name, team, date); err != nil {
				return nil, d.stored(err)
			} else if have {
				date++
			}
			from := now
			if midnight := date.In(loc); midnight.After(from) {
				from = midnight.Add(-time.Second)
			}
			out.Digests = append(out.Digests, DigestState{Name: dg.Name, Team: team, Next: dg.Schedule.Next(from.In(loc)).UTC()})
		}
	}
	ds, err := d.journal.Deliveries(ctx)
	if err != nil {
		return nil, d.stored(err)
	}
	for i := range ds {
		if !ds[i].State.Settled() || ds[i].Changed.After(now.AddDate(0, 0, -7)) {
			out.Deliveries = append(out.Deliveries, statusOf(&ds[i]))
		}
		if ds[i].State == digest.Unknown && ds[i].Reason != "" {
			out.Notices = append(out.Notices, fmt.Sprintf("delivery %s: %s", ds[i].ID, ds[i].Reason))
		}
	}
	slices.SortStableFunc(out.Deliveries, func(a, b DeliveryStatus) int { return b.Changed.Compare(a.Changed) })
	if reason := d.faulty(); reason != "" {
		out.Notices = append(out.Notices, reason)
	}
	return out, nil
}

func statusOf(d *digest.Delivery) DeliveryStatus {
	return DeliveryStatus{
		ID: d.ID, Digest: d.Digest, Period: d.Period, Team: d.Team, Recipient: d.Recipient, To: d.To, Channel: d.Channel,
		State: d.State, Reason: d.Reason, Attempts: d.Attempts, Changed: d.Changed.UTC(),
	}
}

func sortResults(rs []SendResult) {
	slices.SortFunc(rs, func(a, b SendResult) int {
		if c := a.Changed.Compare(b.Changed); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}

func timePtr(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func firstOf(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}
