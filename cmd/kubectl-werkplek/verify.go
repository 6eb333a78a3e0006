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
		Long: `Check an audit package, offline or against the cluster. The exit status is 1
if the file is not what was made, and 2 if it could not be checked.`,
		Args: exactly("PACKAGE"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"zip"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	o := outputFlag(command, asTable, asJSON, asYAML)
	command.Flags().StringVar(&key, "public-key", "", "the provider's public key (PEM), got by another way than the package")
	command.Flags().BoolVar(&ask, "cluster", false, "compare with the reports and usage records of the cluster too")
	command.RunE = func(command *cobra.Command, arguments []string) error {
		result, err := verifyFile(arguments[0], key)
		if err != nil {
			return err
		}
		if ask && result.Package {
			cluster, _, err := c.open()
			if err != nil {
				return err
			}
			compareWithCluster(command.Context(), cluster, result)
		}
		return printResult(o, command.OutOrStdout(), result, key != "")
	}
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
	check := result.Note
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

// verdicts are how checks are marked for people.
var verdicts = map[audit.Verdict]string{audit.Holds: "ok    ", audit.Fails: "FAILED", audit.NotChecked: "-     "}

// printResult writes what was checked, and what was found.
func printResult(o *output, out io.Writer, result *audit.Result, keyGiven bool) error {
	err := o.write(out, result, func(out io.Writer) error {
		for _, check := range result.Checks {
			_, _ = fmt.Fprintf(out, "%s  %s\n", verdicts[check.Verdict], check.What)
		}
		_, _ = fmt.Fprintln(out)
		for _, finding := range result.Findings {
			_, _ = fmt.Fprintln(out, finding)
		}
		_, err := fmt.Fprintln(out, conclusion(result, keyGiven))
		return err
	})
	if err == nil && len(result.Findings) > 0 {
		return errFindings
	}
	return err
}

// conclusion says what a package proves.
func conclusion(result *audit.Result, keyGiven bool) string {
	switch {
	case !result.Package:
		return "\nThis file is no audit package, so that nothing else in it was checked. Packages are made with --package: see kubectl werkplek report --help."
	case len(result.Findings) > 0:
		return "\nThe package is not what was made. Get the original again from whoever made it, and keep this file: it shows what was changed."
	case !result.Signed:
		return "Nothing in the package contradicts itself. It is NOT signed: whoever made another one like it would not be found out."
	case !keyGiven:
		return fmt.Sprintf("The package is whole, and signed with %s.\n"+
			"Whether that is the provider's key is not known: compare it with one that you got by another way (--public-key).", result.Key)
	default:
		return fmt.Sprintf("The package is whole, and signed with the provider's key %s.", result.Key)
	}
}
