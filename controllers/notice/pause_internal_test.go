// SPDX-License-Identifier: Apache-2.0

package notice

import (
	"math"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func TestPause(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int32]time.Duration{
		0: time.Minute, 1: time.Minute, 2: 2 * time.Minute, 3: 4 * time.Minute, 6: 32 * time.Minute, 7: time.Hour, 8: time.Hour, math.MaxInt32: time.Hour,
	} {
		if got := pause(attempts); got != want {
			t.Errorf("after %d attempts: %s, want %s", attempts, got, want)
		}
	}
}

func TestMessageID(t *testing.T) {
	t.Parallel()
	notice := func(namespace, name, uid string) *v1alpha1.Notice {
		n := &v1alpha1.Notice{}
		n.ObjectMeta = metav1.ObjectMeta{Namespace: namespace, Name: name, UID: "x"}
		if uid != "" {
			n.UID = "y"
		}
		return n
	}
	first := messageID(notice("tenant-jansen", "welcome", ""), "a.example")
	if again := messageID(notice("tenant-jansen", "welcome", ""), "a.example"); again != first {
		t.Errorf("two ids of one notice: %s, %s", first, again)
	}
	for _, other := range []*v1alpha1.Notice{notice("tenant-jansen", "welcome", "y"), notice("tenant-jansen", "suspended", ""), notice("tenant-smit", "welcome", "")} {
		if messageID(other, "a.example") == first {
			t.Errorf("%s/%s has the id of another notice", other.Namespace, other.Name)
		}
	}
	moved := notice("tenant-jansen", "welcome", "")
	moved.Status.MessageID = "<" + first + ">"
	if got := messageID(moved, "b.example"); got != first {
		t.Errorf("the sender's new domain makes another message: %s", got)
	}
}
