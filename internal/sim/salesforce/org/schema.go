package org

import (
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

func ref(name string, to ...string) soql.Field {
	return soql.Field{Name: name, Type: soql.Reference, To: to}
}

// stamps are the system fields of every ordinary record.
func stamps() []soql.Field {
	return []soql.Field{
		{Name: "IsDeleted", Type: soql.Bool, Required: true, Derived: true},
		{Name: "CreatedDate", Type: soql.DateTime, Required: true, Derived: true},
		{Name: "CreatedById", Type: soql.Reference, To: []string{"User"}, Required: true, Derived: true},
		{Name: "LastModifiedDate", Type: soql.DateTime, Required: true, Derived: true},
		{Name: "LastModifiedById", Type: soql.Reference, To: []string{"User"}, Required: true, Derived: true},
		{Name: "SystemModstamp", Type: soql.DateTime, Required: true, Derived: true},
	}
}

func with(fields []soql.Field, more ...soql.Field) []soql.Field { return append(fields, more...) }

// Objects is the schema, which is never changed.
var Objects = map[string]*soql.Object{
	"Opportunity": soql.Define("Opportunity", "006", with(stamps(),
		ref("AccountId", "Account"), ref("RecordTypeId", "RecordType"), ref("OwnerId", "User"), ref("ContactId", "Contact"),
		soql.Field{Name: "Name", Type: soql.String, Length: 120, Required: true},
		soql.Field{Name: "Description", Type: soql.Textarea, Length: 32000, NoFilter: true},
		soql.Field{Name: "StageName", Type: soql.Picklist, Required: true},
		soql.Field{Name: "Amount", Type: soql.Currency},
		soql.Field{Name: "Probability", Type: soql.Percent},
		soql.Field{Name: "ExpectedRevenue", Type: soql.Currency, Derived: true},
		soql.Field{Name: "CloseDate", Type: soql.Date, Required: true},
		soql.Field{Name: "Type", Type: soql.Picklist}, soql.Field{Name: "LeadSource", Type: soql.Picklist},
		soql.Field{Name: "NextStep", Type: soql.String, Length: 255},
		soql.Field{Name: "IsPrivate", Type: soql.Bool, Required: true},
		soql.Field{Name: "IsClosed", Type: soql.Bool, Required: true, Derived: true},
		soql.Field{Name: "IsWon", Type: soql.Bool, Required: true, Derived: true},
		soql.Field{Name: "ForecastCategory", Type: soql.Picklist, Required: true, Derived: true},
		soql.Field{Name: "ForecastCategoryName", Type: soql.Picklist},
		soql.Field{Name: "HasOpportunityLineItem", Type: soql.Bool, Required: true, Derived: true},
		soql.Field{Name: "LastActivityDate", Type: soql.Date, Derived: true},
		soql.Field{Name: "LastStageChangeDate", Type: soql.DateTime, Derived: true},
		soql.Field{Name: "PushCount", Type: soql.Int, Derived: true},
		soql.Field{Name: "HasOpenActivity", Type: soql.Bool, Required: true, Derived: true, NoFilter: true},
		soql.Field{Name: "HasOverdueTask", Type: soql.Bool, Required: true, Derived: true, NoFilter: true},
		soql.Field{Name: "CurrencyIsoCode", Type: soql.Picklist, Needs: MultiCurrency},
		soql.Field{Name: "AgeInDays", Type: soql.Int, Derived: true, Needs: PipelineInspection},
		soql.Field{Name: "LastStageChangeInDays", Type: soql.Int, Derived: true, Needs: PipelineInspection},
		soql.Field{Name: "Decision_Criteria__c", Type: soql.Textarea, Length: 32768, NoFilter: true},
		soql.Field{Name: "Economic_Buyer__c", Type: soql.String, Length: 120},
		soql.Field{Name: "Loss_Reason__c", Type: soql.Picklist},
		soql.Field{Name: "On_Hold_Until__c", Type: soql.Date},
		soql.Field{Name: "On_Hold_Reason__c", Type: soql.String, Length: 255},
		soql.Field{Name: "HubSpot_Deal_Id__c", Type: soql.String, Length: 20, Needs: HubSpotLink},
	)...),
	"OpportunityStage": soql.Define("OpportunityStage", "01J",
		soql.Field{Name: "MasterLabel", Type: soql.String, Length: 255}, soql.Field{Name: "ApiName", Type: soql.String, Length: 255},
		soql.Field{Name: "IsActive", Type: soql.Bool, Required: true}, soql.Field{Name: "SortOrder", Type: soql.Int},
		soql.Field{Name: "IsClosed", Type: soql.Bool, Required: true}, soql.Field{Name: "IsWon", Type: soql.Bool, Required: true},
		soql.Field{Name: "ForecastCategory", Type: soql.Picklist}, soql.Field{Name: "ForecastCategoryName", Type: soql.Picklist},
		soql.Field{Name: "DefaultProbability", Type: soql.Percent}, soql.Field{Name: "Description", Type: soql.String, Length: 255},
		soql.Field{Name: "CreatedDate", Type: soql.DateTime}, soql.Field{Name: "LastModifiedDate", Type: soql.DateTime}, soql.Field{Name: "SystemModstamp", Type: soql.DateTime},
	),
	"OpportunityHistory": soql.Define("OpportunityHistory", "008",
		ref("OpportunityId", "Opportunity"), ref("CreatedById", "User"),
		soql.Field{Name: "CreatedDate", Type: soql.DateTime}, soql.Field{Name: "SystemModstamp", Type: soql.DateTime}, soql.Field{Name: "IsDeleted", Type: soql.Bool, Required: true},
		soql.Field{Name: "StageName", Type: soql.Picklist}, soql.Field{Name: "Amount", Type: soql.Currency}, soql.Field{Name: "ExpectedRevenue", Type: soql.Currency},
		soql.Field{Name: "CloseDate", Type: soql.Date}, soql.Field{Name: "Probability", Type: soql.Percent}, soql.Field{Name: "ForecastCategory", Type: soql.Picklist},
		soql.Field{Name: "PrevAmount", Type: soql.Currency}, soql.Field{Name: "PrevCloseDate", Type: soql.Date},
	),
	"Task": soql.Define("Task", "00T", with(stamps(),
		ref("WhoId", "Contact", "Lead"), ref("WhatId", "Account", "Opportunity"), ref("OwnerId", "User"), ref("AccountId", "Account"),
		soql.Field{Name: "Subject", Type: soql.String, Length: 255}, soql.Field{Name: "ActivityDate", Type: soql.Date},
		soql.Field{Name: "Status", Type: soql.Picklist, Required: true}, soql.Field{Name: "Priority", Type: soql.Picklist, Required: true},
		soql.Field{Name: "IsHighPriority", Type: soql.Bool, Required: true, Derived: true}, soql.Field{Name: "IsClosed", Type: soql.Bool, Required: true, Derived: true},
		soql.Field{Name: "Description", Type: soql.Textarea, Length: 32000, NoFilter: true},
		soql.Field{Name: "CompletedDateTime", Type: soql.DateTime, Derived: true}, soql.Field{Name: "TaskSubtype", Type: soql.Picklist}, soql.Field{Name: "Type", Type: soql.Picklist},
		soql.Field{Name: "CallType", Type: soql.Picklist}, soql.Field{Name: "CallDisposition", Type: soql.String, Length: 255}, soql.Field{Name: "CallDurationInSeconds", Type: soql.Int},
		soql.Field{Name: "IsRecurrence", Type: soql.Bool, Required: true}, ref("RecurrenceActivityId", "Task"), soql.Field{Name: "IsArchived", Type: soql.Bool, Required: true, Derived: true},
	)...),
	"Event": soql.Define("Event", "00U", with(stamps(),
		ref("WhoId", "Contact", "Lead"), ref("WhatId", "Account", "Opportunity"), ref("OwnerId", "User"), ref("AccountId", "Account"),
		soql.Field{Name: "Subject", Type: soql.String, Length: 255}, soql.Field{Name: "Description", Type: soql.Textarea, Length: 32000, NoFilter: true},
		soql.Field{Name: "StartDateTime", Type: soql.DateTime}, soql.Field{Name: "EndDateTime", Type: soql.DateTime},
		soql.Field{Name: "ActivityDate", Type: soql.Date}, soql.Field{Name: "ActivityDateTime", Type: soql.DateTime}, soql.Field{Name: "DurationInMinutes", Type: soql.Int},
		soql.Field{Name: "IsAllDayEvent", Type: soql.Bool, Required: true}, soql.Field{Name: "IsPrivate", Type: soql.Bool, Required: true}, soql.Field{Name: "ShowAs", Type: soql.Picklist},
		soql.Field{Name: "IsChild", Type: soql.Bool, Required: true}, soql.Field{Name: "IsGroupEvent", Type: soql.Bool, Required: true}, soql.Field{Name: "EventSubtype", Type: soql.Picklist}, soql.Field{Name: "Type", Type: soql.Picklist},
		soql.Field{Name: "IsRecurrence", Type: soql.Bool, Required: true}, soql.Field{Name: "IsRecurrence2", Type: soql.Bool, Required: true}, ref("RecurrenceActivityId", "Event"),
		soql.Field{Name: "IsArchived", Type: soql.Bool, Required: true, Derived: true},
	)...),
	"User": soql.Define("User", "005",
		soql.Field{Name: "Username", Type: soql.String, Length: 80, Required: true}, soql.Field{Name: "Name", Type: soql.String, Length: 121, Derived: true},
		soql.Field{Name: "FirstName", Type: soql.String, Length: 40}, soql.Field{Name: "LastName", Type: soql.String, Length: 80, Required: true},
		soql.Field{Name: "Email", Type: soql.Email, Required: true}, soql.Field{Name: "IsActive", Type: soql.Bool, Required: true}, ref("ManagerId", "User"),
		soql.Field{Name: "TimeZoneSidKey", Type: soql.Picklist, Required: true}, soql.Field{Name: "LocaleSidKey", Type: soql.Picklist, Required: true},
		soql.Field{Name: "UserType", Type: soql.Picklist}, soql.Field{Name: "Title", Type: soql.String, Length: 80}, soql.Field{Name: "LastLoginDate", Type: soql.DateTime},
		soql.Field{Name: "CreatedDate", Type: soql.DateTime}, soql.Field{Name: "LastModifiedDate", Type: soql.DateTime}, soql.Field{Name: "SystemModstamp", Type: soql.DateTime},
	),
	"RecordType": soql.Define("RecordType", "012",
		soql.Field{Name: "Name", Type: soql.String, Length: 80}, soql.Field{Name: "DeveloperName", Type: soql.String, Length: 80}, soql.Field{Name: "SobjectType", Type: soql.Picklist},
		soql.Field{Name: "IsActive", Type: soql.Bool, Required: true}, soql.Field{Name: "CreatedDate", Type: soql.DateTime}, soql.Field{Name: "LastModifiedDate", Type: soql.DateTime}, soql.Field{Name: "SystemModstamp", Type: soql.DateTime},
	),
	"Organization": soql.Define("Organization", "00D",
		soql.Field{Name: "Name", Type: soql.String, Length: 80}, soql.Field{Name: "OrganizationType", Type: soql.Picklist}, soql.Field{Name: "InstanceName", Type: soql.String, Length: 5},
		soql.Field{Name: "IsSandbox", Type: soql.Bool, Required: true}, soql.Field{Name: "TimeZoneSidKey", Type: soql.Picklist}, soql.Field{Name: "DefaultLocaleSidKey", Type: soql.Picklist},
		soql.Field{Name: "FiscalYearStartMonth", Type: soql.Int}, soql.Field{Name: "UsesStartDateAsFiscalYearName", Type: soql.Bool, Required: true},
		soql.Field{Name: "CreatedDate", Type: soql.DateTime}, soql.Field{Name: "LastModifiedDate", Type: soql.DateTime}, soql.Field{Name: "SystemModstamp", Type: soql.DateTime},
	),
	// Only orgs with several currencies have the object.
	"CurrencyType": soql.Define("CurrencyType", "01L",
		soql.Field{Name: "IsoCode", Type: soql.Picklist}, soql.Field{Name: "ConversionRate", Type: soql.Double}, soql.Field{Name: "DecimalPlaces", Type: soql.Int},
		soql.Field{Name: "IsActive", Type: soql.Bool, Required: true}, soql.Field{Name: "IsCorporate", Type: soql.Bool, Required: true},
		soql.Field{Name: "CreatedDate", Type: soql.DateTime}, soql.Field{Name: "LastModifiedDate", Type: soql.DateTime}, soql.Field{Name: "SystemModstamp", Type: soql.DateTime},
	),
	"Account": soql.Define("Account", "001", with(stamps(),
		soql.Field{Name: "Name", Type: soql.String, Length: 255, Required: true}, ref("OwnerId", "User"), ref("ParentId", "Account"),
		soql.Field{Name: "Type", Type: soql.Picklist}, soql.Field{Name: "Industry", Type: soql.Picklist}, soql.Field{Name: "Phone", Type: soql.Phone},
	)...),
	"Contact": soql.Define("Contact", "003", with(stamps(),
		ref("AccountId", "Account"), ref("OwnerId", "User"),
		soql.Field{Name: "Name", Type: soql.String, Length: 121, Derived: true}, soql.Field{Name: "FirstName", Type: soql.String, Length: 40}, soql.Field{Name: "LastName", Type: soql.String, Length: 80, Required: true},
		soql.Field{Name: "Title", Type: soql.String, Length: 128}, soql.Field{Name: "Email", Type: soql.Email},
		soql.Field{Name: "EmailBouncedDate", Type: soql.DateTime}, soql.Field{Name: "HasOptedOutOfEmail", Type: soql.Bool, Required: true}, soql.Field{Name: "Phone", Type: soql.Phone},
	)...),
	"OpportunityContactRole": soql.Define("OpportunityContactRole", "00K", with(stamps(),
		ref("OpportunityId", "Opportunity"), ref("ContactId", "Contact"),
		soql.Field{Name: "Role", Type: soql.Picklist}, soql.Field{Name: "IsPrimary", Type: soql.Bool, Required: true},
	)...),
}

// Org features that bring fields of their own; see [Org.Enable].
const (
	MultiCurrency      = "multicurrency"
	PipelineInspection = "pipeline-inspection"
	HubSpotLink        = "hubspot" // brings a custom field with the id of the deal in HubSpot
)

// ObjectNamed finds an object without regard to case.
func ObjectNamed(name string) *soql.Object {
	if o := Objects[name]; o != nil {
		return o
	}
	for n, o := range Objects {
		if strings.EqualFold(n, name) {
			return o
		}
	}
	return nil
}
