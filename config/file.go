package config

import (
	"time"

	"github.com/pipetidy/pipetidy/connectors"
)

// file is pipetidy.yaml as it is written. The order of the fields is the order
// of docs/config.md.
type file struct {
	Company   string                  `yaml:"company" doc:"Name of the company, shown in digests." example:"Acme"`
	Timezone  zone                    `yaml:"timezone,required" doc:"Time zone of everybody whose team has none of its own: an IANA name." example:"America/New_York"`
	Currency  currencyEntry           `yaml:"currency" doc:"How amounts are shown."`
	Locale    string                  `yaml:"locale" doc:"How readers write amounts: a language, with a country where that matters, as in de or en-GB. A team may have its own." default:"en" example:"de-CH"`
	Fiscal    fiscalEntry             `yaml:"fiscal_year" doc:"The quarters of the company, which the commit is summed to."`
	DataDir   connectors.Path         `yaml:"data_dir" doc:"Directory of cache.db, journal.db, pipetidy.sock and tokens, where refresh tokens are kept. Relative to this file. The directory is made with mode 0700." default:"./data"`
	Mode      modeEntry               `yaml:"mode" doc:"Who gets the messages. Without this key, each message goes to its reader, after the days of start.shadow."`
	Start     startEntry              `yaml:"start" doc:"The first days, when everything that is found is old."`
	Park      parkEntry               `yaml:"park" doc:"For how long the owner of a deal may park it in the CRM, so that nobody is asked about it until a day. Beyond that the manager decides, by pipetidy park."`
	Attention attentionEntry          `yaml:"attention" doc:"How much of a list a reader is asked to look at on one day: docs/digests.md says what gets a number."`
	RepFirst  repFirstEntry           `yaml:"rep_first" doc:"New findings that are the rep's alone at first: docs/digests.md says for whom they are when. Without this key there are none, and a manager reads everything at once." example:"{hours: 8, severities: [low, medium]}"`
	Events    []eventEntry            `yaml:"events" doc:"Days from which deals have other owners. What begins in the days of grace is in the list of the deal's owner alone, whatever its severity, and what is in the commit of the quarter is everybody's at once: docs/digests.md, Rep first." example:"[{kind: territory-change, on: 2026-12-01, teams: [West], grace: 10bd}]"`
	Ops       opsEntry                `yaml:"ops" doc:"Who runs this program, and where readers of digests ask."`
	People    peopleEntry             `yaml:"people" doc:"People whose address differs between the CRMs, or is another one in Slack; and readers who are in no CRM, such as a director. Nobody else has to be named."`
	Sources   []sourceEntry           `yaml:"sources,required" doc:"The CRM accounts that are read."`
	Teams     []teamEntry             `yaml:"teams" doc:"Who answers for whose deals."`
	Business  businessEntry           `yaml:"business_hours" doc:"When the company works."`
	Away      awayEntry               `yaml:"away" doc:"Who is away, and who covers: a list, or the keys in the table below. Nobody gets a digest while away, and no limit runs on the person's deals."`
	Holidays  map[string]holidayEntry `yaml:"holidays" doc:"Days off by a name of yours, which teams and people use. The code of a country is such a name without an entry here." example:"{plant: {country: de, region: by}}"`
	Pipelines []pipelineEntry         `yaml:"pipelines" doc:"What you agreed about your stages. Pipelines and stages that are not named here keep the CRM's own stages and the default limits."`
	Rules     ruleEntries             `yaml:"rules" doc:"Settings of hygiene rules, by rule. A rule that is not named runs with its own defaults; off or false switches it off. The rules and their settings are in docs/rules.md."`
	Escalate  []escalateEntry         `yaml:"escalate" doc:"Which deals go on from a manager's list to somebody above the manager, who gets a message of their own then, with the first digest for managers. The manager reads of it a business day ahead."`
	Digests   []digestEntry           `yaml:"digests" doc:"The messages that are sent, when, and how."`
	Notify    notifyEntry             `yaml:"notify" doc:"The channels that messages leave through."`
	HTTP      httpEntry               `yaml:"http" doc:"The status server of the daemon: /healthz, /readyz and /metrics."`
}

type currencyEntry struct {
	Report  string             `yaml:"report" doc:"Currency of sums over several currencies, and the one in which amounts are compared: an ISO 4217 code. Amounts whose CRM names no currency are in it as well." default:"the one that all sources have" example:"USD"`
	Rates   map[string]float64 `yaml:"rates" doc:"What one unit of another currency is worth in the currency of report, by ISO 4217 code. Only the present rates of Salesforce are read, not its dated ones, and none of HubSpot: name those here." default:"the rates of a Salesforce org with several currencies" example:"{EUR: 1.09}"`
	Missing missingRate        `yaml:"missing" doc:"What a digest does with an amount that cannot be converted, because there is no rate: list shows it beside the sum, and in no sum." default:"list"`
}

type fiscalEntry struct {
	Starts month `yaml:"starts" doc:"Month with which the fiscal year starts, for the whole company." default:"what Salesforce says; where two orgs differ, or none says it, january" example:"february"`
}

type modeEntry struct {
	Deliver mode   `yaml:"deliver,required" doc:"live sends each message to its reader. redirect sends every message to the address under to, marked with the reader who would have got it." example:"redirect"`
	To      string `yaml:"to" doc:"E-mail address that gets everything; required with deliver: redirect. Where notify.email is set up, the address has to be in one of its allowed domains." example:"revops@acme.example"`
}

type startEntry struct {
	Shadow  days `yaml:"shadow" doc:"How many business days after the first evaluation only ops get messages; 0d is none." default:"1d" example:"5d"`
	Backlog int  `yaml:"backlog_per_rep_week" doc:"How many deals from before the start are listed per rep and week; the others are counted apart. 0 treats them like any other deal." default:"5" example:"5"`
}

type attentionEntry struct {
	Managers int   `yaml:"managers" doc:"Numbered lines of a manager's digest. Commit deals that close this week or should have closed have one beyond it." default:"6" example:"6"`
	Reps     int   `yaml:"reps" doc:"Numbered lines of a rep's list." default:"5" example:"5"`
	First    first `yaml:"first" doc:"What weighs most in the order of a list: money, how near the close date is (dates), or for how long a deal has needed an update (age)." default:"money" example:"money"`
}

type repFirstEntry struct {
	Hours      int      `yaml:"hours" doc:"For how many business hours of the rep, from the arrival of the rep's list." default:"8" example:"8"`
	Severities []string `yaml:"severities" doc:"Of which severities: low, medium. What is high cannot wait." default:"[low, medium]" example:"[low]"`
}

type parkEntry struct {
	Once    days   `yaml:"once" doc:"For how many days at a time. A longer park is cut: the deal is asked about again on the last of these days." default:"30d" example:"30d"`
	Most    days   `yaml:"most" doc:"For how many days in all, per deal." default:"90d" example:"90d"`
	Subject string `yaml:"task_subject" doc:"An open task of the deal whose subject begins so parks it, until the task is due, where a source has no field on_hold_until under fields; what follows in the subject is the reason. \"\" is that tasks park nothing." default:"On hold" example:"\"On hold\""`
}

type opsEntry struct {
	Notify []string `yaml:"notify" doc:"E-mail addresses of those who run this program. They get the digests of the first days (start.shadow), and a message when something cannot wait: a source that is refused or withheld, a channel that refuses us or takes nothing for an hour, a disk that fills, a rule that is held, a message that may not have arrived, a digest that nobody was sent, a mistake in this file. Each is told once, and once more when it is over; it goes by the channels of a digest that is for ops, else of the first digest, and by another channel where one fails." example:"[revops@acme.example]"`
	Help   string   `yaml:"help" doc:"Where readers ask when something looks wrong, shown in digests. In quotes when it begins with #." example:"\"#crm-help\""`
}

type peopleEntry struct {
	File  connectors.Path `yaml:"file" doc:"CSV file, relative to this file, with the columns email, also, slack, start and country in its first line; several addresses under also are separated by blanks or semicolons. The CSV file is read together with this file." example:"people.csv"`
	List  []personEntry   `yaml:"list" doc:"The same keys for each person, written here."`
	Grace businessDays    `yaml:"grace" doc:"While a rep is new, which is in the first 90 days from start, what begins on the rep's deals is in the rep's list alone for so many business days of the rep, the day on which it begins included; at most 60bd. What is in the commit of the quarter is everybody's at once." default:"10bd" example:"5bd"`
}

type personEntry struct {
	Email   string   `yaml:"email,required" doc:"The person's address, which messages go to." example:"ana@acme.example"`
	Also    []string `yaml:"also" doc:"Other addresses of the same person, as another CRM has them." example:"[ana@oldco.example]"`
	Slack   string   `yaml:"slack" doc:"Member id in Slack; without one, the address is looked up in Slack." example:"U012AB3CD"`
	Start   *date    `yaml:"start" doc:"First day of work; it may be one to come." default:"not known: the rep is not new" example:"2026-09-01"`
	Country string   `yaml:"country" doc:"Days off of the person: a name under holidays, or the code of a country." default:"those of the team" example:"us"`
}

// sourceCommon are the keys of every source; the others depend on its type.
type sourceCommon struct {
	Name   string        `yaml:"name,required" doc:"Unique name, which is part of every record's identity, so never change it: under another name everything is read anew, and pipetidy forget drops what the old name has read." example:"sales"`
	Type   crmType       `yaml:"type,required" doc:"Kind of CRM." example:"salesforce"`
	Every  time.Duration `yaml:"every" doc:"Time between two syncs, at least 1m. Not together with cron." default:"15m"`
	Cron   string        `yaml:"cron" doc:"Sync times as five cron fields, in the time zone of the file. Not together with every." example:"\"*/15 6-20 * * 1-5\""`
	Budget percent       `yaml:"api_budget" doc:"Share of the account's daily API calls that this source may spend. First and full readings also wait while everybody together has used 85% of the day; polls go on." default:"20%"`
	Skip   skipEntry     `yaml:"skip" doc:"Deals that the rules leave out."`
	Commit []string      `yaml:"commit" doc:"Forecast categories that count as commit, as the CRM has them." default:"[Commit]" example:"[Commit, Most Likely]"`
}

type skipEntry struct {
	Pipelines []string `yaml:"pipelines" doc:"Record types (Salesforce) or pipelines (HubSpot) whose deals are neither judged nor counted." example:"[Renewal]"`
}

type sourceEntry struct {
	sourceCommon
	settings connectors.SourceConfig // nil after a report
	label    string
}

type teamEntry struct {
	Name     string   `yaml:"name,required" doc:"Unique name, shown in digests." example:"West"`
	Was      []string `yaml:"was" doc:"Former names. A team whose name is changed stays the same team: nobody gets a second digest of the day, and nothing is new again. A new name with the same manager and most of the same members is known without this." example:"[Westcoast]"`
	Manager  string   `yaml:"manager,required" doc:"E-mail address of the manager, who gets the team's digest." example:"maria@acme.example"`
	Deputy   string   `yaml:"deputy" doc:"E-mail address of who gets the digests of the manager while the manager is away (away), and what goes on to the manager from the teams below (escalate); without one, who covers for the manager. Where nobody is left, those under ops.notify get them." default:"none" example:"tom@acme.example"`
	Members  []string `yaml:"members,required" doc:"E-mail addresses of the reps, as the CRM has them. Nobody is in two teams." example:"[ana@acme.example, ben@acme.example]"`
	Timezone *zone    `yaml:"timezone" doc:"Time zone of the team: for its digests and its business days." default:"the one of the file" example:"America/Los_Angeles"`
	Parent   string   `yaml:"parent" doc:"Name of the team above, whose manager is above this team's manager. That team may have no members." default:"whom the CRM names as the manager's manager" example:"Sales US"`
	LiveFrom *date    `yaml:"live_from" doc:"First day on which the team's readers get their digests. Until then only ops get them (ops.notify), so that teams can start one by one." default:"at once, or after start.shadow" example:"2026-12-07"`
	Holidays string   `yaml:"holidays" doc:"Days off of the team: a name under holidays, or the code of a country. They are no business days, and no digest goes out on them." default:"none" example:"us"`
	Locale   string   `yaml:"locale" doc:"How the team's readers write amounts." default:"the one of the file" example:"de"`
}

type pipelineEntry struct {
	Source string       `yaml:"source,required" doc:"Name of a source." example:"sales"`
	Name   string       `yaml:"name" doc:"Record type (Salesforce) or pipeline (HubSpot) that the definition is for; \"*\" is every one. The first definition that matches holds." default:"\"*\""`
	From   *date        `yaml:"applies_from" doc:"First day of these definitions: a deal that had passed a stage before that day is not asked for what the stage asks. max_days holds for every deal." default:"every deal is asked" example:"2026-12-01"`
	Stages stageEntries `yaml:"stages,required" doc:"Definitions by stage, under the name that the CRM gives it. The order is the order of the sale."`
}

type stageEntry struct {
	name    string
	MaxDays maxDays  `yaml:"max_days" doc:"Business days that a deal may stay in the stage." default:"the default of the rule stage-stuck" example:"21"`
	Exit    []string `yaml:"exit" doc:"Fields that have to be filled before a deal leaves the stage: standard fields, or names under fields of the source." example:"[next_step, decision_criteria]"`
	Entry   []string `yaml:"entry" doc:"Fields that have to be filled when a deal enters the stage." example:"[contact]"`
	Late    bool     `yaml:"late" doc:"A late stage: findings weigh more here." default:"false"`
}

type digestEntry struct {
	Name string   `yaml:"name,required" doc:"Unique name. A digest of one name is sent once per day and reader." example:"manager-daily"`
	For  kind     `yaml:"for,required" doc:"Who reads the digest:"`
	At   clock    `yaml:"at,required" doc:"Time on the reader's clock (the one of the team), in quotes." example:"\"08:30\""`
	Days weekdays `yaml:"days" doc:"weekdays, daily, a day, or a list of days. On a holiday of its reader and in a freeze no digest about deals goes out." default:"weekdays" example:"[monday, thursday]"`
	Via  channel  `yaml:"via,required" doc:"Channel that the digest is sent through. The channel has to be set up under notify."`
	Else channel  `yaml:"else" doc:"Channel to use when via fails for good. Nobody gets two copies." default:"none"`
}

type httpEntry struct {
	Listen string   `yaml:"listen" doc:"Address and port, on loopback only." default:"none: no server" example:"127.0.0.1:9099"`
	Hosts  []string `yaml:"hosts" doc:"Names, without port, under which a proxy in front of the server asks for it. A request that names another host is refused (HTTP 421), so that no web page reads the server in the browser of somebody on this machine. localhost, addresses and the host of listen are always answered." example:"[pipetidy.acme.example]"`
}
