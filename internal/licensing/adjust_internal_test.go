// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"strings"
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func TestRoll(t *testing.T) {
	t.Parallel()
	adjust := func(tenant, user string, quantity int64) v1alpha1.ReportAdjustment {
		return v1alpha1.ReportAdjustment{License: "rds", Tenant: tenant, Username: v1alpha1.Username(user), Quantity: quantity, Reason: "a ticket"}
	}
	for name, test := range map[string]struct {
		before, adjustments []v1alpha1.ReportAdjustment
		want                string // what the error says; empty: none
	}{
		"who is counted goes":               {nil, []v1alpha1.ReportAdjustment{adjust("jansen", "anna", -1)}, ""},
		"who is missing comes":              {nil, []v1alpha1.ReportAdjustment{adjust("jansen", "eva", 1)}, ""},
		"one for another":                   {nil, []v1alpha1.ReportAdjustment{adjust("jansen", "anna", -1), adjust("jansen", "eva", 1)}, ""},
		"a quantity alone":                  {nil, []v1alpha1.ReportAdjustment{adjust("", "", -7)}, ""},
		"who went comes again":              {[]v1alpha1.ReportAdjustment{adjust("jansen", "anna", -1)}, []v1alpha1.ReportAdjustment{adjust("jansen", "anna", 1)}, ""},
		"who never was there":               {nil, []v1alpha1.ReportAdjustment{adjust("jansen", "nobody", -1)}, "the report does not count that user"},
		"who is exempt":                     {nil, []v1alpha1.ReportAdjustment{adjust("jansen", "test", -1)}, "the report does not count that user"},
		"who went before":                   {[]v1alpha1.ReportAdjustment{adjust("jansen", "anna", -1)}, []v1alpha1.ReportAdjustment{adjust("jansen", "anna", -1)}, "does not count that user"},
		"who goes twice":                    {nil, []v1alpha1.ReportAdjustment{adjust("jansen", "anna", -1), adjust("jansen", "anna", -1)}, "does not count that user"},
		"who is there":                      {nil, []v1alpha1.ReportAdjustment{adjust("jansen", "anna", 1)}, "is counted for rds already"},
		"of another tenant":                 {nil, []v1alpha1.ReportAdjustment{adjust("zonen", "anna", -1)}, "tenant zonen has no usage records of the month"},
		"of no tenant":                      {nil, []v1alpha1.ReportAdjustment{adjust("", "anna", -1)}, "say which in tenant"},
		"more than one of somebody":         {nil, []v1alpha1.ReportAdjustment{adjust("jansen", "eva", 4)}, "counts for one, and the adjustment is by 4"},
		"several at once are all mentioned": {nil, []v1alpha1.ReportAdjustment{adjust("jansen", "x", -1), adjust("jansen", "y", -1)}, "user y of tenant jansen"},
	} {
		roll := NewRoll()
		if err := roll.Add("jansen", Record{Name: "2026-11", Status: &v1alpha1.UsageRecordStatus{Users: []v1alpha1.UserUsage{
			{License: "rds", Username: "anna"}, {License: "rds", Username: "test", Exemption: "tests"},
		}}}); err != nil {
			t.Fatal(err)
		}
		roll.Adjusted(test.before)
		err := roll.Check(test.adjustments)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: the error is %v, want one with %q", name, err, test.want)
		}
	}
}
