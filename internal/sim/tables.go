package sim

import (
	"fmt"
	"io/fs"

	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

// LoadHubSpotTables makes a company without deals of its own and fills its
// HubSpot portal from tables as Fivetran's connector writes them: the files
// deal_data.csv and, if they are there, deal_pipeline, deal_pipeline_stage,
// deal_stage, owner, contact, deal_contact, merged_deal and engagement_call,
// _email, _meeting, _note, _task, _deal, _contact, all at the root of fsys.
// Columns called property_X become property X. Properties that a table does not hold
// stay null; a stage of an unknown pipeline adds a pipeline of that id; associations
// with records that are in no table are left out. Dates are not shifted, so opt.Start
// should lie after the dates.
func LoadHubSpotTables(fsys fs.FS, opt Options) (*Company, error) {
	opt.HubSpot = true
	c := empty(opt)
	c.clock.Lock()
	defer c.clock.Unlock()
	c.lived = c.opt.Start
	c.rec.Features[org.HubSpotLink] = true
	c.seedOrg()
	c.seedPeople()
	if err := c.portal.Load(fsys, c.opt.Start); err != nil {
		return nil, fmt.Errorf("load HubSpot tables: %w", err)
	}
	return c, nil
}
