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
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/outbox"
)

// doors are where the process can be asked.
func (d *Daemon) doors() (all []*door) {
	if d.cfg.Socket != "" {
		// A stop waits for the attempt of a command that is sending.
		all = append(all, &door{name: "control socket", listen: d.listenControl, handler: d.Handler(), patience: outbox.AttemptTime + time.Minute, gone: d.replaced})
	}
	if d.cfg.Listen != "" {
		all = append(all, &door{name: "http.listen", listen: d.listenHTTP, handler: hosted(d.cfg.Listen, d.cfg.Hosts, d.healthHandler()), patience: 5 * time.Second, limit: 10 * time.Second})
	}
	return all
}

// listenControl listens on the control socket, which only our own user may open.
func (d *Daemon) listenControl(ctx context.Context) (net.Listener, error) {
	path := d.cfg.Socket
	// We hold the lock of the files, so a socket here was left by a process that ended.
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("control socket: %w", err)
	case info.Mode().Type() != fs.ModeSocket:
		return nil, fmt.Errorf("control socket: %s is something else; move it away, and the other commands reach the daemon", path)
	default:
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("control socket: %w; until it is removed, the other commands do not reach the daemon", err)
		}
	}
	l, err := listenPrivately(ctx, path)
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENAMETOOLONG) {
		return nil, &api.Error{Message: fmt.Sprintf("control socket: %v; a shorter data_dir helps when the path is too long", err), Exit: api.ExitConfig}
	}
	if err != nil {
		return nil, fmt.Errorf("control socket: %w; until it can be opened, the other commands do not reach the daemon", err)
	}
	return l, nil
}

// replaced reports whether the path of the control socket does not lead to l any more:
// something cleaned up the directory, or put a socket of its own there.
func (d *Daemon) replaced(l net.Listener) bool {
	own, ok := l.(*privateListener)
	if !ok {
		return false
	}
	info, err := os.Lstat(d.cfg.Socket)
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(info, own.made)
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
	err = errors.Join(os.Chmod(made, 0o600), give(made, filepath.Dir(path)), os.Rename(made, path))
	info, serr := os.Lstat(path)
	if err = errors.Join(err, serr); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &privateListener{l, path, info}, nil
}

// privateListener removes its socket when it is closed, if the socket is still its own.
type privateListener struct {
	net.Listener
	path string
	made fs.FileInfo // the socket
}

// Addr is where the socket has been moved.
func (l *privateListener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

// Close closes the listener.
func (l *privateListener) Close() error {
	err := l.Listener.Close()
	if info, serr := os.Lstat(l.path); serr == nil && os.SameFile(info, l.made) {
		_ = os.Remove(l.path) // the next start does it if this fails
	}
	return err
}

// listenHTTP listens for health checks and metrics.
func (d *Daemon) listenHTTP(ctx context.Context) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("http.listen %s: %w%s", d.cfg.Listen, err, shutAdvice(err))
	}
	return l, nil
}

// shutAdvice is what mends an address that cannot be listened on; "" where the error is not
// about the address.
func shutAdvice(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "; free the port, or choose another one in the configuration"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "; it is no address of this machine: choose one that is, in the configuration"
	}
	return ""
}

// healthHandler answers health checks and hands out the metrics.
func (d *Daemon) healthHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if hangs := d.pulse.Hangs(); hangs != "" {
			http.Error(w, hangs, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if reason := d.notReady(r.Context()); reason != "" {
			http.Error(w, reason, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	return mux
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
// running requests end, and the requests have as long as the door's patience to return.
func (d *Daemon) serve(ctx context.Context, l net.Listener, dr *door) func() {
	base, cancel := context.WithCancel(ctx)
	srv := &http.Server{
		Handler: parted(dr.handler), ReadHeaderTimeout: headerTime, MaxHeaderBytes: 16 << 10,
		ReadTimeout: dr.limit, WriteTimeout: dr.limit,
		IdleTimeout: idleTime, ConnState: newCrowd().state,
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
		stop, end := context.WithTimeout(context.WithoutCancel(ctx), dr.patience)
		defer end()
		if srv.Shutdown(stop) != nil {
			_ = srv.Close()
		}
		<-done
	}
}
