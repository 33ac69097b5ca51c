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
// Columns called property_X become property X. What a table does not hold stays
// null; a stage of an unknown pipeline brings a pipeline of that id along;
// associations with records that are in no table are left out. Dates stay as
// they are, so opt.Start should lie after them.
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
