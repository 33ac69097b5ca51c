// Package connectortest holds the conformance suites of the connectors:
// [TestSource] for whatever implements crm.Source, TestNotifier for whatever
// implements digest.Notifier. Each connector's own tests call the suite with its
// simulated counterpart; what is particular to one connector is tested there.
package connectortest
