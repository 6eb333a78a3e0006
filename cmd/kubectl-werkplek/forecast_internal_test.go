// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/prose"
)

const samples = "../../config/samples/terms"

// today is the day on which the forecasts of these tests are made.
var today = clocktesting.NewFakePassiveClock(time.Date(2026, 11, 26, 11, 0, 0, 0, time.UTC))

// jansen returns the objects of a tenant that owes an invoice of 1 October.
func jansen(t *testing.T) []client.Object {
	t.Helper()
	objects, err := readObjects(nil, "testdata/jansen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// foretell runs the forecast command on what files say.
func foretell(t *testing.T, o forecastOptions, form string) (string, error) {
	t.Helper()
	objects, err := fromFiles(jansen(t), "")
	if err != nil {
		t.Fatal(err)
	}
	return foretellOf(objects, o, form)
}

func foretellOf(objects *objects, o forecastOptions, form string) (string, error) {
	var out bytes.Buffer
	if o.until == "" {
		o.until = aYear
	}
	err := o.run(&output{form: form}, &out, today.Now(), objects)
	return out.String(), err
}

// TestForecast: what happens if nothing changes, and if something does.
func TestForecast(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ifs     []string
		until   string
		want    []string
		without []string
	}{
		"nothing changes": {
			want:    []string{"2026-12-02  Suspend", "2027-02-02  TerminationAllowed", "The tenant is then Suspended.", "What is open today stays open (1 invoice)."},
			without: []string{"Lift"},
		},
		"it pays in time": {
			ifs: []string{"paid 2026-0815 on 2026-12-01"}, want: []string{"2026-12-01  Event", "The tenant is then Active."}, without: []string{"Suspend ", "Reactivation"},
		},
		"it pays too late and leaves": {
			ifs: []string{"notice on 2026-12-23", "paid 2026-0815 on 2026-12-20"}, until: "2027-06-30",
			want: []string{
				"2026-12-20  Charge    EUR 25.00: Reactivation after suspension arrears-2026-12-02", "2026-12-20  Lift",
				"the agreement ends on 2027-02-01", "2027-02-01  End", "2027-03-03  Erase", "The tenant is then Erased.",
			},
		},
		"it leaves in arrears": {ifs: []string{"notice on 2026-12-23"}, want: []string{"has no effect: invoice 2026-0815 was overdue"}, without: []string{"  End "}},
		"it pays nothing any more": {
			ifs: []string{"paid 2026-0815 on 2026-11-27", "nothing paid"}, want: []string{"2026-11-26  Event", "unpaid for longer than the terms allow"},
		},
		"another invoice": {
			ifs:  []string{"paid 2026-0815 on 2026-11-27", "invoice 2026-1111 of 10.00 on 2026-12-01 due 2026-12-15", "paid 4.00 of 2026-1111 on 2026-12-02", "all paid on 2026-12-03"},
			want: []string{"Invoice 2026-1111 of 10.00 is sent.", "4.00 of invoice 2026-1111 is paid.", "All open invoices are paid."}, without: []string{"Suspend "},
		},
		"another workplace":    {ifs: []string{"workplace piet of standard on 2026-12-05"}, want: []string{"2026-12-06  Charge", "for 27 of 31 days"}},
		"billing falls silent": {ifs: []string{"billing silent from 2026-11-28 to 2026-12-20"}, want: []string{"its facts are too old", "2026-12-20  Suspend"}},
		"an arrangement":       {ifs: []string{"arrangement until 2026-12-31 on 2026-11-30"}, want: []string{"2027-01-01  Suspend"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := foretell(t, forecastOptions{ifs: c.ifs, until: c.until}, asTable)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("it does not say %q:\n%s", want, got)
				}
			}
			for _, without := range c.without {
				if strings.Contains(got, without) {
					t.Errorf("it says %q:\n%s", without, got)
				}
			}
		})
	}
}

// TestForecastRefuses: what cannot be read is refused, with what to do.
func TestForecastRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options forecastOptions
		want    string
	}{
		"no phrase":            {forecastOptions{ifs: []string{"rain on sunday"}}, "notice on DATE"},
		"no such day":          {forecastOptions{ifs: []string{"notice on 2027-02-30"}}, "a day that exists"},
		"a day in the past":    {forecastOptions{ifs: []string{"notice on 2026-11-25"}}, "write a day from 2026-11-26 on"},
		"no such invoice":      {forecastOptions{ifs: []string{"paid 7 on 2026-12-01"}}, "open are 2026-0815"},
		"no such terms":        {forecastOptions{ifs: []string{"plan gold on 2026-12-01"}}, "there are hosted"},
		"no such class":        {forecastOptions{ifs: []string{"workplace x of gold on 2026-12-01"}}, "there are standard"},
		"days in wrong order":  {forecastOptions{ifs: []string{"mail dead from 2027-02-01 to 2027-01-01"}}, "write the earlier day first"},
		"no end":               {forecastOptions{until: "soon"}, "a period, such as P1Y"},
		"an end before it all": {forecastOptions{until: "2026-01-01"}, "lies in the past"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if out, err := foretell(t, c.options, asTable); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one with %q; out: %s", err, c.want, out)
			}
		})
	}
}

// TestForecastOfCluster: the cluster tells the same as a file of its objects.
func TestForecastOfCluster(t *testing.T) {
	t.Parallel()
	cluster := clusterOf(t, jansen(t)...)
	objects, err := fromCluster(t.Context(), cluster, today.Now(), "jansen")
	if err != nil {
		t.Fatal(err)
	}
	got, err := foretellOf(objects, forecastOptions{}, asJSON)
	if err != nil {
		t.Fatal(err)
	}
	want, err := foretell(t, forecastOptions{}, asJSON)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("the cluster tells\n%s\nand the file\n%s", got, want)
	}
	var read told
	if err := json.Unmarshal([]byte(got), &read); err != nil || read.Tenant != "jansen" || len(read.Entries) == 0 || read.Entries[0].Date != "2026-11-26" {
		t.Errorf("JSON is %+v (%v)", read, err)
	}
	if _, err := fromCluster(t.Context(), cluster, today.Now(), "nobody"); err == nil || !strings.Contains(err.Error(), "kubectl get tenants") {
		t.Errorf("for no tenant the error is %v", err)
	}
}

// TestForecastOfReseller: resuming costs for the users of its sub-organisations
// too, in a file as in the cluster; not for those below who is no reseller.
func TestForecastOfReseller(t *testing.T) {
	t.Parallel()
	below, err := decodeAll(strings.NewReader(`
{apiVersion: werkplek.dev/v1alpha1, kind: Tenant, metadata: {name: branch}, spec: {termsRef: {name: hosted}, resellerRef: {name: jansen}}}
---
{apiVersion: werkplek.dev/v1alpha1, kind: Tenant, metadata: {name: twig}, spec: {termsRef: {name: hosted}, resellerRef: {name: branch}}}
---
apiVersion: werkplek.dev/v1alpha1
kind: Workplace
metadata: {name: els, namespace: tenant-branch}
spec: {classRef: {name: standard}, user: {name: Els, username: els@branch.example}}
---
apiVersion: werkplek.dev/v1alpha1
kind: Workplace
metadata: {name: bob, namespace: tenant-twig}
spec: {classRef: {name: standard}, user: {name: Bob, username: bob@twig.example}}
`))
	if err != nil {
		t.Fatal(err)
	}
	all := append(jansen(t), below...)
	for _, object := range all {
		if tenant, ok := object.(*v1alpha1.Tenant); ok && tenant.Name == "jansen" {
			tenant.Spec.Reseller = ptr.To(true)
		}
	}
	fromFile, err := fromFiles(all, "jansen")
	if err != nil {
		t.Fatal(err)
	}
	fromAPI, err := fromCluster(t.Context(), clusterOf(t, all...), today.Now(), "jansen")
	if err != nil {
		t.Fatal(err)
	}
	for where, read := range map[string]*objects{"file": fromFile, "cluster": fromAPI} {
		out, err := foretellOf(read, forecastOptions{ifs: []string{"paid 2026-0815 on 2026-12-20"}}, asTable)
		if want := "EUR 50.00: Reactivation after suspension arrears-2026-12-02: 2 workplace users"; err != nil || !strings.Contains(out, want) {
			t.Errorf("the %s does not say %q (%v):\n%s", where, want, err, out)
		}
	}
}

// TestReadObjects: several documents, lists, and what is not ours.
func TestReadObjects(t *testing.T) {
	t.Parallel()
	got, err := decodeAll(strings.NewReader(`
---
apiVersion: v1
kind: Namespace
metadata: {name: other}
---
apiVersion: v1
kind: List
items:
- {apiVersion: werkplek.dev/v1alpha1, kind: Tenant, metadata: {name: a}, spec: {termsRef: {name: x}}}
- {apiVersion: werkplek.dev/v1alpha1, kind: Tenant, metadata: {name: b}, spec: {termsRef: {name: x}}}
`))
	if err != nil || len(got) != 2 {
		t.Fatalf("read %v (%v), want two tenants", got, err)
	}
	if _, err := fromFiles(got, ""); err == nil || !strings.Contains(err.Error(), "say which: a, b") {
		t.Errorf("for two tenants the error is %v", err)
	}
	if o, err := fromFiles(got, "b"); err != nil || o.Tenant.Name != "b" {
		t.Errorf("found %+v (%v), want b", o, err)
	}
	for text, want := range map[string]string{
		"metadata: {}": "no apiVersion or no kind",
		"{apiVersion: werkplek.dev/v1alpha1, kind: Tenant, spec: {termRef: {name: x}}}": `unknown field "spec.termRef"`,
		"{apiVersion: werkplek.dev/v1alpha1, kind: Nothing}":                            "no kind",
	} {
		if _, err := decodeAll(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one with %q", text, err, want)
		}
	}
}

// TestTermsCheck: terms are explained, and contradictions end the program.
func TestTermsCheck(t *testing.T) {
	t.Parallel()
	check := func(all map[string]*v1alpha1.ServiceTermsSpec) (string, error) {
		var out bytes.Buffer
		err := (&checkOptions{}).run(&output{form: asTable}, &out, calendar.Date{Year: 2026, Month: 1, Day: 15}, all, []string{"a"})
		return out.String(), err
	}
	sound := &v1alpha1.ServiceTermsSpec{TimeZone: "Europe/Amsterdam", Currency: "EUR", Arrears: &v1alpha1.ArrearsTerms{SuspendAfter: "P2M"}}
	if got, err := check(map[string]*v1alpha1.ServiceTermsSpec{"a": sound}); err != nil || !strings.Contains(got, "access is suspended from 2026-03-16") {
		t.Errorf("%v:\n%s", err, got)
	}
	wrong := sound.DeepCopy()
	wrong.Arrears.TerminateAfter = "P1M"
	if got, err := check(map[string]*v1alpha1.ServiceTermsSpec{"a": wrong}); !errors.Is(err, errFindings) || !strings.Contains(got, "CONTRADICTION: spec.arrears.terminateAfter") {
		t.Errorf("%v:\n%s", err, got)
	}
}

// TestShippedTerms: none of the terms that are shipped contradicts itself, and
// all of them can be explained.
func TestShippedTerms(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(samples, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples (%v)", err)
	}
	o := &checkOptions{}
	all, names, err := o.find(t.Context(), nil, nil, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for _, finding := range prose.Check(name, all[name], func(name string) *v1alpha1.ServiceTermsSpec { return all[name] }) {
			if finding.Contradiction {
				t.Errorf("%s: %s", name, finding)
			}
		}
		if passages, err := prose.Explain(all[name], calendar.DateAt(today.Now(), time.UTC)); err != nil || len(passages) < 5 {
			t.Errorf("%s is explained in %d sentences (%v)", name, len(passages), err)
		}
	}
}
