package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Client asks the daemon through the control API. The connections of HTTP lead to the
// handler, whatever host an address names.
type Client struct {
	HTTP *http.Client
	// Patience is how long a daemon may be silent before a request is given up. The answer
	// itself may take as long as it takes: a daemon that is alive says so in between. Zero
	// is for ever, for a handler in the same process.
	Patience time.Duration
	// Room is how many bytes an answer, or one line of an answer that is streamed, may have;
	// zero is 1 GiB: whatever listens in the daemon's place does not fill the memory.
	Room int64
}

func (c *Client) room() int64 {
	if c.Room == 0 {
		return 1 << 30
	}
	return c.Room
}

// errRoom is the error of an answer that is larger than there is room for.
var errRoom = Errorf(ExitFailed, "the running pipetidy answers more than there is room for; is it pipetidy that listens there? restart it")

// bounded ends with errRoom once n bytes were read.
type bounded struct {
	r io.Reader
	n int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.n <= 0 {
		return 0, errRoom
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.n)])
	b.n -= int64(n)
	return n, err
}

// Status reports the state of sources, digests and deliveries.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	return get[Status](ctx, c, PathStatus, nil)
}

// Check evaluates the cache and lists the open findings.
func (c *Client) Check(ctx context.Context, req CheckRequest) (*Check, error) {
	return post[Check](ctx, c, PathCheck, req)
}

// Explain says what every rule finds on one deal, named by its id or its address
// in the CRM. At most limit rules are listed; 0 lists all.
func (c *Client) Explain(ctx context.Context, deal string, limit int) (*Explanation, error) {
	return get[Explanation](ctx, c, PathExplain, url.Values{"id": {deal}, "limit": {strconv.Itoa(limit)}})
}

// Preview composes a digest for its readers without sending it.
func (c *Client) Preview(ctx context.Context, req PreviewRequest) ([]Preview, error) {
	return list[Preview](ctx, c, PathPreview, req)
}

// Send sends a digest now.
func (c *Client) Send(ctx context.Context, req SendRequest) ([]SendResult, error) {
	return list[SendResult](ctx, c, PathSend, req)
}

// Settle says what became of a delivery in doubt.
func (c *Client) Settle(ctx context.Context, req SettleRequest) (*DeliveryStatus, error) {
	return post[DeliveryStatus](ctx, c, PathSettle, req)
}

// Sync syncs the sources and calls fn with each step as it happens: the line as it
// was written, and decoded. fn must not keep the line.
func (c *Client) Sync(ctx context.Context, req SyncRequest, fn func(line []byte, e *SyncEvent) error) error {
	return c.lines(ctx, http.MethodPost, PathSync, nil, req, func(line []byte) error {
		e := &SyncEvent{}
		if err := json.Unmarshal(line, e); err != nil {
			return Errorf(ExitFailed, "read the progress of the sync: %w", err)
		}
		return fn(line, e)
	})
}

// Release ends the folds of a rule.
func (c *Client) Release(ctx context.Context, req ReleaseRequest) ([]Released, error) {
	return list[Released](ctx, c, PathRelease, req)
}

// Park parks a deal, or one rule on it.
func (c *Client) Park(ctx context.Context, req ParkRequest) (*Parked, error) {
	return post[Parked](ctx, c, PathPark, req)
}

// Unpark ends the parks of a deal.
func (c *Client) Unpark(ctx context.Context, req UnparkRequest) ([]Park, error) {
	return list[Park](ctx, c, PathUnpark, req)
}

// Parked lists the parks that hold, with all those that have ended too.
func (c *Client) Parked(ctx context.Context, all bool) ([]Park, error) {
	q := url.Values{}
	if all {
		q.Set("all", "1")
	}
	v, err := get[[]Park](ctx, c, PathParked, q)
	if err != nil {
		return nil, err
	}
	return *v, nil
}

// Compare compares a configuration file with what the CRMs have.
func (c *Client) Compare(ctx context.Context, req CompareRequest) (*Comparison, error) {
	return post[Comparison](ctx, c, PathCompare, req)
}

// Forget drops the records of a source that the configuration no longer names.
func (c *Client) Forget(ctx context.Context, req ForgetRequest) error {
	_, err := post[ForgetRequest](ctx, c, PathForget, req)
	return err
}

// Export calls fn with each record of a stream, a JSON object; source "" is every
// source. fn must not keep the line. The handler has sent its status before the first
// record, so an export that fails on its way ends in a line with an [Error].
func (c *Client) Export(ctx context.Context, stream, source string, fn func(line []byte) error) error {
	q := url.Values{"stream": {stream}}
	if source != "" {
		q.Set("source", source)
	}
	return c.lines(ctx, http.MethodGet, PathExport, q, nil, func(line []byte) error {
		if err := brokenOff(line); err != nil {
			return err
		}
		return fn(line)
	})
}

// brokenOff returns the error that a line of an export holds, nil for a record: no
// record begins with the key error.
func brokenOff(line []byte) error {
	if !bytes.HasPrefix(line, []byte(`{"error":`)) {
		return nil
	}
	e := &Error{}
	if err := json.Unmarshal(line, e); err != nil {
		return Errorf(ExitFailed, "the export broke off: %w", err)
	}
	return Errorf(max(e.Exit, ExitFailed), "the export broke off: %w", e)
}

// get asks for path and decodes the answer.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (*T, error) {
	return answer[T](ctx, c, http.MethodGet, path, query, nil)
}

// post sends body to path and decodes the answer.
func post[T any](ctx context.Context, c *Client, path string, body any) (*T, error) {
	return answer[T](ctx, c, http.MethodPost, path, nil, body)
}

// list is post for an answer of several.
func list[T any](ctx context.Context, c *Client, path string, body any) ([]T, error) {
	v, err := post[[]T](ctx, c, path, body)
	if err != nil {
		return nil, err
	}
	return *v, nil
}

// answer makes a request and decodes the answer.
func answer[T any](ctx context.Context, c *Client, method, path string, query url.Values, body any) (*T, error) {
	resp, err := c.do(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	v := new(T)
	if err := json.NewDecoder(&bounded{resp.Body, c.room()}).Decode(v); err != nil {
		if known, ok := errors.AsType[*Error](err); ok { // silent, or too long
			return nil, known
		}
		return nil, Errorf(ExitFailed, "read the answer of the running pipetidy: %w; is it another version? restart it", err)
	}
	return v, nil
}

// lines calls fn with every line of a streamed answer, as it comes. fn must not
// keep the line.
func (c *Client) lines(ctx context.Context, method, path string, query url.Values, body any, fn func([]byte) error) error {
	resp, err := c.do(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	r := bufio.NewReaderSize(resp.Body, 64<<10)
	for {
		line, err := readLine(r, c.room())
		if len(line) > 0 {
			if err := fn(line); err != nil {
				return err
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, new(*Error)):
			return err
		default:
			return Errorf(ExitFailed, "the answer broke off: %w; was the daemon stopped? repeat the command", err)
		}
	}
}

// readLine returns the next line without its end, of at most so many bytes.
func readLine(r *bufio.Reader, room int64) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long := append([]byte(nil), line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = r.ReadSlice('\n')
			if long = append(long, line...); int64(len(long)) > room {
				return nil, errRoom
			}
		}
		line = long
	}
	return bytes.TrimRight(line, "\r\n"), err
}

// do makes a request while the daemon is alive. The request ends when the body is closed.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	watched, stop := c.watch(ctx)
	resp, err := c.request(watched, method, path, query, body)
	if err != nil {
		stop()
		if silent := context.Cause(watched); ctx.Err() == nil && errors.As(silent, new(*Error)) {
			return nil, silent
		}
		return nil, err
	}
	resp.Body = &watchedBody{resp.Body, watched, stop}
	return resp, nil
}

func (c *Client) request(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		payload = bytes.NewReader(b)
	}
	u := url.URL{Scheme: "http", Host: "pipetidy", Path: path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), payload)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err // the address of the control socket says nothing
		}
		return nil, Errorf(ExitInUse, "the running pipetidy does not answer: %w; is it busy, or has it just ended? repeat the command, and look at its log", err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	refusal := &Error{}
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // half an answer does not decode
	if json.Unmarshal(b, refusal) != nil || refusal.Message == "" {
		return nil, Errorf(ExitFailed, "the running pipetidy answers %s to %s; is it another version? restart it", resp.Status, path)
	}
	if refusal.Exit == ExitOK {
		refusal.Exit = ExitFailed
	}
	return nil, refusal
}
