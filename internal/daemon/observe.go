package daemon

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/intake"
	"github.com/pipetidy/pipetidy/internal/outbox"
)

// The rooms report each step as an event; this file turns events into log lines and
// metrics.

// taken observes intake. A sync without an error also ends the wait of its source, and one
// that fails may begin a wait.
func (d *Daemon) taken(e intake.Event) {
	d.pulse.Step(e.Source)
	fields := []zap.Field{zap.String("source", e.Source)}
	level := zapcore.InfoLevel
	switch e.Kind {
	case intake.Committed:
		d.metrics.committed(e.Source, string(e.Stream), e.Commit)
		return
	case intake.Synced, intake.Stopped, intake.Failed:
		d.metrics.synced(&e)
		fields = append(fields, zap.Int("added", e.Report.Added), zap.Int("changed", e.Report.Changed), zap.Int("deleted", e.Report.Deleted),
			zap.Int64("api_calls", e.Report.Calls), zap.Duration("duration", e.Report.Took))
		if e.Kind == intake.Synced {
			d.health.patient(e.Source)
		}
		if e.Kind == intake.Failed {
			d.health.heed(e.Source, e.Err)
			level = zapcore.ErrorLevel
			fields = append(fields, zap.Error(e.Err))
		}
	case intake.Notice, intake.CursorGone:
		level = zapcore.WarnLevel
		fields = append(fields, zap.String("stream", string(e.Stream)))
		if e.Text != "" {
			fields = append(fields, zap.String("text", e.Text))
		}
	case intake.PollFailed:
		level = zapcore.WarnLevel
		fields = append(fields, zap.Error(e.Err))
	case intake.Recalling:
		fields = append(fields, zap.Int("deals", e.Deals))
	}
	d.log.Log(level, string(e.Kind), fields...)
}

// judged observes evaluation.
func (d *Daemon) judged(e evaluation.Event) {
	d.pulse.Step(e.Source)
	source := zap.String("source", e.Source)
	switch e.Kind {
	case evaluation.Evaluated:
		d.metrics.evaluated(&e)
		d.log.Info(string(e.Kind), source, zap.Int("deals", e.Deals), zap.Int("findings", e.Findings),
			zap.Uint64("generation", e.Generation), zap.Duration("duration", e.Took))
	case evaluation.Withheld:
		d.log.Warn(string(e.Kind), source, zap.String("reason", e.Text))
	case evaluation.Fault:
		d.log.Error(string(e.Kind), source, zap.String("rule", e.Rule), zap.String("deal", e.Deal), zap.String("error", e.Text), zap.String("stack", e.Stack))
	case evaluation.Notice:
		d.log.Warn(string(e.Kind), source, zap.String("text", e.Text))
	}
}

// planned observes edition.
func (d *Daemon) planned(e edition.Event) {
	d.pulse.Step(outboxStep)
	fields := []zap.Field{zap.String("digest", e.Digest), zap.String("team", e.Team), zap.String("date", e.Date.String()), zap.String("reason", e.Reason)}
	if e.Kind == edition.Expired || e.Kind == edition.Unclear {
		d.log.Error(string(e.Kind), fields...)
		return
	}
	d.log.Info(string(e.Kind), append(fields, zap.Int("edition", e.Edition), zap.Int("deliveries", e.Deliveries))...)
}

// attempts says under which result the metrics count an attempt.
var attempts = map[outbox.Kind]string{
	outbox.PartSent: "sent", outbox.PartRejected: "rejected", outbox.PartRetry: "retry", outbox.PartUnknown: "unknown",
}

// levels has the log levels of the outbox's events; other kinds are logged as info.
var levels = map[outbox.Kind]zapcore.Level{
	outbox.PartRejected: zapcore.ErrorLevel, outbox.Failed: zapcore.ErrorLevel, outbox.Expired: zapcore.ErrorLevel, outbox.ChannelStopped: zapcore.ErrorLevel, outbox.Held: zapcore.ErrorLevel, outbox.GivenUp: zapcore.ErrorLevel,
	outbox.PartRetry: zapcore.WarnLevel, outbox.PartUnknown: zapcore.WarnLevel, outbox.ReconcileLater: zapcore.WarnLevel, outbox.CannotReconcile: zapcore.WarnLevel,
}

// delivered observes the outbox.
func (d *Daemon) delivered(e outbox.Event) {
	d.pulse.Step(loopOf(e.Channel))
	if result, ok := attempts[e.Kind]; ok {
		d.metrics.attempts.WithLabelValues(string(e.Channel), result).Inc()
	}
	switch e.Kind {
	case outbox.ChannelStopped:
		d.channels.Refused(e.Channel, e.Reason)
	case outbox.PartSent:
		d.channels.Took(e.Channel)
	case outbox.PartRetry:
		d.channels.PutOff(e.Channel, e.Delivery, d.cfg.Now(), e.Err)
	}
	if e.Kind == outbox.Failed || e.Kind == outbox.Expired || e.Kind == outbox.Delivered && e.Reason != "" {
		d.losses.another()
	}
	if e.Kind == outbox.Delivered {
		d.metrics.deliveries.WithLabelValues(string(e.Channel), "sent").Inc()
	}
	var fields []zap.Field
	switch e.Kind {
	case outbox.ChannelStopped:
		fields = append(fields, zap.String("channel", string(e.Channel)))
	case outbox.Delivered:
		fields = append(fields, zap.String("delivery", e.Delivery), zap.Int("parts", e.Parts))
	case outbox.Skipped, outbox.Failed, outbox.Expired:
		fields = append(fields, zap.String("delivery", e.Delivery))
	default:
		fields = append(fields, zap.String("delivery", e.Delivery), zap.Int("part", e.Part), zap.Int("attempt", e.Attempt))
	}
	if e.Receipt != "" {
		fields = append(fields, zap.String("receipt", e.Receipt))
	}
	if e.Reason != "" {
		fields = append(fields, zap.String("reason", e.Reason))
	}
	if e.Wait > 0 {
		fields = append(fields, zap.Duration("wait", e.Wait))
	}
	if e.Err != nil {
		fields = append(fields, zap.Error(e.Err))
	}
	d.log.Log(levels[e.Kind], string(e.Kind), fields...)
}
