// SPDX-License-Identifier: Apache-2.0

package userrequest

import (
	"testing"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	if err := (&visit{}).steps().Check(); err != nil {
		t.Error(err)
	}
}
