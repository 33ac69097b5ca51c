package salesforce

import (
	"testing"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
)

func TestResolve(t *testing.T) {
	const short, long = "0065g00000AbCdE", "0065g00000AbCdEAAV"
	if l, ok := row.LongID(short); !ok || l != long {
		t.Fatalf("LongID(%s) = %s, %v; the cases below want %s", short, l, ok, long)
	}
	s := &Source{}
	for _, c := range []struct{ ref, want string }{
		{short, long},
		{long, long},
		{"  " + long + "\n", long},
		{"https://acme.lightning.force.com/lightning/r/Opportunity/" + long + "/view", long},
		{"https://acme.lightning.force.com/lightning/r/Opportunity/" + short + "/view?ws=1#x", long},
		{"https://acme.my.salesforce.com/" + short, long},
		{"https://acme--uat.sandbox.lightning.force.com/lightning/r/Opportunity/" + long + "/view", long},
		{"https://acme.lightning.force.com/lightning/r/Account/0015g00000AbCdE/view", ""},
		{"0015g00000AbCdE", ""},
		{"https://app.hubspot.com/contacts/1/record/0-3/123456", ""},
		{"Globex renewal", ""},
		{"", ""},
	} {
		if got := s.Resolve(c.ref); got != c.want {
			t.Errorf("Resolve(%q) = %q, want %q", c.ref, got, c.want)
		}
	}
}
