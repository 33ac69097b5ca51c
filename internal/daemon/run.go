package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/robfig/cron/v3"
	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/api"
)

// tick is how often the wall clock is looked at, whatever a timer says: timers
// stand still while a machine sleeps.
const tick = 30 * time.Second

// Run is the daemon: it recovers what a crash left in doubt, then syncs,
// evaluates and delivers until ctx ends. It returns nil on an ordinary stop, and
// a StoreError when the files failed in a way that only a restart mends.
func (d *Daemon) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n, err := d.journal.Recover(ctx, d.fence, d.now())
	if err != nil {
		return d.stored(err)
	}
	if n > 0 {
		d.log.Warn("deliveries were in the air when the last process ended; asking whether they arrived", zap.Int("deliveries", n))
	}
	closeControl, err := d.serveControl(ctx)
	if err != nil {
		return err
	}
	defer func() {
		closeControl()
		if d.cfg.Socket != "" {
			_ = os.Remove(d.cfg.Socket) // the next start does it if this fails
		}
	}()
	closeHTTP, err := d.serveHTTP(ctx)
	if err != nil {
		return err
	}
	defer closeHTTP()
	d.running.Store(true)
	defer d.running.Store(false)

	alarm := cron.New(cron.WithLocation(d.cfg.Location), cron.WithLogger(cron.DiscardLogger))
	var wg sync.WaitGroup
	for i := range d.cfg.Sources {
		src := &d.cfg.Sources[i]
		wake := make(chan struct{}, 1)
		if err := d.schedule(alarm, src, wake); err != nil {
			return err
		}
		if !d.fresh(ctx, src) {
			wake <- struct{}{}
		}
		wg.Go(func() { d.poll(ctx, src, wake) })
	}
	for i := range d.cfg.Digests {
		for _, team := range d.teams(&d.cfg.Digests[i]) {
			alarm.Schedule(onWall{d.cfg.Digests[i].Schedule, d.zone(team)}, cron.FuncJob(d.nudge))
		}
	}
	wg.Go(func() { d.outbox(ctx) })
	alarm.Start()
	d.log.Info("started", zap.String("version", d.cfg.Version), zap.Int("sources", len(d.cfg.Sources)), zap.Int("digests", len(d.cfg.Digests)))

	var fault error
	select {
	case <-ctx.Done():
	case fault = <-d.fatal:
	}
	cancel()
	<-alarm.Stop().Done()
	wg.Wait()
	d.log.Info("stopped")
	return fault
}

// onWall is a digest's schedule on the wall of its readers, as a cron.Schedule.
// It only rings: what is due is decided by the ledger of periods.
type onWall struct {
	schedule digest.Schedule
	loc      *time.Location
}

// Next is when the alarm rings after t.
func (w onWall) Next(t time.Time) time.Time { return w.schedule.Next(t.In(w.loc)) }

// schedule adds the source to the alarm clock.
func (d *Daemon) schedule(alarm *cron.Cron, src *Source, wake chan struct{}) error {
	job := cron.FuncJob(func() {
		select {
		case wake <- struct{}{}:
		default: // one is waiting already
		}
	})
	if src.Cron == "" {
		alarm.Schedule(cron.Every(src.Every), job)
		return nil
	}
	s, err := cron.ParseStandard(src.Cron)
	if err != nil {
		return fmt.Errorf("source %s: cron %q: %w", src.Name(), src.Cron, err)
	}
	alarm.Schedule(s, job)
	return nil
}

// fresh reports whether the source was read so lately that a restart need not
// read it again at once.
func (d *Daemon) fresh(ctx context.Context, src *Source) bool {
	v, _, err := d.verdict(ctx, src)
	return err == nil && v.Complete && v.Error == "" && src.Every > 0 && ago(d.now(), v.AsOf) < src.Every
}

// poll syncs and evaluates one source each time it is woken.
func (d *Daemon) poll(ctx context.Context, src *Source, wake <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		}
		if !d.turn(ctx, src) {
			return
		}
	}
}

// outbox begins what is due and delivers what is planned, at each nudge and at
// least every tick.
func (d *Daemon) outbox(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		err := d.Begin(ctx)
		if err == nil {
			_, err = d.Deliver(ctx, nil)
		}
		if !d.survive(ctx, outboxOrigin, err) {
			return
		}
		d.countUnknown(ctx)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-d.nudged:
		}
	}
}

// nudge wakes the outbox.
func (d *Daemon) nudge() {
	select {
	case d.nudged <- struct{}{}:
	default:
	}
}

func (d *Daemon) countUnknown(ctx context.Context) {
	if ds, err := d.journal.Deliveries(ctx, delivery.Unknown); err == nil {
		d.metrics.unknown.Set(float64(len(ds)))
	}
}

// serveControl listens on the control socket, which only our own user may open.
func (d *Daemon) serveControl(ctx context.Context) (func(), error) {
	if d.cfg.Socket == "" {
		return func() {}, nil
	}
	// The files are locked by us, so a socket that lies here belongs to nobody.
	if err := os.Remove(d.cfg.Socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l, err := listenPrivately(ctx, d.cfg.Socket)
	if err != nil {
		return nil, &api.Error{Message: fmt.Sprintf("control socket: %v; a shorter data_dir helps when the path is too long", err), Exit: api.ExitConfig}
	}
	// A command that sends may have a message in the air: the stop waits for it.
	return d.serve(ctx, l, d.Handler(), attemptTime+time.Minute), nil
}

// listenPrivately listens on a socket that is nobody else's from its first
// moment: it is made in a directory of our own and moved when its mode is right.
func listenPrivately(ctx context.Context, path string) (net.Listener, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".s")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "s")
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", made)
	if err != nil {
		return nil, err
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // it would look where the socket no longer is
	}
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, path)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// serveHTTP listens for health checks and metrics.
func (d *Daemon) serveHTTP(ctx context.Context) (func(), error) {
	if d.cfg.Listen == "" {
		return func() {}, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.cfg.Listen)
	if err != nil {
		return nil, &api.Error{Message: fmt.Sprintf("http.listen %s: %v; choose another port in the configuration", d.cfg.Listen, err), Exit: api.ExitConfig}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if reason := d.notReady(r.Context()); reason != "" {
			http.Error(w, reason, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	d.log.Info("listening", zap.String("address", l.Addr().String()))
	return d.serve(ctx, l, mux, 5*time.Second), nil
}

// notReady says why the daemon is not ready, "" when it is. A CRM that is down
// does not make it unready: restarting would mend nothing.
func (d *Daemon) notReady(ctx context.Context) string {
	if reason := d.faulty(); reason != "" {
		return reason
	}
	for i := range d.cfg.Sources {
		v, _, err := d.verdict(ctx, &d.cfg.Sources[i])
		switch {
		case err != nil:
			return err.Error()
		case !v.Complete && v.Error == "":
			return fmt.Sprintf("%s: %s", d.cfg.Sources[i].Name(), v.Withheld)
		}
	}
	return ""
}

// serve runs an HTTP server on l and returns what stops it: its requests are told
// to stop, and have that long to finish what is in hand.
func (d *Daemon) serve(ctx context.Context, l net.Listener, h http.Handler, patience time.Duration) func() {
	base, cancel := context.WithCancel(ctx)
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    zap.NewStdLog(d.log.Named("http")),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			d.log.Error("server", zap.Error(err))
		}
	}()
	return func() {
		cancel()
		stop, end := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer end()
		if srv.Shutdown(stop) != nil {
			_ = srv.Close()
		}
		<-done
	}
}
