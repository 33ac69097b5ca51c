package daemon

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/api"
)

// metrics are what /metrics shows. No label holds a person's, a deal's or an
// account's name.
type metrics struct {
	registry   *prometheus.Registry
	syncOK     *prometheus.GaugeVec
	syncSecs   *prometheus.HistogramVec
	records    *prometheus.CounterVec
	apiCalls   *prometheus.CounterVec
	syncErrors *prometheus.CounterVec
	deals      *prometheus.GaugeVec
	findings   *prometheus.GaugeVec
	evalSecs   *prometheus.HistogramVec
	attempts   *prometheus.CounterVec
	deliveries *prometheus.CounterVec
	unknown    prometheus.Gauge
}

func newMetrics(version string) *metrics {
	r := prometheus.NewRegistry()
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "pipetidy_" + name, Help: help}, labels)
		r.MustRegister(g)
		return g
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pipetidy_" + name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "pipetidy_" + name, Help: help, Buckets: prometheus.ExponentialBuckets(0.05, 3, 10),
		}, labels)
		r.MustRegister(h)
		return h
	}
	m := &metrics{
		registry:   r,
		syncOK:     gauge("sync_last_success_timestamp_seconds", "Unix time of the last sync of the source that ended without an error.", "source"),
		syncSecs:   histogram("sync_duration_seconds", "How long a sync of the source took.", "source"),
		records:    counter("sync_records_total", "Records that a sync added, changed, left unchanged or deleted.", "source", "stream", "op"),
		apiCalls:   counter("crm_api_requests_total", "API calls made to the source.", "source"),
		syncErrors: counter("sync_errors_total", "Syncs of the source that ended in an error.", "source"),
		deals:      gauge("opportunities_open", "Open opportunities at the last evaluation.", "source"),
		findings:   gauge("findings_open", "Findings at the last evaluation.", "source"),
		evalSecs:   histogram("evaluation_duration_seconds", "How long an evaluation took.", "source"),
		attempts:   counter("delivery_attempts_total", "Attempts to send one part of a digest, by what came of them.", "channel", "result"),
		deliveries: counter("deliveries_total", "Digests settled, by result.", "channel", "result"),
	}
	m.unknown = prometheus.NewGauge(prometheus.GaugeOpts{Name: "pipetidy_deliveries_unknown", Help: "Deliveries of which nobody can say whether they arrived."})
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "pipetidy_build_info", Help: "Version of the running binary; always 1."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	r.MustRegister(m.unknown, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) synced(source string, start, end time.Time, e api.SyncEvent, err error) {
	m.syncSecs.WithLabelValues(source).Observe(end.Sub(start).Seconds())
	m.apiCalls.WithLabelValues(source).Add(float64(e.Calls))
	if err != nil {
		m.syncErrors.WithLabelValues(source).Inc()
		return
	}
	m.syncOK.WithLabelValues(source).Set(float64(end.Unix()))
}

func (m *metrics) committed(source, stream string, c Commit) {
	for op, n := range map[string]int{"added": c.Added, "changed": c.Changed, "unchanged": c.Unchanged, "deleted": c.Deleted} {
		m.records.WithLabelValues(source, stream, op).Add(float64(n))
	}
}

func (m *metrics) evaluated(source string, deals, findings int, took time.Duration) {
	m.deals.WithLabelValues(source).Set(float64(deals))
	m.findings.WithLabelValues(source).Set(float64(findings))
	m.evalSecs.WithLabelValues(source).Observe(took.Seconds())
}

func (m *metrics) attempted(ch delivery.Channel, result string) {
	m.attempts.WithLabelValues(string(ch), result).Inc()
}

func (m *metrics) settled(ch delivery.Channel, result string) {
	m.deliveries.WithLabelValues(string(ch), result).Inc()
}
