// SPDX-License-Identifier: Apache-2.0

package backup

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

func TestDue(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, anchor, every, now, last, next string }{
		{"before the first", "2026-01-31T10:00:00Z", "P1D", "2026-02-01T09:59:59Z", "", "2026-02-01T10:00:00Z"},
		{"at the first", "2026-01-31T10:00:00Z", "P1D", "2026-02-01T10:00:00Z", "2026-02-01T10:00:00Z", "2026-02-02T10:00:00Z"},
		{"a month's end that is shorter", "2026-01-31T10:00:00Z", "P1M", "2026-03-01T00:00:00Z", "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z"},
		{"and it does not wander", "2026-01-31T10:00:00Z", "P1M", "2026-04-29T00:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z"},
		{"29 February", "2024-02-29T00:00:00Z", "P1Y", "2026-03-01T00:00:00Z", "2026-02-28T00:00:00Z", "2027-02-28T00:00:00Z"},
		{"29 February again", "2024-02-29T00:00:00Z", "P1Y", "2028-03-01T00:00:00Z", "2028-02-29T00:00:00Z", "2029-02-28T00:00:00Z"},
		{"the day on which Amsterdam's clocks go back", "2026-10-01T00:30:00Z", "P1D", "2026-10-25T01:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T00:30:00Z"},
		{"hours", "2026-10-25T00:00:00Z", "PT6H", "2026-10-26T05:59:59Z", "2026-10-26T00:00:00Z", "2026-10-26T06:00:00Z"},
		{"weeks, long after", "2020-02-29T12:00:00Z", "P2W", "2026-11-26T18:00:00Z", "2026-11-14T12:00:00Z", "2026-11-28T12:00:00Z"},
		{"minutes, for years", "2020-01-01T00:00:00Z", "PT15M", "2026-11-26T18:07:00Z", "2026-11-26T18:00:00Z", "2026-11-26T18:15:00Z"},
		{"a clock that was set back", "2026-11-26T18:00:00Z", "P1D", "2026-11-01T00:00:00Z", "", "2026-11-27T18:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			every, err := calendar.ParsePeriod(test.every)
			if err != nil {
				t.Fatal(err)
			}
			last, next := Due(at(t, test.anchor), every, at(t, test.now))
			if !last.Equal(at(t, test.last)) || !next.Equal(at(t, test.next)) {
				t.Errorf("last %s, next %s; want %s and %s", last, next, test.last, test.next)
			}
		})
	}
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	parsed, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestNameFits(t *testing.T) {
	t.Parallel()
	if name := Name(strings.Repeat("a", 40), at(t, "2026-11-26T18:00:00Z")); len(name) > 63 || !strings.HasSuffix(name, "a-20261126-180000") {
		t.Errorf("the name is %s", name)
	}
}

func TestSuperseded(t *testing.T) {
	t.Parallel()
	make := func(states ...string) []snapshotv1.VolumeSnapshot {
		var all []snapshotv1.VolumeSnapshot
		for i, state := range states { // the oldest first
			s := snapshotv1.VolumeSnapshot{ObjectMeta: metav1.ObjectMeta{
				Name:   Name("anna", time.Date(2026, 11, 1+i, 0, 0, 0, 0, time.UTC)),
				Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelWorkplace: "anna"},
			}}
			switch state {
			case "usable":
				s.Status = &snapshotv1.VolumeSnapshotStatus{ReadyToUse: ptr.To(true)}
			case "failed":
				s.Status = &snapshotv1.VolumeSnapshotStatus{ReadyToUse: ptr.To(false)}
			case "going":
				s.Status, s.DeletionTimestamp = &snapshotv1.VolumeSnapshotStatus{ReadyToUse: ptr.To(true)}, ptr.To(metav1.Now())
			case "another's":
				s.Labels[v1alpha1.LabelWorkplace] = "omar"
			case "by hand":
				delete(s.Labels, v1alpha1.LabelManagedBy)
			}
			all = append(all, s)
		}
		return all
	}
	for _, test := range []struct {
		name string
		all  []snapshotv1.VolumeSnapshot
		keep int
		want []string
	}{
		{"fewer than to keep", make("usable", "usable"), 3, nil},
		{"the oldest goes", make("usable", "usable", "usable"), 2, []string{"home-anna-20261101-000000"}},
		{"failed ones take no place", make("usable", "usable", "failed", "failed"), 2, nil},
		{"old failed ones go too", make("failed", "usable", "usable"), 2, []string{"home-anna-20261101-000000"}},
		{"one that is coming takes no place", make("usable", "usable", "coming"), 1, []string{"home-anna-20261101-000000"}},
		{"others' stay", make("another's", "by hand", "going", "usable", "usable"), 1, []string{"home-anna-20261104-000000"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range Superseded(test.all, "anna", test.keep) {
				got = append(got, s.Name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
