package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// inProcess serves h in this process and returns a client for it. The bytes go
// through real HTTP on in-memory connections: streams stream, cancelling a
// request cancels its context, and nothing differs from the socket. stop waits
// for running requests.
func inProcess(h http.Handler) (c *http.Client, stop func() error) {
	l := &memoryListener{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t := &http.Transport{DialContext: l.dial, DisableCompression: true}
	return &http.Client{Transport: t}, func() error {
		t.CloseIdleConnections()
		// The client is gone and its requests are cancelled, so handlers return. The
		// files must not be closed before they have.
		err := srv.Shutdown(context.Background())
		if serr := <-served; err == nil && !errors.Is(serr, http.ErrServerClosed) {
			err = serr
		}
		return err
	}
}

// memoryListener accepts connections that never leave the process.
type memoryListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *memoryListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept returns the next connection.
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close makes Accept and later dials fail.
func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr names no place.
func (l *memoryListener) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "in-process" }
