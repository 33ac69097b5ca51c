package sim

import (
	"strings"
)

// find is the id of the first opportunity called name; "" is none.
func (rec *orgRecords) find(name string) string {
	for _, r := range rec.tables["Opportunity"].rows {
		if r.v["Name"] == name {
			return r.id
		}
	}
	return ""
}

// userID is the id of the user with that address; "" is none.
func (rec *orgRecords) userID(email string) string {
	for _, r := range rec.tables["User"].rows {
		if s, _ := r.v["Email"].(string); strings.EqualFold(s, email) {
			return r.id
		}
	}
	return ""
}

// username is the id of the user with that username; "" is none.
func (rec *orgRecords) username(name string) string {
	for _, r := range rec.tables["User"].rows {
		if u, _ := r.v["Username"].(string); strings.EqualFold(u, name) {
			return r.id
		}
	}
	return ""
}

// orgID is the id of the organization.
func (rec *orgRecords) orgID() string {
	if rows := rec.tables["Organization"].rows; len(rows) > 0 {
		return rows[0].id
	}
	return makeID("00D", 1)
}

// recordType is the id of a record type; "" is none.
func (rec *orgRecords) recordType(developerName string) string {
	for _, r := range rec.tables["RecordType"].rows {
		if r.v["DeveloperName"] == developerName {
			return r.id
		}
	}
	return ""
}

// account finds or opens an account.
func (rec *orgRecords) account(name, owner string) string {
	id := rec.accounts[name]
	if id == "" {
		id = rec.create("Account", owner, values{"Name": name, "OwnerId": owner, "Type": "Prospect"}).id
		rec.accounts[name] = id
	}
	return id
}

// contactAt finds or makes the i-th person to talk to at an account.
func (rec *orgRecords) contactAt(account, owner string, i int) string {
	for len(rec.contacts[account]) <= i {
		first, last := rec.buyer(rec.serials["Contact"])
		r := rec.create("Contact", owner, values{"AccountId": account, "OwnerId": owner, "FirstName": first, "LastName": last, "Title": "Head of Operations"})
		rec.contacts[account] = append(rec.contacts[account], r.id)
	}
	return rec.contacts[account][i]
}
