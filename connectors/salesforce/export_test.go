package salesforce

// JobsAbove has s read parts of more than rows by jobs: fewer than a
// configuration may say, because an org of thousands makes tests slow.
func (s *Source) JobsAbove(rows int) { s.cfg.BulkAbove = rows }
