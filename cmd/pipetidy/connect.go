package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
)

// need says what a command does outside of this machine when no daemon does it instead.
// A command requires only the secrets for that.
type need int

const (
	reading    need = iota // nothing: the command reads the files
	syncing                // the command calls the CRMs
	sending                // the command delivers
	everything             // for the daemon
)

// client is the client of the control API, and what the commands with a client share.
type client struct {
	*api.Client
	zone  *time.Location // in which times are shown
	close func() error
}

// socketName is the control socket's name in the data directory.
const socketName = "pipetidy.sock"

// patience is how long a command waits for a daemon that says nothing at all.
const patience = 15 * time.Second

// with calls fn with a client of the control API: of the running daemon's or,
// without one, of a handler in this process that holds the files until fn
// returns.
func (a *app) with(ctx context.Context, n need, fn func(*client) error) (err error) {
	connect := a.dial
	if connect == nil {
		connect = func(ctx context.Context) (*client, error) {
			cfg, err := a.load()
			if err != nil {
				return nil, err
			}
			return a.connect(ctx, cfg, n)
		}
	}
	c, err := connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := c.close(); err == nil {
			err = cerr
		}
	}()
	return fn(c)
}

// connect finds the running daemon, or opens the files.
func (a *app) connect(ctx context.Context, cfg *config.Config, n need) (*client, error) {
	socket := filepath.Join(cfg.DataDir, socketName)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	conn, err := dial(ctx, "", "")
	switch {
	case err == nil:
		_ = conn.Close() // the daemon answers
		t := &http.Transport{DialContext: dial, DisableCompression: true}
		return &client{
			Client: &api.Client{HTTP: &http.Client{Transport: t}, Patience: patience}, zone: cfg.Location,
			close: func() error { t.CloseIdleConnections(); return nil },
		}, nil
	case errors.Is(err, syscall.EAGAIN): // as many wait already as the socket can hold
		return nil, fail(api.ExitInUse, "the running pipetidy does not answer: is it stopped, or does it hang? look at its log, then restart it")
	case errors.Is(err, fs.ErrPermission):
		return nil, fail(api.ExitFailed, "control socket %s: permission denied; run this as the user that the daemon runs as", socket)
	}
	// There is no socket, or a killed daemon left the socket behind. Whether a process
	// holds the files is for the lock of the files to say.
	if err := secrets(cfg, n); err != nil {
		return nil, err
	}
	d, closeStore, err := a.open(cfg, daemon.Config{}, zap.NewNop())
	if err != nil {
		return nil, err
	}
	h, stop := inProcess(d.Handler())
	return &client{Client: &api.Client{HTTP: h}, zone: cfg.Location, close: func() error {
		err := stop()
		if cerr := closeStore(); err == nil && cerr != nil {
			err = cerr
		}
		return err
	}}, nil
}

// load reads the configuration file.
func (a *app) load() (*config.Config, error) {
	cfg, err := config.Load(config.Path(a.config, a.getenv))
	if err != nil {
		return nil, configError(err)
	}
	return cfg, nil
}
