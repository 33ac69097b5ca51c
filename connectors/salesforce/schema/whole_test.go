package schema

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// describing returns the description of an object with the fields and the master record
// type.
func describing(fields ...string) string {
	var list []string
	for _, f := range fields {
		list = append(list, `{"name":"`+f+`","type":"string","filterable":true}`)
	}
	return `{"queryable":true,"fields":[` + strings.Join(list, ",") + `],"recordTypeInfos":[{"recordTypeId":"012000000000000AAA","name":"Master","master":true}]}`
}

// TestADescriptionThatWasCut: without a field that no permission hides a description is
// none, and says nothing of the other fields.
func TestADescriptionThatWasCut(t *testing.T) {
	for object, fields := range certain {
		for _, cut := range fields {
			o := acme()
			rest := slices.DeleteFunc(slices.Concat(fields, needed[object], []string{"SystemModstamp"}), func(f string) bool { return f == cut })
			o.answer["/sobjects/"+object+"/"] = describing(rest...)
			s, _ := opened(t, o, Config{})
			if _, err := s.Anew(t.Context(), object); !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "lacks "+cut) || s.Hidden(object) {
				t.Errorf("%s without %s: got %v, want busy", object, cut, err)
			}
		}
	}
}

// TestANeededFieldIsHidden: rows that do not name their deal or their day are not read, and
// the operator is told which field is hidden.
func TestANeededFieldIsHidden(t *testing.T) {
	for object, fields := range needed {
		for _, hidden := range fields {
			o := acme()
			rest := slices.DeleteFunc(slices.Concat(certain[object], fields), func(f string) bool { return f == hidden })
			o.answer["/sobjects/"+object+"/"] = describing(slices.Concat(rest, []string{"SystemModstamp"})...)
			s, _ := opened(t, o, Config{})
			if _, err := s.Object(t.Context(), object); !errors.Is(err, ErrNoObject) {
				t.Errorf("%s without %s: got %v, want no object", object, hidden, err)
			}
			if what, _ := s.Unseen(object); what != "the login cannot read the field "+hidden+" of "+object {
				t.Errorf("got %q", what)
			}
		}
	}
}

// TestLessIsAskedForTwice: a description that tells less than the one before is believed
// when the next answer says the same, within a composite, alone, and again the day after.
func TestLessIsAskedForTwice(t *testing.T) {
	less := map[string]string{
		"a field":       strings.Replace(deal, `{"name":"Amount","type":"currency","filterable":true},`, "", 1),
		"a record type": strings.Replace(deal, `,{"recordTypeId":"012000000000002AAA","name":"Old","developerName":"Old","active":false,"master":false}`, "", 1),
		"all of them":   deal[:strings.Index(deal, `,"recordTypeInfos"`)] + `}`,
		"hidden":        notSeen,
	}
	for name, body := range less {
		for _, apart := range []bool{false, true} {
			for _, times := range []int{1, 2} {
				o := acme()
				o.apart = apart
				s, now := opened(t, o, Config{})
				if _, err := s.Object(t.Context(), "Opportunity"); err != nil {
					t.Fatal(err)
				}
				for day := range 2 {
					*now = now.Add(25 * time.Hour)
					o.answer["/sobjects/Opportunity/"], o.next = body, nil
					if times == 1 {
						o.next = []string{body, deal}
					}
					got, err := s.Object(t.Context(), "Opportunity")
					whole := err == nil && got.Field("Amount") != nil && len(got.types) == 3
					if whole != (times == 1) {
						t.Errorf("%s, apart %v, %d times, day %d: believed %v, %v", name, apart, times, day, !whole, err)
					}
				}
			}
		}
	}
}
