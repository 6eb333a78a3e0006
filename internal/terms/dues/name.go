// SPDX-License-Identifier: Apache-2.0

package dues

import "werkplek.dev/werkplek/api/v1alpha1"

// Name writes the name of a charge. Names never change: a charge that exists is
// found under its name by whoever makes it again. Nobody reads one, but for
// charges that say nothing else (see FromName).
func (k Key) Name() string {
	switch k.Type {
	case v1alpha1.ChargeReactivation:
		return reactivationPrefix + k.Subject.Name
	case v1alpha1.ChargeCredit:
		return creditPrefix + k.Subject.Name
	case v1alpha1.ChargeInvoiceFee:
		return invoiceFeePrefix + k.Group.Period.String()
	case v1alpha1.ChargeExtraSeats:
		return extraSeatsPrefix + k.Group.On.String()
	case v1alpha1.ChargeEarlyTermination:
		return earlyTerminationPrefix + k.Group.On.String()
	case v1alpha1.ChargeSessionsOverused:
		return sessionsOverusedPrefix + k.Group.On.String()
	case v1alpha1.ChargeRemoteWork, v1alpha1.ChargeOnSiteWork, v1alpha1.ChargeCallOut:
		return k.Subject.Name + workSuffixes[k.Type]
	case v1alpha1.ChargeDataExport:
		if k.Subject.Kind == v1alpha1.SubjectVolume {
			return handoverPrefix + k.Subject.Name + volumeSuffix
		}
		return handoverPrefix + k.Subject.Name
	}
	if k.Group.Kind == v1alpha1.GroupPlanEntry {
		return planPrefix + k.Group.On.String() + "-" + k.Subject.Name
	}
	return subscriptionPrefix + k.Group.Period.String() + k.Group.infix() + "-" + k.Subject.word()
}

const (
	reactivationPrefix     = "reactivation-"
	creditPrefix           = "credit-"
	invoiceFeePrefix       = "invoice-fee-"
	extraSeatsPrefix       = "extra-seats-"
	earlyTerminationPrefix = "early-termination-"
	sessionsOverusedPrefix = "sessions-overused-"
	handoverPrefix         = "hand-over-"
	volumeSuffix           = "-volume"
	planPrefix             = "plan-"
	subscriptionPrefix     = "subscription-"
	classPrefix            = "class-"
)

var workSuffixes = map[v1alpha1.ChargeType]string{
	v1alpha1.ChargeRemoteWork: "-remote-work",
	v1alpha1.ChargeOnSiteWork: "-on-site-work",
	v1alpha1.ChargeCallOut:    "-call-out",
}

// infixes stand between a billing period and a day in it.
var infixes = map[v1alpha1.ChargeGroupKind]string{
	v1alpha1.GroupWorkplacesAdded: "-added-",
	v1alpha1.GroupSeatsAdded:      "-seats-added-",
	v1alpha1.GroupPlanChange:      "-changed-",
}

func (g Group) infix() string {
	if infix := infixes[g.Kind]; infix != "" {
		return infix + g.On.String()
	}
	return ""
}

// words stand for what is charged in a period; a class also has its name.
var words = map[v1alpha1.ChargeSubjectKind]string{
	v1alpha1.SubjectPlan:    "plan",
	v1alpha1.SubjectSeats:   "seats",
	v1alpha1.SubjectPayment: "surcharge",
}

func (s Subject) word() string {
	if s.Kind == v1alpha1.SubjectClass {
		return classPrefix + s.Name
	}
	return words[s.Kind]
}
