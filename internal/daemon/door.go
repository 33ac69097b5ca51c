package daemon

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/internal/api"
)

// knock is how often a door that could not be opened is tried again.
const knock = time.Minute

// door is a place where the process can be asked. The daemon goes on without it: digests
// are worth more than answers.
type door struct {
	name     string
	listen   func(context.Context) (net.Listener, error)
	handler  http.Handler
	patience time.Duration           // of a stop, with the requests that are running
	limit    time.Duration           // of a request, its answer included; zero is none, and the handler has its own
	gone     func(net.Listener) bool // reports that nobody can reach the listener any more; nil is never
}

// open opens a door and keeps it open until the function that it returns is called. An
// [api.Error] ends the daemon: only another configuration helps. Every other error shuts
// the door for a while, which is logged and remembered in health.
func (d *Daemon) open(ctx context.Context, dr *door) (shut func(), err error) {
	l, err := dr.listen(ctx)
	if _, lasting := errors.AsType[*api.Error](err); lasting {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	stop := d.admit(ctx, dr, l, err)
	wg.Go(func() {
		t := time.NewTicker(knock)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				stop()
				return
			case <-t.C:
			}
			if l != nil && dr.gone != nil && dr.gone(l) {
				d.log.Warn("nobody can reach the daemon here any more; opening it anew", zap.String("where", dr.name))
				stop()
				l = nil
			}
			if l == nil {
				l, err = dr.listen(ctx)
				stop = d.admit(ctx, dr, l, err)
			}
		}
	})
	return func() { cancel(); wg.Wait() }, nil
}

// admit serves a door on l, or says why the door is shut. It returns the function that
// stops serving.
func (d *Daemon) admit(ctx context.Context, dr *door, l net.Listener, err error) (stop func()) {
	if err != nil {
		if d.health.lack(dr.name, err.Error()) {
			d.log.Error("cannot listen; going on without it, and trying again each minute", zap.String("where", dr.name), zap.Error(err))
		}
		return func() {}
	}
	d.health.lack(dr.name, "")
	d.log.Info("listening", zap.String("where", dr.name), zap.String("address", l.Addr().String()))
	return d.serve(ctx, l, dr)
}
