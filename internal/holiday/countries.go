package holiday

import (
	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// country is what the library knows of one country, by its ISO 3166 code.
type country struct {
	code, name string
	holidays   []*cal.Holiday // of the whole country; nil where each region has its own
	regions    map[string][]*cal.Holiday
}

// countries are those of the library, by code.
var countries = []country{
	{"ar", "Argentina", ar.Holidays, nil},
	{"at", "Austria", at.Holidays, nil},
	{"au", "Australia", nil, map[string][]*cal.Holiday{
		"act": au.HolidaysACT,
		"nsw": au.HolidaysNSW,
		"nt":  au.HolidaysNT,
		"qld": au.HolidaysQLD,
		"sa":  au.HolidaysSA,
		"tas": au.HolidaysTAS,
		"vic": au.HolidaysVIC,
		"wa":  au.HolidaysWA,
	}},
	{"be", "Belgium", be.Holidays, nil},
	{"bg", "Bulgaria", bg.Holidays, nil},
	{"br", "Brazil", br.Holidays, nil},
	{"ca", "Canada", ca.Holidays, nil},
	{"ch", "Switzerland", ch.Holidays, map[string][]*cal.Holiday{
		"zh": ch.HolidaysZH,
		"be": ch.HolidaysBE,
		"lu": ch.HolidaysLU,
		"ur": ch.HolidaysUR,
		"sz": ch.HolidaysSZ,
		"ow": ch.HolidaysOW,
		"nw": ch.HolidaysNW,
		"gl": ch.HolidaysGL,
		"zg": ch.HolidaysZG,
		"fr": ch.HolidaysFR,
		"so": ch.HolidaysSO,
		"bs": ch.HolidaysBS,
		"bl": ch.HolidaysBL,
		"sh": ch.HolidaysSH,
		"ar": ch.HolidaysAR,
		"ai": ch.HolidaysAI,
		"sg": ch.HolidaysSG,
		"gr": ch.HolidaysGR,
		"ag": ch.HolidaysAG,
		"tg": ch.HolidaysTG,
		"vd": ch.HolidaysVD,
		"ti": ch.HolidaysTI,
		"vs": ch.HolidaysVS,
		"ne": ch.HolidaysNE,
		"ge": ch.HolidaysGE,
		"ju": ch.HolidaysJU,
	}},
	{"cz", "Czechia", cz.Holidays, nil},
	{"de", "Germany", de.Holidays, map[string][]*cal.Holiday{
		"bw": de.HolidaysBW,
		"by": de.HolidaysBY,
		"be": de.HolidaysBE,
		"bb": de.HolidaysBB,
		"hb": de.HolidaysHB,
		"hh": de.HolidaysHH,
		"he": de.HolidaysHE,
		"mv": de.HolidaysMV,
		"ni": de.HolidaysNI,
		"nw": de.HolidaysNW,
		"rp": de.HolidaysRP,
		"sl": de.HolidaysSL,
		"sn": de.HolidaysSN,
		"st": de.HolidaysST,
		"sh": de.HolidaysSH,
		"th": de.HolidaysTH,
	}},
	{"dk", "Denmark", dk.Holidays, nil},
	{"es", "Spain", es.Holidays, nil},
	{"fr", "France", fr.Holidays, nil},
	{"gb", "United Kingdom", gb.Holidays, nil},
	{"gr", "Greece", gr.Holidays, nil},
	{"hr", "Croatia", hr.Holidays, nil},
	{"ie", "Ireland", ie.Holidays, nil},
	{"it", "Italy", it.Holidays, nil},
	{"jp", "Japan", jp.Holidays, nil},
	{"lt", "Lithuania", lt.Holidays, nil},
	{"lv", "Latvia", lv.Holidays, nil},
	{"mw", "Malawi", mw.Holidays, nil},
	{"nl", "Netherlands", nl.Holidays, nil},
	{"no", "Norway", no.Holidays, nil},
	{"nz", "New Zealand", nz.Holidays, nil},
	{"pl", "Poland", pl.Holidays, nil},
	{"ro", "Romania", ro.Holidays, nil},
	{"ru", "Russia", ru.Holidays, nil},
	{"se", "Sweden", se.Holidays, nil},
	{"si", "Slovenia", si.Holidays, nil},
	{"sk", "Slovakia", sk.Holidays, nil},
	{"ua", "Ukraine", ua.Holidays, nil},
	{"us", "United States", us.Holidays, nil},
	{"za", "South Africa", za.Holidays, nil},
}
