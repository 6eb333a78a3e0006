// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/licensing/audit"
	"werkplek.dev/werkplek/internal/usage"
)

// errFindings ends the program after it has said what is wrong.
var errFindings = errors.New("the package does not hold")

func verifyCommand(c *connection) *cobra.Command {
	var key string
	var ask bool
	command := &cobra.Command{
		Use:   "verify PACKAGE",
		Short: "Check an audit package, offline or against the cluster",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			result, err := verifyFile(arguments[0], key)
			if err != nil {
				return err
			}
			out := command.OutOrStdout()
			if ask {
				cluster, _, err := c.open()
				if err != nil {
					return err
				}
				compareWithCluster(command.Context(), cluster, result)
			}
			return printResult(out, result, key != "")
		},
	}
	command.Flags().StringVar(&key, "public-key", "", "the provider's public key (PEM), got by another way than the package")
	command.Flags().BoolVar(&ask, "cluster", false, "compare with the reports and usage records of the cluster too")
	return command
}

func verifyFile(path, keyPath string) (*audit.Result, error) {
	var trusted ed25519.PublicKey
	if keyPath != "" {
		data, err := os.ReadFile(keyPath)
		if err != nil {
			return nil, err
		}
		if trusted, err = audit.ParsePublicKey(data); err != nil {
			return nil, fmt.Errorf("%s: %w", keyPath, err)
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return audit.Verify(file, info.Size(), trusted), nil
}

// compareWithCluster checks a package's reports against those of the cluster, and
// counts the cluster's usage records again.
func compareWithCluster(ctx context.Context, c client.Reader, result *audit.Result) {
	check := func(what string, err error) {
		result.Checks = append(result.Checks, audit.Check{What: what, OK: err == nil})
		if err != nil {
			result.Findings = append(result.Findings, what+": NO: "+err.Error())
		}
	}
	for _, packed := range result.Reports {
		report, err := findReport(ctx, c, packed.Name)
		if err == nil && report.Status.Digest != packed.Digest {
			err = fmt.Errorf("the cluster's has the digest %s, the package's %s", report.Status.Digest, packed.Digest)
		}
		check("report "+packed.Name+" is the cluster's", err)
		if err != nil || packed.Corrects != "" {
			continue
		}
		month, err := licensing.ParseMonth(packed.Month)
		if err != nil {
			check("report "+packed.Name+" has a month", err)
			continue
		}
		tally, err := licensing.NewTally(month, licensing.RulesApplied(&report.Status), nil)
		if err == nil {
			err = usage.EachTenant(ctx, c, packed.Month, tally.Add)
		}
		if err == nil {
			var counted licensing.Result
			if counted, err = tally.Result(); err == nil && counted.Detail != packed.Detail {
				err = fmt.Errorf("%d rows are counted in the cluster and %d are in the package, and they differ; records of tenants that were erased are in the package only", counted.Rows, packed.Rows)
			}
		}
		check("report "+packed.Name+" comes to what the cluster's usage records come to", err)
	}
}

// printResult writes what was checked, and what was found.
func printResult(out io.Writer, result *audit.Result, keyGiven bool) error {
	for _, check := range result.Checks {
		word := "ok    "
		if !check.OK {
			word = "FAILED"
		}
		_, _ = fmt.Fprintf(out, "%s  %s\n", word, check.What)
	}
	_, _ = fmt.Fprintln(out)
	switch {
	case len(result.Findings) > 0:
		for _, finding := range result.Findings {
			_, _ = fmt.Fprintln(out, finding)
		}
		_, _ = fmt.Fprintln(out, "\nThe package is not what was made. Get the original again from whoever made it, and keep this file: it shows what was changed.")
		return errFindings
	case !result.Signed:
		_, _ = fmt.Fprintln(out, "Nothing in the package contradicts itself. It is NOT signed: whoever made another one like it would not be found out.")
	case !keyGiven:
		_, _ = fmt.Fprintf(out, "The package is whole, and signed with %s.\nWhether that is the provider's key is not known: compare it with one that you got by another way (--public-key).\n", result.Key)
	default:
		_, _ = fmt.Fprintf(out, "The package is whole, and signed with the provider's key %s.\n", result.Key)
	}
	return nil
}
