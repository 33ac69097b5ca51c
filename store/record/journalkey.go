package record

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// The buckets of journal.db that hold records. The comments of record.proto say what is in
// them, and under which keys.
const (
	Findings    = "findings"
	Generations = "generations"
	Snapshots   = "snapshots"
	Deliveries  = "deliveries"
	Pending     = "deliveries_pending"
	Periods     = "periods"
	Readers     = "readers"
	Parks       = "parks"
	Notes       = "notes"
)

// FindingRange is the beginning of the keys of all findings on opportunities of a
// source.
func FindingRange(source string) []byte {
	return Words(nil, source, string(crm.KindOpportunity), "")
}

// FindingKey is the key of the life of a finding, or says why it cannot be one.
func FindingKey(k hygiene.Key) ([]byte, error) {
	if err := CheckWords("finding", k.Source, string(k.Kind), k.Rule, k.Subject); err != nil {
		return nil, err
	}
	if err := CheckID(k.Kind, k.Record); err != nil {
		return nil, err
	}
	b := Words(nil, k.Source, string(k.Kind), "")
	b = append(AppendID(b, k.Record), 0)
	return Words(b, k.Rule, k.Subject), nil
}

// SnapshotRange is the beginning of the keys of all snapshots of a source.
func SnapshotRange(source string) []byte { return Words(nil, source, "") }

// SnapshotKey is the key of a snapshot; the snapshots of a source sort by time.
func SnapshotKey(source string, at time.Time) []byte {
	return AppendInstant(SnapshotRange(source), at)
}

// PeriodKey is the key of a row of the period ledger; rows sort by date.
func PeriodKey(digest, team string, d crm.Date) []byte {
	return Words(AppendDay(nil, d), digest, team)
}

// ReaderKey is the key of a reader's baseline.
func ReaderKey(digest, team, recipient string) []byte {
	return Words(nil, digest, team, recipient)
}
