// Package portal says what one HubSpot portal is (its address, its time zone, the
// properties and the stages of its deals) and normalises its records into values of
// package crm. Nothing here makes a call, so the same record gives the same value; for
// calls there is package api. Open deal.go first.
package portal

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Portal is one portal, as HubSpot describes it.
type Portal struct {
	ID       string
	Currency string // "" where the portal does not tell
	Several  bool   // deals may be in other currencies than Currency
	UI       string // host of the pages that people look at
	Zone     *time.Location
	Schema   *Schema
	Stages   Stages
}

// Stages are the stages of deals by pipeline and stage id.
type Stages map[[2]string]crm.Stage

// ByID arranges a list of stages.
func ByID(list []crm.Stage) Stages {
	out := make(Stages, len(list))
	for _, st := range list {
		out[[2]string{st.Pipeline, st.ID}] = st
	}
	return out
}

// Details are what HubSpot says of the account.
type Details struct {
	Portal   row.ID     `json:"portalId"`
	Zone     row.Text   `json:"timeZone"`
	Offset   int64      `json:"utcOffsetMilliseconds"`
	Currency row.Text   `json:"companyCurrency"`
	Others   []row.Text `json:"additionalCurrencies"`
	UI       row.Text   `json:"uiDomain"`
}

var (
	hostForm     = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
)

// New returns the portal of the details, without a schema and stages.
func New(d Details) (Portal, error) {
	if d.Portal == "" {
		return Portal{}, errors.New("the account's details name no portal")
	}
	p := Portal{ID: string(d.Portal), UI: "app.hubspot.com"}
	if hostForm.MatchString(string(d.UI)) {
		p.UI = strings.ToLower(string(d.UI))
	}
	if currencyForm.MatchString(string(d.Currency)) {
		p.Currency = string(d.Currency)
	}
	p.Several = len(d.Others) > 0
	// A zone that this machine does not know still has an offset.
	var err error
	if p.Zone, err = time.LoadLocation(string(d.Zone)); err != nil || d.Zone == "Local" || d.Zone == "" {
		p.Zone = time.FixedZone("", int(d.Offset/1000))
	}
	return p, nil
}

// Link is the address of a deal's page, with {id} in the place of the deal's id.
func (p *Portal) Link() string {
	return fmt.Sprintf("https://%s/contacts/%s/record/0-3/{id}", p.UI, p.ID)
}

var recordPath = regexp.MustCompile(`^/contacts/([0-9]+)/(?:record/0-3|deal)/([1-9][0-9]{0,19})(?:/|$)`)

// Resolve takes the id of a deal out of what a person pasted: the id, or the
// address of the deal's page. Resolve returns "" for anything else, and for an address
// that is known to be of another portal; a nil portal has not been described yet.
func (p *Portal) Resolve(ref string) string {
	ref = strings.TrimSpace(ref)
	if row.IsID(ref) {
		return ref
	}
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	host := strings.ToLower(u.Host)
	if host != "hubspot.com" && !strings.HasSuffix(host, ".hubspot.com") && (p == nil || host != p.UI) {
		return ""
	}
	m := recordPath.FindStringSubmatch(u.Path)
	if m == nil || p != nil && m[1] != p.ID {
		return ""
	}
	return m[2]
}

// reading is a record whose properties are read by their meaning.
type reading struct{ row.Row }

func (p *Portal) read(rec *row.Record) *reading {
	return &reading{row.Row{Record: rec, Zone: p.Zone}}
}
