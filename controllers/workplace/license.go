// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/usage"
)

// patience is how long a desktop may wait for its record before the workplace
// says so: the record usually comes in less time than a write would take.
const patience = 5 * time.Second

// judgeLicenses says whether the month's usage record holds the workplace and
// its user's licences: no desktop starts before (TD-14). A desktop that runs is
// left alone; what it needs is recorded all the same.
func (v *visit) judgeLicenses(ctx context.Context) error {
	if !v.access.OK() || !v.place.OK() {
		v.licensed = outcome.Stalled(v1alpha1.ReasonNoAccess, "no licence is counted while the user cannot reach the workplace")
		return nil
	}
	// What is counted by core is recorded once it is known which node runs the desktop.
	perUser, missing, err := entitlement.LookUp(ctx, v.Client, entitlement.Needs(v.class, v.workplace))
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		v.licensed = outcome.Stalled(v1alpha1.ReasonLicenseNotFound, fmt.Sprintf(
			"the License %s does not exist; create it, or take it out of spec.licenses of the workplace or of its class",
			strings.Join(missing, ", ")))
		return nil
	}
	compiled, wrong, err := standing.Terms(ctx, v.Client, v.tenant)
	if err != nil {
		return err
	}
	if wrong != nil {
		v.licensed = outcome.Stalled(wrong.Reason, "nothing starts that cannot be recorded: "+wrong.Message)
		return nil
	}
	recorded, err := v.recorded(ctx, licensing.MonthAt(v.Now, compiled.Zone), perUser)
	if err != nil {
		return err
	}
	// At a month's first moment the record of the new month is still on its way:
	// what was recorded in the last one stays licensed meanwhile.
	if recorded || v.pod != nil && meta.IsStatusConditionTrue(v.workplace.Status.Conditions, v1alpha1.ConditionLicensed) {
		v.licensed = outcome.Ready(v1alpha1.ReasonRecorded, "the month's usage record holds the workplace and its user's licences")
		return nil
	}
	v.licensed = outcome.Waiting(v1alpha1.ReasonRecording, "the desktop starts once the month's usage record holds its user")
	return nil
}

// recorded reports whether the record of the month holds everything. Should the
// clock have been set back, the latest month that is open is the one that counts.
func (v *visit) recorded(ctx context.Context, current licensing.Month, perUser []string) (bool, error) {
	months, err := usage.Months(ctx, v.Client, v.workplace.Namespace, client.UnsafeDisableDeepCopy)
	if err != nil || len(months) == 0 {
		return false, err
	}
	last := months[len(months)-1]
	if last.Month.Before(current) {
		return false, nil
	}
	book := last.Open()
	for _, license := range perUser {
		if !book.Holds(license, string(v.workplace.Spec.User.Username)) {
			return false, nil
		}
	}
	return book.HoldsWorkplace(v.workplace.Name, string(v.workplace.Spec.ClassRef.Name)), nil
}

// awaitRecord ends the pass without a word while a desktop should start that is
// not recorded yet, and for so short a time that there is nothing to say about it.
func (v *visit) awaitRecord(context.Context) error {
	key := client.ObjectKeyFromObject(v.workplace)
	if v.licensed.Reason != v1alpha1.ReasonRecording {
		v.waits.forget(key)
		return nil
	}
	until := v.waits.since(key, v.Now).Add(patience)
	if v.Now.Before(until) {
		v.Recheck(until)
		return v.Later()
	}
	return nil
}

// waits remembers since when workplaces wait for something.
type waits struct {
	mu    sync.Mutex
	first map[client.ObjectKey]time.Time
}

func (w *waits) since(key client.ObjectKey, now time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first == nil {
		w.first = map[client.ObjectKey]time.Time{}
	}
	if _, ok := w.first[key]; !ok {
		w.first[key] = now
	}
	return w.first[key]
}

func (w *waits) has(key client.ObjectKey) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.first[key]
	return ok
}

func (w *waits) forget(key client.ObjectKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.first, key)
}
