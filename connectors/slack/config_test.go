package slack_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/delivery"
)

// TestSlackIDs proves that the member ids of the configuration reach the notifier.
func TestSlackIDs(t *testing.T) {
	var opened string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/conversations.open" {
			opened = string(body)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true,"ts":"1.1","channel":"D1"}`)
	}))
	defer api.Close()
	n, err := (&slack.Config{Token: connectortest.Secret(t, "xoxb-1"), URL: api.URL}).Open(connectors.NotifierOptions{SlackIDs: map[string]string{"ana@acme.example": "U012AB3CD"}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = n.Send(t.Context(), &delivery.Delivery{Recipient: "ana@acme.example"}, delivery.Part{Body: []byte(`{"text":"x"}`)}, nil)
	if !strings.Contains(opened, `"U012AB3CD"`) {
		t.Errorf("opened %q", opened)
	}
}
