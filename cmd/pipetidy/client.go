package main

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
	"time"

	"github.com/pipetidy/pipetidy/internal/daemon"
)

// client speaks the control API (internal/daemon/api.go).
type client struct {
	http  *http.Client
	zone  *time.Location // in which times are shown
	close func() error
}

// get asks for path and decodes the answer into v.
func (c *client) get(ctx context.Context, path string, query url.Values, v any) error {
	resp, err := c.do(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return decode(resp.Body, v)
}

// post sends body to path and decodes the answer into v.
func (c *client) post(ctx context.Context, path string, body, v any) error {
	resp, err := c.do(ctx, http.MethodPost, path, nil, body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return decode(resp.Body, v)
}

// lines calls fn with every line of a streamed answer, as it comes. fn must not
// keep the line.
func (c *client) lines(ctx context.Context, method, path string, query url.Values, body any, fn func([]byte) error) error {
	resp, err := c.do(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	r := bufio.NewReaderSize(resp.Body, 64<<10)
	for {
		line, err := readLine(r)
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
		default:
			return fail(daemon.ExitFailed, "the answer broke off: %w; was the daemon stopped? repeat the command", err)
		}
	}
}

// readLine returns the next line without its end; a record of any length is one
// line.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long := append([]byte(nil), line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = r.ReadSlice('\n')
			long = append(long, line...)
		}
		line = long
	}
	return bytes.TrimRight(line, "\r\n"), err
}

func (c *client) do(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
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
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err // the address of the control socket says nothing
		}
		return nil, fail(daemon.ExitFailed, "the running pipetidy does not answer: %w; look at its log", err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	answer := &daemon.APIError{}
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // what can be read of it is what is shown
	if json.Unmarshal(b, answer) != nil || answer.Message == "" {
		return nil, fail(daemon.ExitFailed, "the running pipetidy answers %s to %s; is it another version?", resp.Status, path)
	}
	if answer.Exit == daemon.ExitOK {
		answer.Exit = daemon.ExitFailed
	}
	return nil, answer
}

func decode(body io.Reader, v any) error {
	if err := json.NewDecoder(body).Decode(v); err != nil {
		return fail(daemon.ExitFailed, "read the answer of the running pipetidy: %w; is it another version?", err)
	}
	return nil
}
