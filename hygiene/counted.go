package hygiene

// Counted is the deal of another source that a deal is judged and counted as.
type Counted struct {
	Source, ID string
	ClosedAs   State // Won or Lost when the other deal is closed, zero when it is open
}

// reason says why the deal that is counted as another one is not judged itself.
func (c Counted) reason() string {
	switch c.ClosedAs {
	case Won:
		return "closed elsewhere: it is " + c.ID + " in " + c.Source + ", which was won"
	case Lost:
		return "closed elsewhere: it is " + c.ID + " in " + c.Source + ", which was lost"
	}
	return "counted as " + c.ID + " in " + c.Source
}
