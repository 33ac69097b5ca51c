package salesforce

import (
	"net/http"

	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// organization answers /connect/organization. Only an org with a single currency names
// it: one with several keeps them in CurrencyType.
func (s *Server) organization(w http.ResponseWriter) {
	s.rec.Lock()
	defer s.rec.Unlock()
	several := s.rec.Features[org.MultiCurrency]
	var own any
	if !several && s.rec.Currency != "" {
		own = s.rec.Currency
	}
	wire.JSON(w, http.StatusOK, map[string]any{
		"accessTimeout": 720, "name": "Acme", "orgId": s.rec.OrgID(),
		"features":     map[string]any{"chatter": true, "multiCurrency": several, "defaultCurrencyIsoCode": own},
		"userSettings": map[string]any{"currencySymbol": nil, "userId": s.rec.UserID("pipetidy@acme.example")},
	})
}
