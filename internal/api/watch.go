package api

import (
	"context"
	"io"
	"net/http"
	"time"
)

// watch returns a context that ends, with an [Error] as its cause, when the daemon has
// been silent for the client's patience: the process may be stopped or hang, and its
// socket would still take requests. stop ends the watch.
func (c *Client) watch(ctx context.Context) (watched context.Context, stop func()) {
	watched, cancel := context.WithCancelCause(ctx)
	if c.Patience <= 0 {
		return watched, func() { cancel(nil) }
	}
	go func() {
		pause := time.NewTicker(c.Patience)
		defer pause.Stop()
		for c.alive(watched) {
			select {
			case <-watched.Done():
				return
			case <-pause.C:
			}
		}
		cancel(Errorf(ExitInUse, "the running pipetidy does not answer for %s: is it stopped, or does it hang? look at its log, then restart it", c.Patience))
	}()
	return watched, func() { cancel(nil) }
}

// alive reports whether the daemon answers anything at all within the client's patience.
// A connection that breaks is for the request itself to report.
func (c *Client) alive(ctx context.Context) bool {
	within, cancel := context.WithTimeout(ctx, c.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(within, http.MethodGet, "http://pipetidy"+PathPing, http.NoBody)
	if err != nil {
		return true
	}
	if resp, err := c.HTTP.Do(req); err == nil {
		_ = resp.Body.Close()
	}
	return within.Err() == nil || ctx.Err() != nil
}

// watchedBody is the body of an answer whose daemon is watched.
type watchedBody struct {
	io.ReadCloser
	watched context.Context //nolint:containedctx // it is of the one request that the body answers
	stop    func()
}

// Read reads; the error says when the daemon fell silent.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && b.watched.Err() != nil {
		if silent, ok := context.Cause(b.watched).(*Error); ok { //nolint:errorlint // as watch made it
			err = silent
		}
	}
	return n, err
}

// Close ends the request.
func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	b.stop()
	return err
}
