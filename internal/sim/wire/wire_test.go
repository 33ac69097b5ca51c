package wire_test

import (
	"net/http/httptest"
	"testing"

	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// Markup in JSON is not escaped.
func TestMarkupStays(t *testing.T) {
	w := httptest.NewRecorder()
	wire.JSON(w, 207, map[string]string{"name": "<b>&"})
	if got, want := w.Body.String(), `{"name":"<b>&"}`+"\n"; w.Code != 207 || got != want {
		t.Errorf("got %d %q, want 207 %q", w.Code, got, want)
	}
	if got, want := string(wire.Quote("<b>\n\"")), `"<b>\n\""`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
