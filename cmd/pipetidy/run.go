package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	sdnotify "github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
)

// daemonName is the command that is the daemon.
const daemonName = "run"

func newRun(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   daemonName,
		Short: "Run the daemon",
		Long: `Syncs, evaluates and delivers on the schedules of the configuration. On SIGTERM or
SIGINT the daemon finishes the delivery in hand and stops; a second signal ends it
at once, and nothing is lost either.

The daemon logs JSON lines to stderr, tells systemd when it is ready (Type=notify),
and answers the other commands on pipetidy.sock in its data directory. Where the
socket or the address of http.listen cannot be opened, the daemon goes on without
it, says so in its log, in "pipetidy status" and at /readyz, and tries again each
minute.

A service manager should start the daemon again after every exit code but 78.`,
		Example: "  pipetidy run --config /etc/pipetidy/pipetidy.yaml",
		Args:    exactly(0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.run(cmd.Context())
		},
	}
}

func (a *app) run(ctx context.Context) (err error) {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if err := secrets(cfg, everything); err != nil {
		return err
	}
	// A reader of the log that has gone must not end the daemon. Go ends a program that
	// writes to a closed pipe on stderr, unless the program ignores the signal.
	signal.Ignore(syscall.SIGPIPE)
	lines := newLogWriter(a.err, a.now)
	defer func() {
		if !lines.Close() && err != nil {
			err = &unheard{err} // the error would wait for the same reader
		}
	}()
	log := newLog(lines)
	socket := filepath.Join(cfg.DataDir, socketName)
	ready := func() { notify(sdnotify.SdNotifyReady, log) }
	d, closeStore, err := a.open(cfg, daemon.Config{Socket: socket, Listen: cfg.HTTP.Listen, Hosts: cfg.HTTP.Hosts, Ready: ready}, log)
	if err != nil {
		return err
	}
	stopHangup := ignoreHangup(log)
	defer stopHangup()
	stopping := context.AfterFunc(ctx, func() {
		log.Info("stopping; a second signal ends at once")
		notify(sdnotify.SdNotifyStopping, log)
	})
	err = d.Run(ctx)
	stopping()
	if cerr := closeStore(); err == nil && cerr != nil {
		err = cerr
	}
	if _, broken := errors.AsType[*store.FileError](err); broken {
		return fail(api.ExitIO, "%w; every step is safe to repeat: look at the disk, then start again", err)
	}
	return err
}

// logTime is the form of the times in log lines.
const logTime = "2006-01-02T15:04:05.000Z07:00"

// newLog writes JSON lines with UTC times.
func newLog(w io.Writer) *zap.Logger {
	ec := zap.NewProductionEncoderConfig()
	ec.TimeKey = "ts"
	ec.EncodeTime = func(t time.Time, e zapcore.PrimitiveArrayEncoder) {
		e.AppendString(t.UTC().Format(logTime))
	}
	ec.EncodeDuration = zapcore.SecondsDurationEncoder
	core := zapcore.NewCore(zapcore.NewJSONEncoder(ec), zapcore.Lock(zapcore.AddSync(w)), zap.InfoLevel)
	return zap.New(core)
}

// notify tells systemd the state. Where the daemon was not started by systemd, notify
// does nothing.
func notify(state string, log *zap.Logger) {
	if _, err := sdnotify.SdNotify(false, state); err != nil {
		log.Warn("systemd does not hear", zap.Error(err))
	}
}

// ignoreHangup keeps a closed terminal from ending the daemon, and says that the
// configuration is not read again.
func ignoreHangup(log *zap.Logger) func() {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-hup:
				log.Info("SIGHUP ignored: the configuration is read at start only; restart to apply changes")
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(hup)
		close(done)
	}
}
