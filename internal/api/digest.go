package api

import (
	"github.com/pipetidy/pipetidy/delivery"
)

// PreviewRequest asks what a digest would say now; For "" is every reader.
type PreviewRequest struct {
	Name string `json:"name"`
	For  string `json:"for"` // email
}

// Preview is one reader's digest as each channel would write it.
type Preview struct {
	Digest    string           `json:"digest"`
	Team      string           `json:"team"`
	Recipient string           `json:"recipient"`
	Channel   delivery.Channel `json:"channel"`
	Else      delivery.Channel `json:"else,omitempty"`
	Why       string           `json:"why"` // why this person gets it
	Subject   string           `json:"subject"`
	Text      string           `json:"text"`
	HTML      string           `json:"html"`
	Slack     string           `json:"slack"` // JSON of the parent's blocks
	// Places are the numbered lines, and the first few of those without a number.
	Places []Place `json:"places"`
}

// Place is one line of a digest's list, and why it stands where it stands.
type Place struct {
	Number int    `json:"number"` // 0 is no number today
	Name   string `json:"name"`   // of the deal, or of what is told as one line
	Deals  int    `json:"deals"`  // in the line
	Reason string `json:"reason"` // why it has a number today, or why it has none
	Why    string `json:"why"`    // "high; in the commit; closes in 2 days"
	Sum    string `json:"sum"`    // "severity 200 + commit 60 = 260"
}

// SendRequest sends a digest now.
type SendRequest struct {
	Name  string `json:"name"`
	To    string `json:"to"` // send to this address instead: a test, marked as such
	Again bool   `json:"again"`
}

// SettleRequest says what became of a delivery in doubt.
type SettleRequest struct {
	ID      string `json:"id"`
	Arrived bool   `json:"arrived"` // false: it did not arrive
}

// SendResult is what became of one delivery of a SendRequest.
type SendResult struct {
	DeliveryStatus
	// Already is set when the period's digest had been sent before and nothing
	// was delivered now.
	Already bool `json:"already"`
}
