package hygiene

// Counted is the deal of another source that a deal is judged and counted as.
type Counted struct {
	Source, ID string
	ClosedAs   State // Won or Lost when the other deal is closed, zero when it is open
}

// reason says why the deal that is counted as another one is not judged itself.
func (c Counted) reason() Said {
	switch c.ClosedAs {
	case Won:
		return Say("twin-won", Text(c.ID), Text(c.Source))
	case Lost:
		return Say("twin-lost", Text(c.ID), Text(c.Source))
	}
	return Say("twin-counted", Text(c.ID), Text(c.Source))
}
