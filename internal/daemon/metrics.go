package daemon

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/intake"
	"github.com/pipetidy/pipetidy/store"
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

func (m *metrics) synced(e *intake.Event) {
	m.syncSecs.WithLabelValues(e.Source).Observe(e.Report.Took.Seconds())
	m.apiCalls.WithLabelValues(e.Source).Add(float64(e.Report.Calls))
	if e.Err != nil {
		m.syncErrors.WithLabelValues(e.Source).Inc()
		return
	}
	m.syncOK.WithLabelValues(e.Source).Set(float64(e.At.Unix()))
}

func (m *metrics) committed(source, stream string, c store.Commit) {
	for op, n := range map[string]int{"added": c.Added, "changed": c.Changed, "unchanged": c.Unchanged, "deleted": c.Deleted} {
		m.records.WithLabelValues(source, stream, op).Add(float64(n))
	}
}

func (m *metrics) evaluated(e *evaluation.Event) {
	m.deals.WithLabelValues(e.Source).Set(float64(e.Deals))
	m.findings.WithLabelValues(e.Source).Set(float64(e.Findings))
	m.evalSecs.WithLabelValues(e.Source).Observe(e.Took.Seconds())
}
