// Command pipetidy keeps a sales pipeline in order: it reads opportunities out
// of a CRM, says which of them need an update, and tells the people who can do
// something about it.
//
// This package parses the command line and wires the pieces together. What a
// command shows comes from the control API of internal/daemon, answered by the
// running daemon or, without one, by a handler in this process.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // a container without zone files sends digests on time, too
)

func main() { os.Exit(execute(time.Now)) }

// execute runs the command line of this process by the given clock.
func execute(now func() time.Time) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal asks; from then on a second one has its ordinary effect
	// and ends the process at once. The files stand that: see package store.
	context.AfterFunc(ctx, stop)
	a := &app{out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: now}
	return a.main(ctx, os.Args[1:])
}

// app is what the commands share: where they write, and the global flags.
type app struct {
	out    io.Writer
	err    io.Writer
	getenv func(string) string
	now    func() time.Time

	config string // --config
	// dial replaces the way to the control API in tests.
	dial func(context.Context) (*client, error)
}

// main runs the command line and returns the exit code.
func (a *app) main(ctx context.Context, args []string) int {
	out := newOutput(a.out)
	shared := *a
	shared.out = out
	root := newRoot(&shared)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if werr := out.Flush(); err == nil && werr != nil {
		err = werr
	}
	return report(a.err, err)
}
