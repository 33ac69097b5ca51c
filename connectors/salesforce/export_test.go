package salesforce

// JobsAbove makes s read a part by a job when the part has more than the given rows.
// The configuration allows no number as small, but a large org makes tests slow.
func (s *Source) JobsAbove(rows int) { s.cfg.BulkAbove = rows }
