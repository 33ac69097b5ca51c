package sim

import "strings"

func ref(name string, to ...string) field { return field{name: name, typ: tReference, to: to} }

// stamps are the system fields of every ordinary record.
func stamps() []field {
	return []field{
		{name: "IsDeleted", typ: tBool, required: true, derived: true},
		{name: "CreatedDate", typ: tDateTime, required: true, derived: true},
		{name: "CreatedById", typ: tReference, to: []string{"User"}, required: true, derived: true},
		{name: "LastModifiedDate", typ: tDateTime, required: true, derived: true},
		{name: "LastModifiedById", typ: tReference, to: []string{"User"}, required: true, derived: true},
		{name: "SystemModstamp", typ: tDateTime, required: true, derived: true},
	}
}

func with(fields []field, more ...field) []field { return append(fields, more...) }

// objects is the schema; nobody writes to it.
var objects = map[string]*object{
	"Opportunity": define("Opportunity", "006", with(stamps(),
		ref("AccountId", "Account"), ref("RecordTypeId", "RecordType"), ref("OwnerId", "User"), ref("ContactId", "Contact"),
		field{name: "Name", typ: tString, length: 120, required: true},
		field{name: "Description", typ: tText, length: 32000, noFilter: true},
		field{name: "StageName", typ: tPicklist, required: true},
		field{name: "Amount", typ: tCurrency},
		field{name: "Probability", typ: tPercent},
		field{name: "ExpectedRevenue", typ: tCurrency, derived: true},
		field{name: "CloseDate", typ: tDate, required: true},
		field{name: "Type", typ: tPicklist}, field{name: "LeadSource", typ: tPicklist},
		field{name: "NextStep", typ: tString, length: 255},
		field{name: "IsPrivate", typ: tBool, required: true},
		field{name: "IsClosed", typ: tBool, required: true, derived: true},
		field{name: "IsWon", typ: tBool, required: true, derived: true},
		field{name: "ForecastCategory", typ: tPicklist, required: true, derived: true},
		field{name: "ForecastCategoryName", typ: tPicklist},
		field{name: "HasOpportunityLineItem", typ: tBool, required: true, derived: true},
		field{name: "LastActivityDate", typ: tDate, derived: true},
		field{name: "LastStageChangeDate", typ: tDateTime, derived: true},
		field{name: "PushCount", typ: tInt, derived: true},
		field{name: "HasOpenActivity", typ: tBool, required: true, derived: true, noFilter: true},
		field{name: "HasOverdueTask", typ: tBool, required: true, derived: true, noFilter: true},
		field{name: "CurrencyIsoCode", typ: tPicklist, needs: MultiCurrency},
		field{name: "AgeInDays", typ: tInt, derived: true, needs: PipelineInspection},
		field{name: "LastStageChangeInDays", typ: tInt, derived: true, needs: PipelineInspection},
		field{name: "Decision_Criteria__c", typ: tText, length: 32768, noFilter: true},
		field{name: "Economic_Buyer__c", typ: tString, length: 120},
		field{name: "Loss_Reason__c", typ: tPicklist},
		field{name: "HubSpot_Deal_Id__c", typ: tString, length: 20, needs: HubSpotLink},
	)...),
	"OpportunityStage": define("OpportunityStage", "01J",
		field{name: "MasterLabel", typ: tString, length: 255}, field{name: "ApiName", typ: tString, length: 255},
		field{name: "IsActive", typ: tBool, required: true}, field{name: "SortOrder", typ: tInt},
		field{name: "IsClosed", typ: tBool, required: true}, field{name: "IsWon", typ: tBool, required: true},
		field{name: "ForecastCategory", typ: tPicklist}, field{name: "ForecastCategoryName", typ: tPicklist},
		field{name: "DefaultProbability", typ: tPercent}, field{name: "Description", typ: tString, length: 255},
		field{name: "CreatedDate", typ: tDateTime}, field{name: "LastModifiedDate", typ: tDateTime}, field{name: "SystemModstamp", typ: tDateTime},
	),
	"OpportunityHistory": define("OpportunityHistory", "008",
		ref("OpportunityId", "Opportunity"), ref("CreatedById", "User"),
		field{name: "CreatedDate", typ: tDateTime}, field{name: "SystemModstamp", typ: tDateTime}, field{name: "IsDeleted", typ: tBool, required: true},
		field{name: "StageName", typ: tPicklist}, field{name: "Amount", typ: tCurrency}, field{name: "ExpectedRevenue", typ: tCurrency},
		field{name: "CloseDate", typ: tDate}, field{name: "Probability", typ: tPercent}, field{name: "ForecastCategory", typ: tPicklist},
		field{name: "PrevAmount", typ: tCurrency}, field{name: "PrevCloseDate", typ: tDate},
	),
	"Task": define("Task", "00T", with(stamps(),
		ref("WhoId", "Contact", "Lead"), ref("WhatId", "Account", "Opportunity"), ref("OwnerId", "User"), ref("AccountId", "Account"),
		field{name: "Subject", typ: tString, length: 255}, field{name: "ActivityDate", typ: tDate},
		field{name: "Status", typ: tPicklist, required: true}, field{name: "Priority", typ: tPicklist, required: true},
		field{name: "IsHighPriority", typ: tBool, required: true, derived: true}, field{name: "IsClosed", typ: tBool, required: true, derived: true},
		field{name: "Description", typ: tText, length: 32000, noFilter: true},
		field{name: "CompletedDateTime", typ: tDateTime, derived: true}, field{name: "TaskSubtype", typ: tPicklist}, field{name: "Type", typ: tPicklist},
		field{name: "CallType", typ: tPicklist}, field{name: "CallDisposition", typ: tString, length: 255}, field{name: "CallDurationInSeconds", typ: tInt},
		field{name: "IsRecurrence", typ: tBool, required: true}, ref("RecurrenceActivityId", "Task"), field{name: "IsArchived", typ: tBool, required: true, derived: true},
	)...),
	"Event": define("Event", "00U", with(stamps(),
		ref("WhoId", "Contact", "Lead"), ref("WhatId", "Account", "Opportunity"), ref("OwnerId", "User"), ref("AccountId", "Account"),
		field{name: "Subject", typ: tString, length: 255}, field{name: "Description", typ: tText, length: 32000, noFilter: true},
		field{name: "StartDateTime", typ: tDateTime}, field{name: "EndDateTime", typ: tDateTime},
		field{name: "ActivityDate", typ: tDate}, field{name: "ActivityDateTime", typ: tDateTime}, field{name: "DurationInMinutes", typ: tInt},
		field{name: "IsAllDayEvent", typ: tBool, required: true}, field{name: "IsPrivate", typ: tBool, required: true}, field{name: "ShowAs", typ: tPicklist},
		field{name: "IsChild", typ: tBool, required: true}, field{name: "IsGroupEvent", typ: tBool, required: true}, field{name: "EventSubtype", typ: tPicklist}, field{name: "Type", typ: tPicklist},
		field{name: "IsRecurrence", typ: tBool, required: true}, field{name: "IsRecurrence2", typ: tBool, required: true}, ref("RecurrenceActivityId", "Event"),
		field{name: "IsArchived", typ: tBool, required: true, derived: true},
	)...),
	"User": define("User", "005",
		field{name: "Username", typ: tString, length: 80, required: true}, field{name: "Name", typ: tString, length: 121, derived: true},
		field{name: "FirstName", typ: tString, length: 40}, field{name: "LastName", typ: tString, length: 80, required: true},
		field{name: "Email", typ: tEmail, required: true}, field{name: "IsActive", typ: tBool, required: true}, ref("ManagerId", "User"),
		field{name: "TimeZoneSidKey", typ: tPicklist, required: true}, field{name: "LocaleSidKey", typ: tPicklist, required: true},
		field{name: "UserType", typ: tPicklist}, field{name: "Title", typ: tString, length: 80}, field{name: "LastLoginDate", typ: tDateTime},
		field{name: "CreatedDate", typ: tDateTime}, field{name: "LastModifiedDate", typ: tDateTime}, field{name: "SystemModstamp", typ: tDateTime},
	),
	"RecordType": define("RecordType", "012",
		field{name: "Name", typ: tString, length: 80}, field{name: "DeveloperName", typ: tString, length: 80}, field{name: "SobjectType", typ: tPicklist},
		field{name: "IsActive", typ: tBool, required: true}, field{name: "CreatedDate", typ: tDateTime}, field{name: "LastModifiedDate", typ: tDateTime}, field{name: "SystemModstamp", typ: tDateTime},
	),
	"Organization": define("Organization", "00D",
		field{name: "Name", typ: tString, length: 80}, field{name: "OrganizationType", typ: tPicklist}, field{name: "InstanceName", typ: tString, length: 5},
		field{name: "IsSandbox", typ: tBool, required: true}, field{name: "TimeZoneSidKey", typ: tPicklist}, field{name: "DefaultLocaleSidKey", typ: tPicklist},
		field{name: "FiscalYearStartMonth", typ: tInt}, field{name: "UsesStartDateAsFiscalYearName", typ: tBool, required: true},
		field{name: "CreatedDate", typ: tDateTime}, field{name: "LastModifiedDate", typ: tDateTime}, field{name: "SystemModstamp", typ: tDateTime},
	),
	"Account": define("Account", "001", with(stamps(),
		field{name: "Name", typ: tString, length: 255, required: true}, ref("OwnerId", "User"), ref("ParentId", "Account"),
		field{name: "Type", typ: tPicklist}, field{name: "Industry", typ: tPicklist}, field{name: "Phone", typ: tPhone},
	)...),
	"Contact": define("Contact", "003", with(stamps(),
		ref("AccountId", "Account"), ref("OwnerId", "User"),
		field{name: "Name", typ: tString, length: 121, derived: true}, field{name: "FirstName", typ: tString, length: 40}, field{name: "LastName", typ: tString, length: 80, required: true},
		field{name: "Title", typ: tString, length: 128}, field{name: "Email", typ: tEmail}, field{name: "Phone", typ: tPhone},
	)...),
	"OpportunityContactRole": define("OpportunityContactRole", "00K", with(stamps(),
		ref("OpportunityId", "Opportunity"), ref("ContactId", "Contact"),
		field{name: "Role", typ: tPicklist}, field{name: "IsPrimary", typ: tBool, required: true},
	)...),
}

// Org features that bring fields of their own; see [Org.Enable].
const (
	MultiCurrency      = "multicurrency"
	PipelineInspection = "pipeline-inspection"
	HubSpotLink        = "hubspot" // the company's own field for its other CRM
)

// objectNamed finds an object without regard to case.
func objectNamed(name string) *object {
	if o := objects[name]; o != nil {
		return o
	}
	for n, o := range objects {
		if strings.EqualFold(n, name) {
			return o
		}
	}
	return nil
}
