// SPDX-License-Identifier: Apache-2.0

package tidings

import (
	"strings"

	"werkplek.dev/werkplek/internal/calendar"
)

// The names of notices follow from their causes, so that none can exist twice.

// WelcomeName names the one notice that greets a tenant.
const WelcomeName = "welcome"

// SuspensionWarningName names the warning of the suspension that would begin on a day.
func SuspensionWarningName(suspendsOn calendar.Date) string {
	return "suspension-warning-" + suspendsOn.String()
}

// SuspendedName and ResumedName name the notices of one suspension.
func SuspendedName(suspension string) string { return "suspended-" + suspension }
func ResumedName(suspension string) string   { return "resumed-" + suspension }

// TrialEndingName names the reminder of the end of a trial on a day.
func TrialEndingName(endsOn calendar.Date) string { return "trial-ending-" + endsOn.String() }

// InactivityWarningName names the warning to a tenant that was last active on a day.
func InactivityWarningName(lastActive calendar.Date) string {
	return "inactivity-warning-" + lastActive.String()
}

// ClosureAnnouncementName names the announcement of the erasure on a day.
func ClosureAnnouncementName(eraseOn calendar.Date) string {
	return "closure-announcement-" + eraseOn.String()
}

// HomeAnnouncementName names the announcement that the home of a workplace which
// was removed is erased on a day.
func HomeAnnouncementName(workplace string, eraseOn calendar.Date) string {
	return ClosureAnnouncementName(eraseOn) + "-" + workplace
}

// ErasedName names the notice that data was erased which was to go on a day.
func ErasedName(eraseOn calendar.Date) string { return "erased-" + eraseOn.String() }

// NoticeAcceptedName and NoticeRefusedName name the answers to the tenant's own
// notice, received on a day.
func NoticeAcceptedName(receivedOn calendar.Date) string {
	return "notice-" + receivedOn.String() + "-accepted"
}
func NoticeRefusedName(receivedOn calendar.Date) string {
	return "notice-" + receivedOn.String() + "-refused"
}

// PriceChangeName names the notice of a price that changes on a day.
func PriceChangeName(kind, name string, from calendar.Date) string {
	return "price-change-" + strings.ToLower(kind) + "-" + name + "-" + from.String()
}

// TermsChangeName names the notice of terms that change on a day.
func TermsChangeName(from calendar.Date) string { return "terms-change-" + from.String() }

// PlanChangedName names the notice of a plan that holds from a day on.
func PlanChangedName(from calendar.Date) string { return "plan-changed-" + from.String() }

// SeatsExceededName names the notice of more users than seats in the billing period that begins on a day.
func SeatsExceededName(period calendar.Date) string { return "seats-exceeded-" + period.String() }

// RequestReceivedName and RequestAnsweredName name the notices of one request.
func RequestReceivedName(request string) string { return "request-received-" + request }
func RequestAnsweredName(request string) string { return "request-answered-" + request }
