package store

import (
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// Accept returns the Info to store of a source: have is the Info in the cache, info
// is what the source says now. Another type or another account than that of have is
// refused with crm.ErrAccount. An unknown account ("") is accepted for any, and a
// known account in have is kept.
func Accept(source string, have, info crm.Info) (crm.Info, error) {
	if have.Type != "" && have.Type != info.Type {
		return have, fmt.Errorf("source %q: %w: the cache holds %s data and this is %s; give the source another name, or move cache.db away to read everything again",
			source, crm.ErrAccount, have.Type, info.Type)
	}
	if have.Account != "" && info.Account != "" && have.Account != info.Account {
		return have, fmt.Errorf("source %q: %w: the cache was filled from %s and these credentials lead to %s; correct them, give the source another name, or move cache.db away to read everything again",
			source, crm.ErrAccount, have.Account, info.Account)
	}
	if info.Account == "" {
		info.Account = have.Account
	}
	return info, nil
}

// Remapped are the tracked fields that the configuration takes from another field of the
// account than before.
func Remapped(have, info *crm.Info) (fields []crm.Field) {
	if have.Type == "" {
		return nil
	}
	for _, f := range crm.Tracked {
		if !strings.EqualFold(have.Mapped[string(f)], info.Mapped[string(f)]) {
			fields = append(fields, f)
		}
	}
	return fields
}
