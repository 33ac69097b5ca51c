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
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/outbox"
)

// serveControl listens on the control socket, which only our own user may open.
func (d *Daemon) serveControl(ctx context.Context) (func(), error) {
	if d.cfg.Socket == "" {
		return func() {}, nil
	}
	// We hold the lock of the files, so a socket here was left by a process that ended.
	if err := os.Remove(d.cfg.Socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l, err := listenPrivately(ctx, d.cfg.Socket)
	if err != nil {
		return nil, &api.Error{Message: fmt.Sprintf("control socket: %v; a shorter data_dir helps when the path is too long", err), Exit: api.ExitConfig}
	}
	// A stop waits for the attempt of a command that is sending.
	return d.serve(ctx, l, d.Handler(), outbox.AttemptTime+time.Minute), nil
}

// listenPrivately listens on a socket that nobody else can open at any moment: it makes
// the socket in a directory of our own, sets the mode, and moves the socket to path.
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
		u.SetUnlinkOnClose(false) // the socket is moved away below
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

// notReady says why the daemon is not ready, "" when it is. A daemon whose CRM is down
// is ready: restarting it would mend nothing.
func (d *Daemon) notReady(ctx context.Context) string {
	if reason := d.health.Faulty(); reason != "" {
		return reason
	}
	for _, src := range d.evaluation.Sources() {
		v, err := d.evaluation.Verdict(ctx, src)
		switch {
		case err != nil:
			return err.Error()
		case !v.Complete && v.Error == "":
			return fmt.Sprintf("%s: %s", src.Name(), v.Withheld)
		}
	}
	return ""
}

// serve runs an HTTP server on l and returns the function that stops it: the contexts of
// running requests end, and the requests have as long as patience to return.
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
