package sim

import "github.com/pipetidy/pipetidy/internal/sim/fault"

// The parts of the company have packages of their own. What tests and the demo
// say to them is named here too: a test of connectors/salesforce would otherwise
// import two packages called salesforce.

// Fault is one scripted misbehaviour of a service.
type Fault = fault.Rule

// FaultKind is what goes wrong.
type FaultKind = fault.Kind

// The kinds of fault that tests script by name.
const (
	HTML200 = fault.HTML200
	HTML503 = fault.HTML503
	Slow    = fault.Slow
)
