// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/agreement/agreementtest"
)

func standardClass() *v1alpha1.WorkplaceClass {
	return &v1alpha1.WorkplaceClass{
		ObjectMeta: metav1.ObjectMeta{Name: "standard"},
		Spec: v1alpha1.WorkplaceClassSpec{
			DisplayName: "Standard desktop", Licenses: []v1alpha1.LicenseName{"rds"},
			Home: v1alpha1.HomeSpec{Size: resource.MustParse("20Gi")},
			Price: &v1alpha1.ClassPrice{
				Amount: "39.00", Currency: "EUR", Per: "P1M",
				Changes: []v1alpha1.PriceChange{{From: "2027-01-01", Amount: "45.00"}},
			},
		},
	}
}

func placeAt(name string, created time.Time) v1alpha1.Workplace {
	return v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(created)},
		Spec: v1alpha1.WorkplaceSpec{
			User: v1alpha1.Person{Username: v1alpha1.Username(name)}, ClassRef: v1alpha1.Reference{Name: "standard"},
		},
	}
}

// readAll returns the sources of a tenant of whom everything was read, and nothing
// is there but what a test edits.
func readAll(edits ...func(*Sources)) *Sources {
	s := &Sources{
		Tenant:  &v1alpha1.Tenant{Spec: v1alpha1.TenantSpec{TermsRef: v1alpha1.Reference{Name: "hosted"}}},
		Account: Seen[*v1alpha1.BillingAccount](nil), Suspensions: Seen[[]v1alpha1.Suspension](nil),
		ResellerSuspended: Seen(false),
		Charges:           Seen[[]v1alpha1.Charge](nil), Notices: Seen[[]v1alpha1.Notice](nil),
		Workplaces: Seen[[]v1alpha1.Workplace](nil),
		Classes:    Seen[Classes](nil), Licenses: Seen[Licenses](nil), Sessions: Seen[[]v1alpha1.SupportSession](nil),
		Requests: Seen[[]v1alpha1.UserRequest](nil), Homes: Seen[[]Home](nil), Below: Seen[[]v1alpha1.Workplace](nil),
		Unreported: Seen(""),
	}
	s.Tenant.Name = "jansen"
	s.Tenant.CreationTimestamp = metav1.NewTime(time.Date(2026, 1, 15, 8, 0, 0, 0, time.UTC))
	for _, edit := range edits {
		edit(s)
	}
	return s
}

// factsOf reads sources under terms like TotalDesk's, unless others are given.
func factsOf(t *testing.T, held *agreement.Terms, edits ...func(*Sources)) (Facts, error) {
	t.Helper()
	if held == nil {
		held = agreementtest.TotalDesk(t)
	}
	return Read(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Book{"hosted": held}, readAll(edits...))
}

// TestReadWorkplaces: dates in the zone, homes as they are, and activity only
// where all of it is known.
func TestReadWorkplaces(t *testing.T) {
	t.Parallel()
	evening := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC) // 2 March in Amsterdam
	last := metav1.NewTime(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC))
	anna, piet := placeAt("anna", evening), placeAt("piet", evening)
	anna.Status.Activity = &v1alpha1.Activity{LastActive: &last}
	anna.Status.Home = &v1alpha1.HomeStatus{Size: ptr.To(resource.MustParse("40Gi"))}
	piet.Spec.Access = v1alpha1.AccessBlocked
	with := func(workplaces ...v1alpha1.Workplace) Facts {
		t.Helper()
		f, err := factsOf(t, nil, func(s *Sources) {
			s.Workplaces, s.Classes = Seen(workplaces), Seen(Classes{"standard": standardClass()})
		})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}

	f := with(anna, piet)
	if got := f.Workplaces[0]; got.CreatedOn != (calendar.Date{Year: 2026, Month: 3, Day: 2}) ||
		!got.CreatedAt.Equal(evening) ||
		got.Title != "Standard desktop" ||
		got.Per != (calendar.Period{Months: 1}) || len(got.Prices) != 2 ||
		got.Prices[1].From != (calendar.Date{Year: 2027, Month: 1, Day: 1}) || got.Blocked {
		t.Errorf("workplace is %+v", got)
	}
	if !f.Workplaces[1].Blocked {
		t.Error("piet is blocked, and the facts do not say so")
	}
	if want := int64(60) << 30; f.Stored != want {
		t.Errorf("stored %d, want %d", f.Stored, want)
	}
	if !f.LastActive.IsZero() {
		t.Errorf("active at %s, though one workplace's activity is not known", f.LastActive)
	}
	piet.Status.Activity = &v1alpha1.Activity{LastActive: ptr.To(metav1.NewTime(last.Add(-time.Hour)))}
	if f := with(anna, piet); !f.LastActive.Equal(last.Time) {
		t.Errorf("active at %s, want %s", f.LastActive, last)
	}
}

// TestReadSubjects: classes and reported licences, and the rights that follow.
func TestReadSubjects(t *testing.T) {
	t.Parallel()
	held := agreementtest.TotalDesk(t, func(s *v1alpha1.ServiceTermsSpec) {
		s.PriceChange = &v1alpha1.PriceChangeTerms{ExitAbovePercent: "10", ExitNotice: "P3M"}
	})
	anna := placeAt("anna", time.Now())
	anna.Spec.Licenses = []v1alpha1.LicenseName{"own", "gone"}
	f, err := factsOf(t, held, func(s *Sources) {
		s.Workplaces, s.Classes = Seen([]v1alpha1.Workplace{anna}), Seen(Classes{"standard": standardClass()})
		s.Licenses = Seen(Licenses{
			"rds": {Spec: v1alpha1.LicenseSpec{
				Agreement: v1alpha1.AgreementSPLA,
				Prices:    []v1alpha1.LicensePrice{{From: "2026-01-01", Amount: "6.10", Currency: "EUR"}},
			}},
			"own": {Spec: v1alpha1.LicenseSpec{Agreement: v1alpha1.AgreementCustomerOwned}},
		})
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

// TestReadRecords: charges, notices and sessions as their objects state them.
func TestReadRecords(t *testing.T) {
	t.Parallel()
	sent := metav1.NewTime(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	session := func(name string, minutes int, covered *bool) v1alpha1.SupportSession {
		ended := metav1.NewTime(sent.Add(time.Duration(minutes) * time.Minute))
		return v1alpha1.SupportSession{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.SupportSessionSpec{CoveredByAgreement: covered},
			Status: v1alpha1.SupportSessionStatus{StartedAt: &sent, EndedAt: &ended},
		}
	}
	open := session("open", 5, nil)
	open.Status.EndedAt = nil
	f, err := factsOf(t, nil, func(s *Sources) {
		s.Charges = Seen([]v1alpha1.Charge{{
			ObjectMeta: metav1.ObjectMeta{Name: "subscription-2026-03-01-plan"},
			Spec: v1alpha1.ChargeSpec{
				Type: v1alpha1.ChargeSubscription, On: "2026-03-01", Quantity: "1", Amount: "12.50",
				Period: &v1alpha1.DateSpan{From: "2026-03-01", Until: "2026-03-31"},
			},
			Status: v1alpha1.ChargeStatus{Invoice: &v1alpha1.ChargedInvoice{Number: "7", IssuedOn: "2026-03-02"}},
		}})
		s.Notices = Seen([]v1alpha1.Notice{
			{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Status: v1alpha1.NoticeStatus{SentAt: &sent}},
			{ObjectMeta: metav1.ObjectMeta{Name: "b"}},
		})
		s.Sessions = Seen([]v1alpha1.SupportSession{
			session("long", 50, nil), session("short", 20, ptr.To(true)), session("charged", 10, ptr.To(false)), open,
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	charge, _ := f.Charges.Named("subscription-2026-03-01-plan")
	if charge.Amount.String() != "12.5" || charge.From != (calendar.Date{Year: 2026, Month: 3, Day: 1}) ||
		charge.Until != (calendar.Date{Year: 2026, Month: 3, Day: 31}) ||
		charge.Invoice != "7" || charge.IssuedOn != (calendar.Date{Year: 2026, Month: 3, Day: 2}) {
		t.Errorf("charge is %+v", charge)
	}
	if at, ok := f.Notices["b"]; !ok || !at.IsZero() || !f.Notices["a"].Equal(sent.Time) {
		t.Errorf("notices are %v", f.Notices)
	}
	if len(f.Sessions) != 2 || f.Sessions[0].Name != "short" || f.Sessions[1].Worked != 50*time.Minute {
		t.Errorf("sessions are %+v, want the two covered ones in the order of their ends", f.Sessions)
	}
	if _, err := factsOf(t, nil,
		func(s *Sources) { s.Charges = Seen([]v1alpha1.Charge{{Spec: v1alpha1.ChargeSpec{On: "soon"}}}) }); err == nil {
		t.Error("a charge without a date was read")
	}
}

// TestUnread: what was not read is no empty list. Without what decides where a
// tenant stands there are no facts; without the rest the facts say what is missing.
func TestUnread(t *testing.T) {
	t.Parallel()
	for want, forget := range map[string]func(*Sources){
		"billing account":        func(s *Sources) { s.Account = Known[*v1alpha1.BillingAccount]{} },
		"suspensions":            func(s *Sources) { s.Suspensions = Known[[]v1alpha1.Suspension]{} },
		"resellers' suspensions": func(s *Sources) { s.ResellerSuspended = Known[bool]{} },
		"charges":                func(s *Sources) { s.Charges = Known[[]v1alpha1.Charge]{} },
		"notices":                func(s *Sources) { s.Notices = Known[[]v1alpha1.Notice]{} },
		"workplaces":             func(s *Sources) { s.Workplaces = Known[[]v1alpha1.Workplace]{} },
		"classes":                func(s *Sources) { s.Classes = Known[Classes]{} },
		"licences":               func(s *Sources) { s.Licenses = Known[Licenses]{} },
	} {
		f, err := factsOf(t, nil, forget)
		var unread *UnreadError
		if !errors.As(err, &unread) || !slices.Equal(unread.Unread, []string{want}) {
			t.Errorf("without its %s: %v, want an error that names them", want, err)
		}
		if !f.LastActive.IsZero() || f.Tenant != "" {
			t.Errorf("without its %s there are facts: %+v", want, f)
		}
	}
	reseller := func(s *Sources) { s.Tenant.Spec.Reseller = ptr.To(true) }
	gone := func(s *Sources) {
		s.Tenant.Status.Erasure = &v1alpha1.ErasureStatus{}
		s.Tenant.Status.Conditions = v1alpha1.Conditions{{Type: v1alpha1.ConditionErased, Status: metav1.ConditionTrue}}
	}
	for _, c := range []struct {
		want   string
		forget []func(*Sources)
	}{
		{"support sessions", []func(*Sources){func(s *Sources) { s.Sessions = Known[[]v1alpha1.SupportSession]{} }}},
		{"requests", []func(*Sources){func(s *Sources) { s.Requests = Known[[]v1alpha1.UserRequest]{} }}},
		{"homes", []func(*Sources){func(s *Sources) { s.Homes = Known[[]Home]{} }}},
		{"sub-organisations", []func(*Sources){reseller, func(s *Sources) { s.Below = Known[[]v1alpha1.Workplace]{} }}},
		{"", []func(*Sources){func(s *Sources) { s.Below = Known[[]v1alpha1.Workplace]{} }}}, // it has none
		{"usage records", []func(*Sources){gone, func(s *Sources) { s.Unreported = Known[string]{} }}},
		{"", []func(*Sources){func(s *Sources) { s.Unreported = Known[string]{} }}}, // nothing is to be left yet
		{"", nil},
	} {
		if f, err := factsOf(t, nil, c.forget...); err != nil || strings.Join(f.Unread, ", ") != c.want {
			t.Errorf("unread is %q (%v), want %q", f.Unread, err, c.want)
		}
	}
}

// TestReadHomes: a home tells whose it is, and since when its workplace is gone.
func TestReadHomes(t *testing.T) {
	t.Parallel()
	claim := func(noted string) *metav1.ObjectMeta {
		return &metav1.ObjectMeta{
			Name: "home-anna", Labels: map[string]string{v1alpha1.LabelWorkplace: "anna"},
			Annotations: map[string]string{v1alpha1.AnnotationUsername: "anna.jansen", v1alpha1.AnnotationRemovedOn: noted},
		}
	}
	if got, want := HomeOf(claim("2026-11-20")), (Home{Claim: "home-anna", Workplace: "anna", Username: "anna.jansen",
		RemovedOn: calendar.Date{Year: 2026, Month: 11, Day: 20}}); got != want {
		t.Errorf("home is %+v, want %+v", got, want)
	}
	if got := HomeOf(claim("yesterday")); !got.RemovedOn.IsZero() ||
		!strings.Contains(got.Unreadable, "annotation werkplek.dev/removed-on of claim home-anna") {
		t.Errorf("home is %+v, want one whose day cannot be read", got)
	}
	if got := HomeOf(claim("")); !got.RemovedOn.IsZero() || got.Unreadable != "" {
		t.Errorf("home is %+v, want one whose workplace is there", got)
	}
}

// TestShutOut: a suspension shuts out whoever had a workplace when it came into
// force, of the tenant and below it, each user once, and nobody who was blocked (TD-10).
func TestShutOut(t *testing.T) {
	t.Parallel()
	zone := agreementtest.TotalDesk(t).Zone
	made := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	f := Facts{
		Workplaces: []Workplace{
			{Username: "anna", CreatedAt: made.Add(-time.Hour)},
			{Username: "anna", CreatedOn: calendar.Date{Year: 2026, Month: 11, Day: 2}},
			{Username: "piet", CreatedAt: made}, {Username: "late", CreatedAt: made.Add(time.Second)},
			{Username: "blocked", CreatedAt: made.Add(-time.Hour), Blocked: true},
		},
		Below: []Member{
			{Username: "anna", Since: made.Add(-time.Hour)}, {Username: "els", Since: made.Add(-time.Hour)},
			{Username: "late below", Since: made.Add(time.Second)},
			{Username: "blocked below", Since: made.Add(-time.Hour), Blocked: true},
		},
	}
	if got := f.ShutOut(&Suspension{Since: made.AddDate(0, 0, -1), MadeAt: made}, zone); got != 3 {
		t.Errorf("%d users were shut out, want anna, piet and els", got)
	}
	if got := f.ShutOut(&Suspension{Since: made.AddDate(0, 0, -1)}, zone); got != 0 {
		t.Errorf("a day before %d users were shut out, want none: nobody had a workplace", got)
	}
}

// TestErasedForSmallerPlan: what was erased before the end proves nothing after it (EC-6).
func TestErasedForSmallerPlan(t *testing.T) {
	t.Parallel()
	at := metav1.NewTime(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	for rule, erased := range map[string]bool{v1alpha1.ErasureRuleSmallerPlan: false, "retention.afterEnd P90D": true} {
		f, err := factsOf(t, nil, func(s *Sources) {
			s.Tenant.Status.Erasure = &v1alpha1.ErasureStatus{At: &at, Rule: rule}
			s.Tenant.Status.Conditions = v1alpha1.Conditions{{
				Type: v1alpha1.ConditionContractActive, Status: metav1.ConditionFalse, Reason: string(v1alpha1.EndNotice),
			}}
		})
		if err != nil || f.Erased != erased {
			t.Errorf("erased under %s, then ended: erased is %t (%v), want %t", rule, f.Erased, err, erased)
		}
	}
}
