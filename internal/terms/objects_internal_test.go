// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func standardClass() *v1alpha1.WorkplaceClass {
	return &v1alpha1.WorkplaceClass{
		ObjectMeta: metav1.ObjectMeta{Name: "standard"},
		Spec: v1alpha1.WorkplaceClassSpec{
			DisplayName: "Standard desktop", Licenses: []v1alpha1.LicenseName{"rds"}, Home: v1alpha1.HomeSpec{Size: resource.MustParse("20Gi")},
			Price: &v1alpha1.ClassPrice{Amount: "39.00", Currency: "EUR", Per: "P1M", Changes: []v1alpha1.PriceChange{{From: "2027-01-01", Amount: "45.00"}}},
		},
	}
}

func placeAt(name string, created time.Time) v1alpha1.Workplace {
	return v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(created)},
		Spec:       v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: v1alpha1.Username(name)}, ClassRef: v1alpha1.Reference{Name: "standard"}},
	}
}

// TestAddWorkplaces: dates in the zone, homes as they are, and activity only
// where all of it is known.
func TestAddWorkplaces(t *testing.T) {
	t.Parallel()
	zone := totaldesk(t).Zone
	evening := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC) // 2 March in Amsterdam
	last := metav1.NewTime(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC))
	anna, piet := placeAt("anna", evening), placeAt("piet", evening)
	anna.Status.Activity = &v1alpha1.Activity{LastActive: &last}
	anna.Status.Home = &v1alpha1.HomeStatus{Size: ptr.To(resource.MustParse("40Gi"))}
	classes := Classes{"standard": standardClass()}

	f := Facts{StartsOn: Date{Year: 2026, Month: 1, Day: 15}}
	if err := f.AddWorkplaces(zone, []v1alpha1.Workplace{anna, piet}, classes); err != nil {
		t.Fatal(err)
	}
	if got := f.Workplaces[0]; got.CreatedOn != (Date{Year: 2026, Month: 3, Day: 2}) || got.Title != "Standard desktop" || got.Per != (Period{Months: 1}) || len(got.Prices) != 2 || got.Prices[1].From != (Date{Year: 2027, Month: 1, Day: 1}) {
		t.Errorf("workplace is %+v", got)
	}
	if want := int64(60) << 30; f.Stored != want {
		t.Errorf("stored %d, want %d", f.Stored, want)
	}
	if !f.LastActive.IsZero() {
		t.Errorf("active at %s, though one workplace's activity is not known", f.LastActive)
	}
	piet.Status.Activity = &v1alpha1.Activity{LastActive: ptr.To(metav1.NewTime(last.Add(-time.Hour)))}
	if err := f.AddWorkplaces(zone, []v1alpha1.Workplace{anna, piet}, classes); err != nil || !f.LastActive.Equal(last.Time) {
		t.Errorf("active at %s (%v), want %s", f.LastActive, err, last)
	}
	if err := f.AddWorkplaces(zone, nil, classes); err != nil || !f.LastActive.Equal(f.StartsOn.Start(zone)) {
		t.Errorf("without workplaces active at %s (%v), want the contract's start", f.LastActive, err)
	}
}

// TestAddSubjects: classes and reported licences, and the rights that follow.
func TestAddSubjects(t *testing.T) {
	t.Parallel()
	terms := totaldesk(t, func(s *v1alpha1.ServiceTermsSpec) {
		s.PriceChange = &v1alpha1.PriceChangeTerms{ExitAbovePercent: "10", ExitNotice: "P3M"}
	})
	anna := placeAt("anna", time.Now())
	anna.Spec.Licenses = []v1alpha1.LicenseName{"own", "gone"}
	f := Facts{StartsOn: Date{Year: 2026, Month: 1, Day: 15}}
	err := f.AddSubjects(terms, []v1alpha1.Workplace{anna}, Classes{"standard": standardClass()}, Licenses{
		"rds": {Spec: v1alpha1.LicenseSpec{Agreement: v1alpha1.AgreementSPLA, Prices: []v1alpha1.LicensePrice{{From: "2026-01-01", Amount: "6.10", Currency: "EUR"}}}},
		"own": {Spec: v1alpha1.LicenseSpec{Agreement: v1alpha1.AgreementCustomerOwned}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Subjects) != 2 || f.Subjects[0].Title() != "Standard desktop" || f.Subjects[1].Name != "rds" {
		t.Errorf("subjects are %+v, want the class and the reported licence", f.Subjects)
	}
	if len(f.Rights) != 1 || f.Rights[0].Percent != "15.38" {
		t.Errorf("rights are %+v, want one over 15.38 percent", f.Rights)
	}
}

// TestAddRecords: charges, notices and sessions as their objects state them.
func TestAddRecords(t *testing.T) {
	t.Parallel()
	zone := totaldesk(t).Zone
	var f Facts
	if err := f.AddCharges([]v1alpha1.Charge{{
		ObjectMeta: metav1.ObjectMeta{Name: "subscription-2026-03-01-plan"},
		Spec: v1alpha1.ChargeSpec{
			Type: v1alpha1.ChargeSubscription, On: "2026-03-01", Quantity: "1", Amount: "12.50",
			Period: &v1alpha1.DateSpan{From: "2026-03-01", Until: "2026-03-31"},
		},
		Status: v1alpha1.ChargeStatus{Invoice: &v1alpha1.ChargedInvoice{Number: "7", IssuedOn: "2026-03-02"}},
	}}); err != nil {
		t.Fatal(err)
	}
	charge, _ := f.Charges.Named("subscription-2026-03-01-plan")
	if charge.Amount.String() != "12.5" || charge.From != (Date{Year: 2026, Month: 3, Day: 1}) || charge.Until != (Date{Year: 2026, Month: 3, Day: 31}) || charge.Invoice != "7" || charge.IssuedOn != (Date{Year: 2026, Month: 3, Day: 2}) {
		t.Errorf("charge is %+v", charge)
	}
	if err := f.AddCharges([]v1alpha1.Charge{{Spec: v1alpha1.ChargeSpec{On: "soon"}}}); err == nil {
		t.Error("a charge without a date was read")
	}
	sent := metav1.NewTime(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	f.AddNotices([]v1alpha1.Notice{{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Status: v1alpha1.NoticeStatus{SentAt: &sent}}, {ObjectMeta: metav1.ObjectMeta{Name: "b"}}})
	if at, ok := f.Notices["b"]; !ok || !at.IsZero() || !f.Notices["a"].Equal(sent.Time) {
		t.Errorf("notices are %v", f.Notices)
	}
	session := func(name string, minutes int, covered *bool) v1alpha1.SupportSession {
		ended := metav1.NewTime(sent.Add(time.Duration(minutes) * time.Minute))
		return v1alpha1.SupportSession{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.SupportSessionSpec{CoveredByAgreement: covered},
			Status: v1alpha1.SupportSessionStatus{StartedAt: &sent, EndedAt: &ended},
		}
	}
	open := session("open", 5, nil)
	open.Status.EndedAt = nil
	f.AddSessions(zone, []v1alpha1.SupportSession{session("long", 50, nil), session("short", 20, ptr.To(true)), session("charged", 10, ptr.To(false)), open})
	if len(f.Sessions) != 2 || f.Sessions[0].Name != "short" || f.Sessions[1].Worked != 50*time.Minute {
		t.Errorf("sessions are %+v, want the two covered ones in the order of their ends", f.Sessions)
	}
}

// TestErasedForSmallerPlan: what was erased before the end proves nothing after it (EC-6).
func TestErasedForSmallerPlan(t *testing.T) {
	t.Parallel()
	at := metav1.NewTime(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	for rule, erased := range map[string]bool{v1alpha1.ErasureRuleSmallerPlan: false, "retention.afterEnd P90D": true} {
		tenant := &v1alpha1.Tenant{}
		tenant.Status.Erasure = &v1alpha1.ErasureStatus{At: &at, Rule: rule}
		tenant.Status.Conditions = v1alpha1.Conditions{{Type: v1alpha1.ConditionContractActive, Status: metav1.ConditionFalse, Reason: string(v1alpha1.EndNotice)}}
		if f, err := FactsOf(at.Time, time.UTC, tenant, nil, nil); err != nil || f.Erased != erased {
			t.Errorf("erased under %s, then ended: erased is %t (%v), want %t", rule, f.Erased, err, erased)
		}
	}
}
