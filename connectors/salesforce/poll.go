package salesforce

import (
	"context"
	"errors"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/crm"
)

// In a quiet org nearly all calls are increments that find nothing. So a poll reads the
// first pages of all increments in two composites: seven queries of touched rows, one
// of meetings that have ended, the number of open deals, and one other number. Fetch reads the further
// pages from the cursors that the poll returns.

// Poll reads the first pages of the increments of several streams. A stream in a
// backfill, in the middle of a run, or without an answer to one of its parts is left to
// Fetch. For a while after an org has refused queries in composites, all streams are left
// to Fetch.
func (s *Source) Poll(ctx context.Context, at map[crm.Stream]crm.Cursor) (map[crm.Stream]crm.Page, error) {
	if !s.org.Composites() || s.org.Refusals.Holds(queriesTogether) {
		return nil, nil
	}
	readers, err := s.increments(ctx, at)
	if err != nil {
		return nil, err
	}
	// The query of ended meetings requires the server's time, which the first call tells.
	var first, second []*polling
	for _, r := range readers {
		for i, p := range r.st.parts {
			switch {
			case p.ended:
				second = append(second, &polling{reader: r, part: i})
			case r.asks(i):
				first = append(first, &polling{reader: r, part: i})
			}
		}
	}
	if n := min(len(first), api.MaxQueries); n < len(first) {
		first, second = first[:n], append(first[n:len(first):len(first)], second...)
	}
	second = append(second, counting(readers, api.MaxQueries-len(second))...)
	for _, round := range [][]*polling{first, second} {
		if err := s.round(ctx, round); err != nil || s.org.Refusals.Holds(queriesTogether) {
			return nil, err
		}
	}
	pages := map[crm.Stream]crm.Page{}
	var none error
	rows := 0
	for _, r := range readers {
		page := r.blank()
		if r.c.Run.Began == 0 {
			continue
		}
		if err := r.polled(slices.Concat(first, second), &page); err != nil {
			if errors.Is(err, errNone) {
				none = err
			}
			continue
		}
		r.seal(&page)
		pages[r.name] = page
		rows += page.Len()
	}
	if none != nil && rows == 0 { // whatever answers, it has not looked into the org
		return nil, s.org.Unreadable(none)
	}
	return pages, nil
}

// queriesTogether is the ability to answer queries in composites, for [api.Refusals].
const queriesTogether = "queries in composites"

// polling is one request of a poll: the first page of a part of a stream, or the count.
type polling struct {
	*reader
	part   int
	count  string // the name of the number of rows that is asked for instead of rows; "" is rows
	answer api.Answer
}

// due reports whether this run makes the request.
func (p *polling) due() bool { return p.count != "" || p.asks(p.part) }

// increments opens the streams of at that can begin an increment.
func (s *Source) increments(ctx context.Context, at map[crm.Stream]crm.Cursor) ([]*reader, error) {
	var out []*reader
	for _, name := range s.Streams() {
		cur, given := at[name]
		if c, err := cursor.Read(cur); !given || err != nil || c.Run != nil {
			continue // Fetch explains an unreadable cursor, and goes on with a run
		}
		r, err := s.open(ctx, name, cur)
		switch {
		case err != nil && concernsAll(ctx, err):
			return nil, err
		case err == nil && (r.st.whole || !r.c.Run.Full):
			out = append(out, r)
		}
	}
	return out, nil
}

// concernsAll reports whether no other stream could be read either.
func concernsAll(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, crm.ErrAuth) || errors.Is(err, crm.ErrQuota) || errors.Is(err, crm.ErrAccount)
}

// round makes the requests of parts in one call.
func (s *Source) round(ctx context.Context, parts []*polling) error {
	var asked []*polling
	var paths []string
	for _, p := range parts {
		if !p.due() || len(asked) == api.MaxQueries {
			continue
		}
		path, err := p.firstPath(ctx)
		if err != nil {
			p.answer.Err = err
			continue
		}
		asked, paths = append(asked, p), append(paths, path)
	}
	if len(asked) == 0 {
		return nil
	}
	answers, err := s.org.Together(ctx, paths)
	if err != nil {
		if concernsAll(ctx, err) {
			return err
		}
		return nil // one slow query delays the whole call, so Fetch makes the queries one by one
	}
	refused := 0
	for i, p := range asked {
		p.answer = answers[i]
		if err := p.answer.Err; err != nil && concernsAll(ctx, err) {
			return err
		} else if errors.Is(err, crm.ErrRefused) && !changed(err) && !tooMuch(err) {
			refused++
			continue
		}
		// The run of every stream begins at the time of this call. Rows that are touched
		// later may be read by the second call, and are read again by the next run.
		if run := p.c.Run; p.answer.Reply != nil && run.Began == 0 {
			s.beganTogether(parts, p.answer.Reply)
		}
	}
	if refused == len(asked) && refused > 1 {
		s.org.Refusals.Note(queriesTogether)
	} else if refused == 0 {
		s.org.Refusals.Over(queriesTogether)
	}
	return nil
}

// beganTogether notes that the runs of all streams began with the first call.
func (s *Source) beganTogether(parts []*polling, a *api.Reply) {
	for _, p := range parts {
		if p.c.Run.Began == 0 && !a.Asked.IsZero() {
			p.began(a.Asked.Unix())
		}
	}
}

// firstPath is the path of the request.
func (p *polling) firstPath(ctx context.Context) (string, error) {
	t, err := p.s.org.Session(ctx)
	if err != nil {
		return "", err
	}
	if p.count != "" {
		return p.countPath()
	}
	run := p.c.Run
	defer func(part int) { run.Part = part }(run.Part)
	run.Part = p.part
	return p.path(t)
}

// polled reads the answers to the stream's parts into page. A part that was read to
// its end is done. The first part with more pages becomes the present part of the run.
// Rows of later parts with more pages are not taken: Fetch reads these parts.
func (r *reader) polled(parts []*polling, page *crm.Page) error {
	run := r.c.Run
	current, at := -1, cursor.Place{}
	for _, p := range parts {
		if p.reader != r || p.count != "" || !r.asks(p.part) {
			continue
		}
		if p.answer.Reply == nil {
			return errUnanswered
		}
		before, object := *page, r.st.parts[p.part].object
		counts, closed := r.c.Counts[object], r.c.Counts[closedDeals]
		run.Part, run.Place = p.part, cursor.Place{}
		e, err := r.take(p.answer.Reply, page)
		switch {
		case err != nil:
			return err
		case e.Done:
			run.Ready = append(run.Ready, p.part)
			run.Done += e.Rows
		case current < 0:
			current, at = p.part, run.Place
			at.Next = e.Next
			run.Done += e.Rows
		default: // Fetch reads these rows, and counts them as new or touched
			*page = before
			r.c.Freshen(object, counts.Fresh)
			r.c.Freshen(closedDeals, closed.Fresh)
		}
	}
	for _, p := range parts {
		if p.reader == r && p.count != "" {
			p.counted(page, current < 0)
		}
	}
	run.Part, run.Place = 0, cursor.Place{}
	r.pass()
	switch {
	case current < 0:
	case run.Part == current:
		run.Place = at
	default:
		return errUnanswered
	}
	return nil
}

// errUnanswered says that a part has no answer, so the poll leaves out its stream.
var errUnanswered = errors.New("a part was not answered")
