// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing/audit"
	"werkplek.dev/werkplek/internal/terms/wording"
	"werkplek.dev/werkplek/internal/usage"
	"werkplek.dev/werkplek/internal/version"
)

// writePackage writes an audit package of final reports.
func (o *reportOptions) writePackage(ctx context.Context, c client.Reader, address string, reports []*v1alpha1.LicenseReport) error {
	var key ed25519.PrivateKey
	if o.key != "" {
		data, err := os.ReadFile(o.key)
		if err != nil {
			return err
		}
		if key, err = audit.ParsePrivateKey(data); err != nil {
			return fmt.Errorf("%s: %w", o.key, err)
		}
	}
	names, err := customerNames(ctx, c)
	if err != nil {
		return err
	}
	var entries []audit.Entry
	for _, report := range reports {
		entry := audit.Entry{Report: report}
		if report.Spec.Corrects == nil {
			entry.Records = func(add audit.Add) error { return usage.EachTenant(ctx, c, report.Status.Month, add) }
		}
		entries = append(entries, entry)
	}
	progress := o.progress()
	err = o.create(o.bundle, func(out io.Writer) error {
		return audit.Write(out, entries, audit.Options{
			Generated: o.clock.Now(), Tool: "kubectl-werkplek " + version.Get().Version, Cluster: address, Key: key,
			Customer: func(tenant string) string { return names[tenant] }, Progress: progress.show,
		})
	})
	progress.done()
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(o.out, "%s holds %s", o.bundle, wording.Count(len(reports), "report"))
	if key == nil {
		_, _ = fmt.Fprintln(o.out, "; it is NOT signed: add --sign-with KEY, or it proves nothing against whoever can make another")
	} else {
		_, _ = fmt.Fprintf(o.out, ", signed with %s\n", audit.Fingerprint(key.Public().(ed25519.PublicKey)))
	}
	return nil
}

// customerNames returns the tenants' names for people.
func customerNames(ctx context.Context, c client.Reader) (map[string]string, error) {
	names := map[string]string{}
	var list v1alpha1.TenantList
	err := pages(ctx, c, &list, func() error {
		for i := range list.Items {
			names[list.Items[i].Name] = list.Items[i].Spec.DisplayName
		}
		return nil
	})
	return names, err
}
