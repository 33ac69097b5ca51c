package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// Negotiate chooses another version of the API if the org does not have ours: the newest
// that the org has. It reports whether the version has changed. The error names the
// versions when none is new enough for what Pipetidy reads.
//
// An org without our version answers to every request that the resource does not exist,
// so it is asked for its versions only then: a call that most orgs never see.
func (c *Client) Negotiate(ctx context.Context) (changed bool, err error) {
	a, err := c.Get(ctx, "/services/data", false)
	if err != nil {
		return false, err
	}
	var list []struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(a.Body, &list); err != nil || len(list) == 0 {
		return false, c.Unreadable(errors.New("the list of API versions has another form"))
	}
	ours := *c.version.Load()
	newest := 0
	for _, v := range list {
		if "v"+v.Version == ours {
			return false, nil
		}
		whole, ok := strings.CutSuffix(v.Version, ".0")
		if n, err := strconv.Atoi(whole); ok && err == nil && n < 1000 {
			newest = max(newest, n)
		}
	}
	if newest < minVersion {
		return false, c.Fail(crm.ErrRefused, fmt.Sprintf("the newest API version of this org is v%d.0, and Pipetidy requires v%d.0 or later", newest, minVersion),
			"check that url is the org's My Domain address; Salesforce gives every org three versions a year, so ask the Salesforce administrator what answers here")
	}
	version := fmt.Sprintf("v%d.0", newest)
	c.version.Store(&version)
	c.Refusals.Forget() // of a version that does not exist
	return true, nil
}
