// Command pipetidy keeps a sales pipeline in order: it reads opportunities out of a
// CRM, says which of them need an update, and tells the people who can update them.
//
// This package parses the command line, wires the pieces together (wire.go) and prints.
// Each command has a file, and root.go lists the commands. What a command shows comes
// from the control API of internal/api, answered by the running daemon or, without a
// daemon, by a handler in this process (connect.go). What a command does to the data
// belongs in internal/control and the rooms behind it.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // a container without zone files sends digests on time, too

	"github.com/pipetidy/pipetidy/internal/api"
)

func main() { os.Exit(execute(time.Now)) }

// execute runs the command line of this process; now is its clock.
func execute(now func() time.Time) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal cancels ctx. From then on a second signal has its ordinary effect
	// and ends the process at once, which the files survive: see package store.
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

	config  string // --config
	unpaced bool   // the CRMs and channels are simulated, and calls need not wait
	// dial, when not nil, makes the client instead of connect: tests set it.
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
	cmd, err := root.ExecuteContextC(ctx)
	if werr := out.Flush(); err == nil && werr != nil {
		err = werr
	}
	code := report(a.err, err)
	if cmd.Name() == daemonName && code == api.ExitUsage {
		// Go ends a program that crashed with 2, and a service manager has to start that one
		// again.
		return api.ExitConfig
	}
	return code
}
