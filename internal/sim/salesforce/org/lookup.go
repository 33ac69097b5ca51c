package org

import (
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// find is the id of the first opportunity called name; "" is none.
func (rec *Records) find(name string) string {
	for _, r := range rec.Tables["Opportunity"].Rows {
		if r.Values["Name"] == name {
			return r.ID
		}
	}
	return ""
}

// UserID is the id of the user with the address given; "" is none.
func (rec *Records) UserID(email string) string {
	for _, r := range rec.Tables["User"].Rows {
		if s, _ := r.Values["Email"].(string); strings.EqualFold(s, email) {
			return r.ID
		}
	}
	return ""
}

// UserNamed is the id of the user with the username given; "" is none.
func (rec *Records) UserNamed(name string) string {
	for _, r := range rec.Tables["User"].Rows {
		if u, _ := r.Values["Username"].(string); strings.EqualFold(u, name) {
			return r.ID
		}
	}
	return ""
}

// OrgID is the id of the organization.
func (rec *Records) OrgID() string {
	if rows := rec.Tables["Organization"].Rows; len(rows) > 0 {
		return rows[0].ID
	}
	return soql.NewID("00D", 1)
}

// RecordType is the id of a record type; "" is none.
func (rec *Records) RecordType(developerName string) string {
	for _, r := range rec.Tables["RecordType"].Rows {
		if r.Values["DeveloperName"] == developerName {
			return r.ID
		}
	}
	return ""
}

// Account finds or creates an account.
func (rec *Records) Account(name, owner string) string {
	id := rec.accounts[name]
	if id == "" {
		id = rec.Create("Account", owner, soql.Values{"Name": name, "OwnerId": owner, "Type": "Prospect"}).ID
		rec.accounts[name] = id
	}
	return id
}

// ContactAt finds or creates the i-th contact of an account.
func (rec *Records) ContactAt(account, owner string, i int) string {
	for len(rec.contacts[account]) <= i {
		first, last := rec.buyer(rec.Serials["Contact"])
		r := rec.Create("Contact", owner, soql.Values{"AccountId": account, "OwnerId": owner, "FirstName": first, "LastName": last, "Title": "Head of Operations"})
		rec.contacts[account] = append(rec.contacts[account], r.ID)
	}
	return rec.contacts[account][i]
}
