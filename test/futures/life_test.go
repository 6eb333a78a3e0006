// SPDX-License-Identifier: Apache-2.0

package futures

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/forecast"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/test/cluster"
)

// life is one tenant's, as it is lived on the API server.
type life struct {
	client.Client
	mail client.Client // may say that a notice was sent
	dice
	seed    uint64
	tenant  string
	terms   []v1alpha1.ServiceTerms
	history *history
	end     time.Time

	open  []v1alpha1.OpenInvoice // what billing knows
	last  *v1alpha1.SentInvoice
	pokes int

	sim *forecast.Sim // after all was foretold
}

const (
	anna = "anna@example.com"
	bob  = "bob@example.com"
	carl = "carl@example.com"
)

// below is the name of its sub-organisation, and of that one's terms.
func (l *life) below() string { return named(l.seed, "below") }

func (l *life) namespace() string { return v1alpha1.NamespaceFor(l.tenant) }

// begin makes a tenant under random terms, and invents its history.
func begin(t *testing.T, seed uint64, start time.Time) *life {
	t.Helper()
	d := roll(seed)
	l := &life{Client: cluster.Shared().Client, dice: d, seed: seed, tenant: named(seed, "t"), terms: d.provider(t, seed)}
	l.mail = cluster.Shared().As(cluster.Manager, "system:masters")
	ctx := t.Context()
	var plans []string
	for i := range l.terms {
		plans = append(plans, l.terms[i].Name)
		must(t, l.Create(ctx, l.terms[i].DeepCopy()))
	}
	agreed := l.terms[d.IntN(len(l.terms))]
	for class, amount := range map[string]v1alpha1.Price{"small": "13.37", "large": "39.00"} {
		must(t, l.Create(ctx, &v1alpha1.WorkplaceClass{
			ObjectMeta: metav1.ObjectMeta{Name: named(seed, class)},
			Spec: v1alpha1.WorkplaceClassSpec{
				Desktop: v1alpha1.DesktopSpec{Image: "registry.example.com/desktop:1"},
				Home:    v1alpha1.HomeSpec{Size: resource.MustParse("1Gi")},
				Price:   &v1alpha1.ClassPrice{Amount: amount, Currency: agreed.Spec.Currency, Per: "P1M"},
			},
		}))
	}
	kind := pick(d, v1alpha1.Business, v1alpha1.Consumer)
	if plan := agreed.Spec.Plan; plan != nil && len(plan.ForTypes) > 0 {
		kind = plan.ForTypes[0]
	}
	must(t, l.Create(ctx, &v1alpha1.Tenant{
		ObjectMeta: metav1.ObjectMeta{Name: l.tenant},
		Spec: v1alpha1.TenantSpec{
			Type: kind, TermsRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(agreed.Name)},
			Contact:     &v1alpha1.Person{Username: "t@example.com", Email: "t@example.com"},
			DirectDebit: ptr.To(d.chance(50)), Reseller: ptr.To(true),
		},
	}), l.Create(ctx, &v1alpha1.ServiceTerms{
		ObjectMeta: metav1.ObjectMeta{Name: l.below()},
		Spec:       v1alpha1.ServiceTermsSpec{TimeZone: agreed.Spec.TimeZone, Currency: agreed.Spec.Currency},
	}), l.Create(ctx, &v1alpha1.Tenant{
		ObjectMeta: metav1.ObjectMeta{Name: l.below()},
		Spec: v1alpha1.TenantSpec{
			TermsRef: reference(l.below()), ResellerRef: ptr.To(reference(l.tenant)),
			Contact: &v1alpha1.Person{Username: "s@example.com"},
		},
	}))
	zone, err := time.LoadLocation(agreed.Spec.TimeZone)
	must(t, err)
	l.history = &history{dice: d, zone: zone, start: calendar.DateAt(start, zone), plans: plans}
	l.end = start.AddDate(0, 0, days)
	return l
}

// move gives the tenant its workplaces, of one user or more, and lets it go on from there.
func (l *life) move(ctx context.Context) error {
	for n := range 1 + l.IntN(3) {
		name := fmt.Sprintf("w%d", n)
		l.history.present = append(l.history.present, name)
		user, class := pick[v1alpha1.Username](l.dice, anna, bob), named(l.seed, pick(l.dice, "small", "large"))
		if err := l.workplace(ctx, l.namespace(), name, user, class); err != nil {
			return err
		}
	}
	for name, user := range map[string]v1alpha1.Username{"anna": anna, "carl": carl} {
		err := l.workplace(ctx, v1alpha1.NamespaceFor(l.below()), name, user, named(l.seed, "small"))
		if err != nil {
			return err
		}
	}
	l.history.invent()
	return nil
}

// workplace makes one.
func (l *life) workplace(ctx context.Context, namespace, name string, user v1alpha1.Username, class string) error {
	return l.Create(ctx, &v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: user}, ClassRef: reference(class)},
	})
}

// access blocks a workplace, or takes that back; one that is gone stays gone.
func (l *life) access(ctx context.Context, namespace, name string, blocked bool) error {
	workplace := &v1alpha1.Workplace{}
	if err := l.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, workplace); err != nil {
		return client.IgnoreNotFound(err)
	}
	base := workplace.DeepCopy()
	workplace.Spec.Access = v1alpha1.AccessAllowed
	if blocked {
		workplace.Spec.Access = v1alpha1.AccessBlocked
	}
	return client.IgnoreNotFound(l.Patch(ctx, workplace, client.MergeFrom(base)))
}

// furnished says why the tenant or its sub-organisation has no namespace or no
// billing account yet, if so.
func (l *life) furnished(ctx context.Context) error {
	for _, name := range []string{l.tenant, l.below()} {
		tenant := &v1alpha1.Tenant{}
		if err := l.Get(ctx, client.ObjectKey{Name: name}, tenant); err != nil {
			return err
		}
		if !meta.IsStatusConditionTrue(tenant.Status.Conditions, v1alpha1.ConditionReady) {
			return fmt.Errorf("tenant %s says %+v", name, tenant.Status.Conditions)
		}
		if err := l.Get(ctx, client.ObjectKey{Name: name}, &v1alpha1.BillingAccount{}); err != nil {
			return err
		}
	}
	return nil
}

// foretell tells the whole future, and returns its moments.
func (l *life) foretell(t *testing.T, now time.Time) []time.Time {
	t.Helper()
	sim, err := forecast.Of(now, l.terms, l.sources(t, now))
	must(t, err)
	l.sim = sim.Assume(forecast.ByEvents).InUse(false)
	moments := map[time.Time]bool{}
	for _, one := range l.history.all {
		l.sim.Do(one.Event)
		moments[one.At.UTC()] = true
	}
	for _, entry := range l.sim.Until(l.end) {
		moments[entry.At.UTC()] = true
	}
	if err := l.sim.Err(); err != nil {
		t.Fatalf("%v\n%s", err, l)
	}
	var list []time.Time
	for at := range moments {
		if at.After(now) && !at.After(l.end) {
			list = append(list, at)
		}
	}
	return append(list, l.end.UTC())
}

// sources reads what the future follows from, as the operator does.
func (l *life) sources(t *testing.T, now time.Time) *facts.Sources {
	t.Helper()
	tenant := &v1alpha1.Tenant{}
	must(t, l.Get(t.Context(), client.ObjectKey{Name: l.tenant}, tenant))
	reader := reading.Tenants{From: l, Live: l, Children: l.children}
	sources, err := reader.Sources(t.Context(), now, tenant)
	must(t, err)
	// Of what the operator did in this first moment nothing is known beforehand.
	sources.Tenant.Status = v1alpha1.TenantStatus{}
	sources.Charges, sources.Notices = facts.Seen[[]v1alpha1.Charge](nil), facts.Seen[[]v1alpha1.Notice](nil)
	sources.Suspensions = facts.Seen[[]v1alpha1.Suspension](nil)
	return sources
}

// children returns the sub-organisations of a reseller.
func (l *life) children(ctx context.Context, reseller string) ([]v1alpha1.Tenant, error) {
	var all v1alpha1.TenantList
	err := l.List(ctx, &all)
	return slices.DeleteFunc(all.Items, func(t v1alpha1.Tenant) bool {
		return t.Spec.ResellerRef == nil || string(t.Spec.ResellerRef.Name) != reseller
	}), err
}

// happens does what happens at a moment.
func (l *life) happens(ctx context.Context, at time.Time) error {
	for _, one := range l.history.all {
		if one.At.Equal(at) {
			if err := one.do(ctx, l); err != nil {
				return fmt.Errorf("%s: %w", one.What, err)
			}
		}
	}
	return nil
}

// report lets billing report, and the mail server take what is to be sent. It
// returns how many notices it took.
func (l *life) report(ctx context.Context, at time.Time) (int, error) {
	l.pokes++
	account := &v1alpha1.BillingAccount{ObjectMeta: metav1.ObjectMeta{Name: l.tenant}}
	if l.open == nil {
		l.open = []v1alpha1.OpenInvoice{} // none is a report, too
	}
	status := map[string]any{"asOf": metav1.NewTime(at), "openInvoices": l.open, "lastInvoice": l.last}
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return 0, err
	}
	if err := l.Status().Patch(ctx, account, client.RawPatch(types.MergePatchType, patch)); err != nil {
		return 0, err
	}
	poke := fmt.Sprintf(`{"metadata":{"annotations":{"example.com/poke":"%d"}}}`, l.pokes)
	if err := l.Patch(ctx, account, client.RawPatch(types.MergePatchType, []byte(poke))); err != nil {
		return 0, err
	}
	return l.deliver(ctx, at)
}

func (l *life) deliver(ctx context.Context, at time.Time) (int, error) {
	var notices v1alpha1.NoticeList
	if err := l.List(ctx, &notices, client.InNamespace(l.namespace())); err != nil {
		return 0, err
	}
	sent := 0
	for i := range notices.Items {
		notice := &notices.Items[i]
		if notice.Status.SentAt != nil || notice.DeletionTimestamp != nil {
			continue
		}
		base := notice.DeepCopy()
		notice.Status.SentAt = ptr.To(metav1.NewTime(at))
		if err := l.mail.Status().Patch(ctx, notice, client.MergeFrom(base)); client.IgnoreNotFound(err) != nil {
			return 0, err
		}
		sent++
	}
	return sent, nil
}

// seen says why the operator does not know of the last report yet, if so.
func (l *life) seen(ctx context.Context, cache client.Reader) error {
	account := &v1alpha1.BillingAccount{}
	if err := cache.Get(ctx, client.ObjectKey{Name: l.tenant}, account); err != nil {
		return err
	}
	if got := account.Annotations["example.com/poke"]; got != fmt.Sprint(l.pokes) {
		return fmt.Errorf("the operator has seen report %s of %d of %s", got, l.pokes, l.tenant)
	}
	return nil
}

// going names what is being deleted of the tenant.
func (l *life) going(ctx context.Context, cache client.Reader) error {
	lists := []client.ObjectList{&corev1.PodList{}, &corev1.PersistentVolumeClaimList{}, &v1alpha1.WorkplaceList{}}
	for _, list := range lists {
		if err := cache.List(ctx, list, client.InNamespace(l.namespace())); err != nil {
			return err
		}
		items, err := meta.ExtractList(list)
		if err != nil {
			return err
		}
		for _, item := range items {
			if object := item.(client.Object); object.GetDeletionTimestamp() != nil {
				return fmt.Errorf("%T %s is being deleted", object, object.GetName())
			}
		}
	}
	return nil
}

// settle lets the world around the operator report until nothing follows from it any more.
func settle(t *testing.T, o *operator, lives []*life) {
	t.Helper()
	at := o.clock.Now()
	cluster.Eventually(t, soon, "the operator at rest at "+written(at), func(ctx context.Context) error {
		writes := o.writes.Load()
		var taken atomic.Int64
		err := each(lives, func(l *life) error {
			sent, err := l.report(ctx, at)
			taken.Add(int64(sent))
			return err
		})
		if err != nil {
			return err
		}
		err = o.idle(ctx, func(ctx context.Context) error {
			for _, l := range lives {
				if err := errors.Join(l.seen(ctx, o.cache), l.going(ctx, o.cache)); err != nil {
					return err
				}
			}
			return nil
		})
		if now := o.writes.Load(); err == nil && (now != writes || taken.Load() > 0) {
			return fmt.Errorf("%d writes followed from %d notices and what came before", now-writes, taken.Load())
		}
		return err
	})
}

// each does something for all lives, side by side.
func each(lives []*life, do func(*life) error) error {
	faults := make([]error, len(lives))
	var group sync.WaitGroup
	for i, l := range lives {
		group.Go(func() { faults[i] = do(l) })
	}
	group.Wait()
	return errors.Join(faults...)
}

// compare fails unless what was foretold is what was done.
func (l *life) compare(t *testing.T, o *operator) {
	ctx := t.Context()
	tenant := &v1alpha1.Tenant{}
	must(t, l.Get(ctx, client.ObjectKey{Name: l.tenant}, tenant))
	foretold, stand := l.sim.Facts(), l.sim.Standing()
	want := append(l.foretold(), standing(
		foretold.TermsName, stand.EndsOn.String(), string(stand.EndReason), foretold.Erased))
	ends, why := "", ""
	if c := tenant.Status.Contract; c != nil {
		ends, why = string(c.EndsOn), string(c.EndReason)
	}
	got := append(o.done(l.namespace()), standing(string(tenant.TermsNow()), ends, why, tenant.Erased()))
	if diff := cmp.Diff(want, got); diff != "" {
		written, err := yaml.Marshal(tenant)
		must(t, err)
		t.Errorf("what was foretold (-) is not what was done (+):\n%s\n"+
			"run it again with %s=%d; its terms and history:\n%s\nits Tenant in the end:\n%s",
			diff, seedVariable, l.seed, l, written)
	}
}

func standing(terms, endsOn, why string, erased bool) string {
	return fmt.Sprintf("in the end: terms %s, ends on %q because of %q, erased: %t", terms, endsOn, why, erased)
}

// foretold are the acts that the forecast tells of, in order.
func (l *life) foretold() []string {
	charges := map[string]*v1alpha1.ChargeSpec{}
	for _, charge := range l.sim.Charges() {
		charges[charge.Name] = &charge.Spec
	}
	var acts []string
	for _, entry := range l.sim.Entries() {
		var act string
		switch entry.What {
		case forecast.Suspends, forecast.Lifts, forecast.Tells:
			act = string(entry.What) + " " + entry.Name
		case forecast.Charges:
			act = charged(entry.Name, charges[entry.Name])
		default:
			continue
		}
		acts = append(acts, written(entry.At)+" "+act)
	}
	slices.Sort(acts)
	return acts
}

// String returns the tenant's terms and history.
func (l *life) String() string {
	var b strings.Builder
	for i := range l.terms {
		spec, err := yaml.Marshal(&l.terms[i].Spec)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(&b, "%s:\n%s", l.terms[i].Name, spec)
	}
	return b.String() + l.history.String()
}
