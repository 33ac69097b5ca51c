package salesforce

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// fly adds n to the number of calls that are being answered.
func (s *Server) fly(n int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.flying += n
	s.peak = max(s.peak, s.flying)
}

// Peak is the greatest number of calls that were being answered at once.
func (s *Server) Peak() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.peak
}

func (s *Server) limitInfo(w http.ResponseWriter) {
	used := max(0, s.opt.LimitUsed-s.opt.LimitLag)
	info := fmt.Sprintf("api-usage=%d/%d", used, s.opt.LimitMax)
	if s.opt.PerApp {
		info += fmt.Sprintf("; per-app-api-usage=%d/%d(appName=pipetidy)", used, s.opt.LimitMax/10)
	}
	w.Header().Set("Sforce-Limit-Info", info)
}

func (s *Server) limits(w http.ResponseWriter) {
	o, now := s.Options(), s.rec.Now()
	s.lock.Lock()
	jobs := s.jobsToday(now)
	s.lock.Unlock()
	pair := func(most, used int) json.RawMessage {
		return fmt.Appendf(nil, `{"Max":%d,"Remaining":%d}`, most, most-used)
	}
	wire.JSON(w, http.StatusOK, map[string]json.RawMessage{"DailyApiRequests": pair(o.LimitMax, o.LimitUsed), "DailyBulkV2QueryJobs": pair(jobLimit(o.Bulk), jobs),
		"DailyBulkV2QueryFileStorageMB": pair(976_562, 0), "SingleEmail": pair(5000, 0)})
}
