package hygiene

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Pass is one evaluation of one source: all that a rule may know besides the deal.
type Pass struct {
	// Now is the data time: the moment as of which the source's data is complete, never
	// later than the wall clock. By the wall clock, deals would look silent because
	// their latest activities are not synced yet.
	Now      time.Time
	Source   Source
	Rules    []Rule              // the rules that run, in catalogue order
	Settings map[string]Settings // by rule ID
	Teams    *Teams
	Company  *time.Location // for owners without a team
	People   People         // who is who across the CRMs
	Almanac  *Almanac       // who works when; nil is everybody from Monday to Friday
	// Twins are the deals of this source that are judged and counted as a deal of another
	// source, because one of the two names the other (fields.same_as), by native id here.
	Twins map[string]Counted
	// Parked are the parks of the source by native id, in the order of the store.
	Parked  map[string][]Park
	Parking Parking // what owners may park by themselves
	// Fiscal is the month with which the company's fiscal year starts; 0 is January.
	Fiscal time.Month
	Commit []string // forecast categories that count as commit, in the CRM's words
	Skip   []string // ids or labels of pipelines whose deals are neither judged nor counted

	index *index // made by Prepare, shared by all deals
	view  view   // of the deal that is being evaluated
}

// Source is what a pass knows of the account whose deals it judges.
type Source struct {
	Name      string
	Info      crm.Info
	Users     map[string]*crm.User // by native id
	Stages    []crm.Stage          // by pipeline and order
	Pipelines []Pipeline           // the operator's stage definitions for this source, first match wins
	// Since is the time as of which all opportunities had been read for the first time:
	// we observed every later change. Zero is unknown.
	Since time.Time
}

// Pipeline is the operator's definition of the stages of a pipeline.
type Pipeline struct {
	Name   string // record type, or id or label of a pipeline; "*" is every one
	Stages []StageDefinition
}

// StageDefinition is what the team agreed about one stage.
type StageDefinition struct {
	Name    string   // native id or label of the stage
	MaxDays int      // business days; 0 keeps the default limits
	Entry   []string // fields that have to be filled on entering
	Exit    []string // fields that have to be filled on leaving
	Late    bool     // a late stage: severities rise
	Order   int      // position in the operator's file
	// From is the first day of the definition: what a deal passed before it is not asked for.
	// Zero is that all deals are asked. MaxDays holds for every deal.
	From crm.Date
}

// People joins the addresses of a person: it maps each other address of the person to
// the first address, all in lower case.
type People map[string]string

// Email returns the person's first address.
func (p People) Email(address string) string {
	if first, ok := p[address]; ok {
		return first
	}
	return address
}

// Key is the name under which everything about the team is kept. It stays when the team
// gets another name.
func (t *Team) Key() string {
	if t.ID != "" {
		return t.ID
	}
	return t.Name
}

// Name is the present name of the team that is kept under key, key itself where the
// configuration has no such team.
func (t Teams) Name(key string) string {
	for i := range t.List {
		if t.List[i].Key() == key {
			return t.List[i].Name
		}
	}
	return key
}

// Teams says who belongs to which team.
type Teams struct {
	List []Team
}

// Team is a manager with the people for whose deals the manager answers.
type Team struct {
	Name     string   // as the configuration and the readers have it
	ID       string   // under which everything about the team is kept, see [Identify]; "" is Name
	Was      []string // former names
	Manager  string   // email, lower case
	Deputy   string   // who gets the manager's digests while the manager is away; "" is nobody
	Parent   string   // name of the team above, whose manager is the manager's; "" is what the CRM says
	Members  []string // emails, lower case
	Calendar *Calendar
	LiveFrom crm.Date // until then its digests go to those who run Pipetidy only; zero is at once
	Locale   string   // how its readers write amounts, as in "de-CH"; "" is "en"
}
