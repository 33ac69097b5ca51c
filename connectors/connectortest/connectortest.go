// Package connectortest holds the conformance suites of the connectors:
// [TestSource] for whatever implements crm.Source, [TestNotifier] for whatever
// implements digest.Notifier. The tests of each connector call the suite with the
// connector's simulated counterpart. What only one connector does is tested in that
// connector's package, not here.
package connectortest
