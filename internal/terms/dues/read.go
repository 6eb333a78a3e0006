// SPDX-License-Identifier: Apache-2.0

package dues

import (
	"fmt"
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// KeyOf returns the key of a charge that exists, and false of one that nobody
// can tell: it says nothing, and has a name that no operator wrote. An error
// names the field that is no date.
func KeyOf(name string, spec *v1alpha1.ChargeSpec) (Key, bool, error) {
	if spec.Subject == nil {
		key, known := FromName(name, spec)
		return key, known, nil
	}
	key := Key{Type: spec.Type, Subject: Subject{spec.Subject.Kind, string(spec.Subject.Name)}}
	if group := spec.Group; group != nil {
		key.Group.Kind = group.Kind
		for _, field := range []struct {
			name string
			from v1alpha1.Date
			into *calendar.Date
		}{{"billingPeriod", group.BillingPeriod, &key.Group.Period}, {"on", group.On, &key.Group.On}} {
			if field.from == "" {
				continue
			}
			var err error
			if *field.into, err = calendar.ParseDate(string(field.from)); err != nil {
				return Key{}, false, fmt.Errorf("spec.group.%s: %w", field.name, err)
			}
		}
	}
	return key, true, nil
}

// FromName reads the key of a charge that was made before charges said what they
// are for. It is the only place that reads names, and reads none by halves: the
// key that it returns has this very name.
func FromName(name string, spec *v1alpha1.ChargeSpec) (Key, bool) {
	key := Key{Type: spec.Type}
	switch key.Type {
	case v1alpha1.ChargeReactivation:
		key = Reactivation(strings.TrimPrefix(name, reactivationPrefix))
	case v1alpha1.ChargeCredit:
		key = Credit(strings.TrimPrefix(name, creditPrefix))
	case v1alpha1.ChargeInvoiceFee:
		key = InvoiceFee(after(invoiceFeePrefix, name))
	case v1alpha1.ChargeExtraSeats:
		key = ExtraSeats("", after(extraSeatsPrefix, name))
	case v1alpha1.ChargeEarlyTermination:
		key = EarlyTermination(after(earlyTerminationPrefix, name))
	case v1alpha1.ChargeSessionsOverused:
		key = SessionsOverused(after(sessionsOverusedPrefix, name))
	case v1alpha1.ChargeRemoteWork, v1alpha1.ChargeOnSiteWork, v1alpha1.ChargeCallOut:
		key = Work(key.Type, strings.TrimSuffix(name, workSuffixes[key.Type]))
	case v1alpha1.ChargeDataExport:
		key = handover(name, spec.SourceRef)
	case v1alpha1.ChargeSubscription, v1alpha1.ChargeSurcharge:
		key = subscription(key.Type, name)
	}
	if key.Subject.Kind == "" || key.Name() != name {
		return Key{}, false
	}
	return key, true
}

// handover reads a charge for an export: only its source tells the volume of
// "leaving" from the fee for an export that is called "leaving-volume".
func handover(name string, source *v1alpha1.SourceReference) Key {
	export := strings.TrimPrefix(name, handoverPrefix)
	if source != nil && string(source.Name) != export {
		return HandoverVolume(string(source.Name))
	}
	return Handover(export)
}

// subscription reads a charge for a plan, its seats, workplaces, or the surcharge on them.
func subscription(kind v1alpha1.ChargeType, name string) Key {
	if rest, ok := strings.CutPrefix(name, planPrefix); ok {
		on, terms := cutDate(rest)
		return PlanEntry(terms, on)
	}
	period, rest := cutDate(strings.TrimPrefix(name, subscriptionPrefix))
	group := BillingPeriod(period)
	for cause, infix := range infixes {
		if day, ok := strings.CutPrefix("-"+rest, infix); ok {
			group.Kind = cause
			group.On, rest = cutDate(day)
			break // no infix begins as another does
		}
	}
	charged := subject(rest)
	if (kind == v1alpha1.ChargeSurcharge) != (charged == Payment) {
		return Key{}
	}
	return Key{kind, charged, group}
}

func subject(word string) Subject {
	if class, ok := strings.CutPrefix(word, classPrefix); ok {
		return Class(class)
	}
	for kind, known := range words {
		if word == known {
			return Subject{Kind: kind}
		}
	}
	return Subject{}
}

// after returns the date that follows a prefix; none if none does.
func after(prefix, name string) calendar.Date {
	date, _ := cutDate(strings.TrimPrefix(name, prefix))
	return date
}

// cutDate returns the date with which a text begins, and what stands after it and a dash.
func cutDate(text string) (calendar.Date, string) {
	date, err := calendar.ParseDate(text[:min(len(text), len(time.DateOnly))])
	if err != nil {
		return calendar.Date{}, text
	}
	return date, strings.TrimPrefix(text[len(time.DateOnly):], "-")
}
