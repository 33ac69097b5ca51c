package all

import (
	"time"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// Slack is how the configuration spells a [slack.Config].
type Slack struct {
	Token secret.Secret `yaml:"token,required" doc:"Bot token of your Slack app (xoxb-…). deploy/slack-app-manifest.yaml makes the app." example:"{env: SLACK_BOT_TOKEN}"`
	URL   string        `yaml:"url" doc:"Address of the Slack API." default:"https://slack.com/api"`
}

func newSlack() *Slack { return &Slack{URL: slack.DefaultURL} }

// Validate reports mistakes under their keys.
func (s *Slack) Validate(report func(key, message string)) {
	if _, err := rest.CheckURL(s.URL); err != nil {
		report("url", err.Error())
	}
}

// Open returns the notifier.
func (s *Slack) Open(o connectors.NotifierOptions) (digest.Notifier, error) {
	return slack.New(slack.Config{
		Token: s.Token.Func(), URL: s.URL, Users: o.SlackIDs,
		HTTP: rest.New(rest.Config{UserAgent: o.UserAgent, MaxBody: 8 << 20, Timeout: 30 * time.Second}),
	})
}
