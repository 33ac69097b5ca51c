package store

import (
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
)

// Accept returns what is to be stored of a source whose cache was filled as have
// says and that says it is info now. Another account is refused with
// crm.ErrAccount; an account that is not known ("") is any, and is not forgotten.
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
