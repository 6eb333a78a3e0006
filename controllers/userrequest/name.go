// SPDX-License-Identifier: Apache-2.0

package userrequest

import (
	"strconv"
	"strings"

	"werkplek.dev/werkplek/api/v1alpha1"
)

const (
	// nameAtMost is how long a workplace's name may be.
	nameAtMost = 40
	// hostAtMost is how long the label <workplace>--<tenant> of its host name may be.
	hostAtMost = 63
)

// workplaceName returns the nth name to try for a user's workplace: what precedes
// the @ of the username, as far as a host name can hold it.
func workplaceName(user v1alpha1.Username, tenant string, n int) string {
	local, _, _ := strings.Cut(string(user), "@")
	words := strings.FieldsFunc(strings.ToLower(local), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	name, suffix := strings.Join(words, "-"), ""
	if name == "" {
		name = "user"
	}
	if n > 1 {
		suffix = "-" + strconv.Itoa(n)
	}
	room := min(nameAtMost, hostAtMost-len("--")-len(tenant)) - len(suffix)
	return strings.TrimRight(name[:min(len(name), room)], "-") + suffix
}
