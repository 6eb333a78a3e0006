// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"encoding/json"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// summary writes terms on one line.
func summary(spec *v1alpha1.ServiceTermsSpec) string {
	text, err := json.Marshal(spec)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
