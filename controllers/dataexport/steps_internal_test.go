// SPDX-License-Identifier: Apache-2.0

package dataexport

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	for name, object := range map[string]*v1alpha1.DataExport{
		"open":     {},
		"complete": {Status: v1alpha1.DataExportStatus{CompletedAt: &metav1.Time{}}},
	} {
		if err := (&visit{export: object}).steps().Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
