// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/agreement/agreementtest"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/facts/factstest"
)

// TestStagesComeAfterTheirNeeds: the order that is written is one that the needs allow.
func TestStagesComeAfterTheirNeeds(t *testing.T) {
	t.Parallel()
	done := map[string]bool{}
	for _, stage := range stages {
		for _, need := range stage.needs {
			if !done[need] {
				t.Errorf("%s needs %s, which does not judge before it", stage.name, need)
			}
		}
		if done[stage.name] {
			t.Errorf("there are two stages %s", stage.name)
		}
		done[stage.name] = true
	}
}

// TestNeedsAreAll: any order that the needs allow gives the same standing, so
// that no stage reads what it does not say.
func TestNeedsAreAll(t *testing.T) {
	t.Parallel()
	equal := cmp.Options{
		cmp.Comparer(decimal.Decimal.Equal),
		// Of two things that come at one moment, the stage that judges first tells its own.
		cmpopts.IgnoreFields(Transition{}, "What"),
	}
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 7))
		terms := agreementtest.TotalDesk(t, anyTerms(random))
		terms.Contract.Trial = pick(random, nil, &agreement.Trial{
			Period: calendar.Period{Days: 14}, AtEnd: v1alpha1.TrialEndSuspend,
		},
			&agreement.Trial{Period: calendar.Period{Days: 14}, AtEnd: v1alpha1.TrialEndEnd})
		facts := anyFacts(t, random)
		want := Stand(terms, facts)
		for range 5 {
			order := shuffled(random)
			got := stand(order, terms, facts)
			if diff := cmp.Diff(want, got, equal); diff != "" {
				t.Fatalf("seed %d: in the order %v the standing is another:\n%s", seed, names(order), diff)
			}
		}
	}
}

func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

// shuffled returns the stages in an order that their needs allow.
func shuffled(random *rand.Rand) []stage {
	var order []stage
	done := map[string]bool{}
	for len(order) < len(stages) {
		ready := slices.DeleteFunc(slices.Clone(stages), func(s stage) bool {
			return done[s.name] || slices.ContainsFunc(s.needs, func(need string) bool { return !done[need] })
		})
		next := pick(random, ready...)
		done[next.name] = true
		order = append(order, next)
	}
	return order
}

func names(order []stage) []string {
	var list []string
	for _, stage := range order {
		list = append(list, stage.name)
	}
	return list
}

func anyTerms(random *rand.Rand) func(*v1alpha1.ServiceTermsSpec) {
	return func(s *v1alpha1.ServiceTermsSpec) {
		s.Arrears.Termination = pick(random, v1alpha1.TerminationManual, v1alpha1.TerminationAutomatic)
		s.Arrears.DateBasis = pick(random, v1alpha1.IssuedOn, v1alpha1.DueOn)
		refused := pick(random, true, false)
		s.Contract = &v1alpha1.ContractTerms{
			MinimumTerm: pick[v1alpha1.Period](random, "", "P1M"), Renewal: pick[v1alpha1.Period](random, "", "P1M"),
			Notice:     &v1alpha1.NoticeTerms{Period: "P1M", To: v1alpha1.NoticeToEndOfTerm, RefusedDuringArrears: &refused},
			Withdrawal: &v1alpha1.WithdrawalTerms{Within: "P14D"},
		}
		s.Inactivity = &v1alpha1.InactivityTerms{EndAfter: pick[v1alpha1.Period](random, "P4W", "P1Y")}
		s.Retention.AfterEnd = pick[v1alpha1.Period](random, "P0D", "P8D")
		s.Billing = &v1alpha1.BillingTerms{Period: "P1M"}
		erases := pick(random, true, false)
		after := &v1alpha1.AfterPlanTerms{TermsRef: v1alpha1.Reference{Name: "free"}, EraseAboveCapacity: &erases}
		s.Plan = &v1alpha1.PlanTerms{Price: "9.00", AfterEnd: pick(random, nil, after)}
	}
}

func anyFacts(t *testing.T, random *rand.Rand) facts.Facts {
	t.Helper()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	today := calendar.Date{Year: 2026, Month: 11, Day: 20}
	ago := func() calendar.Date { return today.AddDays(-random.IntN(60)) }
	undated := factstest.Open(t, today.AddDays(-random.IntN(200)).String(), "1.00")
	undated.DueOn = pick(random, undated.DueOn, calendar.Date{})
	f := factstest.Owing(pick(random, now, now, now, now.AddDate(0, 0, -9)),
		pick(random, nil, []facts.Invoice{undated})...)
	f.Now, f.Tenant, f.TermsName, f.StartsOn = now, "jansen", "plus", pick(random, ago(), ago(), today.AddDays(3))
	f.PaymentDetailsOn = pick(random, calendar.Date{}, ago())
	f.NoticeReceivedOn = pick(random, calendar.Date{}, ago())
	f.WithdrawnOn = pick(random, calendar.Date{}, ago())
	f.TerminatedOn = pick(random, calendar.Date{}, ago())
	f.LastActive = pick(random, time.Time{}, now.AddDate(0, 0, -random.IntN(60)))
	f.Wish = pick(random, nil, &facts.PlanWish{
		Name: "other", Terms: agreementtest.TotalDesk(t, anyTerms(random)), RequestedOn: ago(),
	})
	f.Stored = 9
	f.Successor = pick(random, nil, agreementtest.TotalDesk(t),
		agreementtest.TotalDesk(t, func(s *v1alpha1.ServiceTermsSpec) {
			s.Plan = &v1alpha1.PlanTerms{Capacity: ptr.To(resource.MustParse("1"))}
		}))
	f.Suspensions = pick(random, nil, []facts.Suspension{
		{Name: "a", Cause: v1alpha1.CauseArrears, Since: now.AddDate(0, 0, -1)},
		{Name: "b", Cause: v1alpha1.CauseTrialEnded, Since: now.AddDate(0, 0, -1)},
	})
	return f
}
