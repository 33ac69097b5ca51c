package connectors

import (
	"errors"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// Slack is how the configuration spells the settings of Slack.
type Slack struct {
	Token secret.Secret `yaml:"token,required" doc:"Bot token of your Slack app (xoxb-…). deploy/slack-app-manifest.yaml makes the app." example:"{env: SLACK_BOT_TOKEN}"`
	URL   string        `yaml:"url" doc:"Address of the Slack API." default:"https://slack.com/api"`
}

func newSlack() *Slack { return &Slack{URL: "https://slack.com/api"} }

// Validate reports mistakes under their keys.
func (s *Slack) Validate(report func(key, message string)) {
	if _, err := rest.CheckURL(s.URL); err != nil {
		report("url", err.Error())
	}
}

// Open returns the notifier.
func (s *Slack) Open(NotifierOptions) (digest.Notifier, error) {
	return nil, errors.New("slack: not wired yet")
}
