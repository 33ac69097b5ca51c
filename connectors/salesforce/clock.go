package salesforce

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Clocked = (*Source)(nil)

// ServerTime is what the org's clock shows.
func (s *Source) ServerTime() time.Time { return s.org.ServerTime() }
