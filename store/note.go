package store

// Names of notes that more than one package knows.
const (
	// NoteStarted is when the first evaluation was made (RFC 3339): the first days count
	// from then.
	NoteStarted = "started"
	// NoteTeams is the teams and their IDs (JSON). The ledger has the IDs.
	NoteTeams = "teams"
	// NoteSalvaged is when the journal was salvaged (RFC 3339), where the ledger may lack
	// periods that were begun before. A period without a row may have been sent.
	NoteSalvaged = "salvaged"
)
