package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Config writes the secrets to dataDir/secrets and returns a pipetidy.yaml for the
// running servers, with the data in dataDir. Messages go to their readers from the
// first digest on.
func (s *Servers) Config(dataDir string) ([]byte, error) {
	secrets := filepath.Join(dataDir, "secrets")
	if err := os.MkdirAll(secrets, 0o700); err != nil {
		return nil, fmt.Errorf("write the company's secrets: %w", err)
	}
	paths := map[string]string{}
	for name, value := range map[string]string{"salesforce": s.ClientSecret, "hubspot": s.HubSpotToken, "slack": s.SlackToken, "smtp": s.SMTPPassword} {
		if value == "" {
			continue
		}
		paths[name] = filepath.Join(secrets, name)
		if err := os.WriteFile(paths[name], []byte(value+"\n"), 0o600); err != nil {
			return nil, fmt.Errorf("write the company's secrets: %w", err)
		}
	}
	tls := "none"
	if s.Mail.Pool() != nil {
		tls = "starttls"
	}
	west := append(mails(s.Company.reps("West")), leaverMail)
	east := mails(s.Company.reps("East"))
	var people, sameAs, source, pipelines, digests string
	if s.HubSpotURL != "" {
		people, sameAs, pipelines, digests = configPeople, configSameAs, configPipelines, configDigests
		source = fmt.Sprintf(configSource, s.HubSpotURL, paths["hubspot"])
	}
	return fmt.Appendf(nil, configTemplate, dataDir, people, s.SalesforceURL, s.ClientID, paths["salesforce"], sameAs, source, strings.Join(west, ", "), strings.Join(east, ", "),
		pipelines, digests, paths["slack"], s.SlackURL, s.SMTPHost, s.SMTPPort, tls, s.SMTPUser, paths["smtp"]), nil
}

func mails(people []*person) []string {
	var out []string
	for _, p := range people {
		out = append(out, p.email)
	}
	return out
}

const configTemplate = `company: Acme
timezone: America/New_York
currency: {report: USD}
data_dir: %q
start: {shadow: 0d, backlog_per_rep_week: 0}
%s
sources:
  - name: sales
    type: salesforce
    url: %s
    auth:
      flow: client_credentials
      client_id: %s
      client_secret: {file: %q}
    every: 15m
    api_budget: 20%%
    fields:
      decision_criteria: Decision_Criteria__c
      economic_buyer: Economic_Buyer__c
%s%s
teams:
  - name: West
    manager: maria@acme.example
    members: [%s]
    timezone: America/Los_Angeles
  - name: East
    manager: tom@acme.example
    members: [%s]
    timezone: America/New_York

pipelines:
  - source: sales
    name: "*"
    stages:
      Discovery:   {max_days: 21, exit: [next_step, decision_criteria]}
      Proposal:    {max_days: 14, exit: [economic_buyer, amount], entry: [contact]}
      Negotiation: {max_days: 14, late: true}
%s
rules:
  no-activity: {days: 14}
  next-step-missing: {severity: high}

digests:
  - name: manager-daily
    for: managers
    at: "08:30"
    days: weekdays
    via: slack
    else: email
%s
notify:
  slack:
    token: {file: %q}
    url: %s
  email:
    host: %s
    port: %d
    tls: %s
    username: %s
    password: {file: %q}
    from: Pipetidy <pipetidy@acme.example>
    allow: [acme.example]

http:
  listen: 127.0.0.1:0
`

// What a company with two CRMs adds to its configuration.
const (
	configPeople = `
people:
  list:
    - {email: cleo@acme.example, also: [` + OldAddress + `]}
`
	configSameAs = `      same_as: HubSpot_Deal_Id__c
`
	configSource = `  - name: partners
    type: hubspot
    url: %s
    token: {file: %q}
    every: 15m
    api_budget: 20%%
    fields:
      economic_buyer: economic_buyer
`
	configPipelines = `  - source: partners
    name: Partner sales
    stages:
      New:           {max_days: 21}
      Qualified:     {max_days: 19, exit: [next_step]}
      Proposal sent: {max_days: 14, exit: [economic_buyer, amount], entry: [contact]}
      Contract sent: {max_days: 14, late: true}
  - source: partners
    name: Partner renewals
    stages:
      Due:        {max_days: 21}
      In talks:   {max_days: 21, exit: [next_step]}
      Offer sent: {max_days: 14, exit: [amount]}
      Agreed:     {max_days: 14, late: true}
`
	configDigests = `  - name: rep-daily
    for: reps
    at: "08:15"
    days: weekdays
    via: slack
    else: email
`
)
