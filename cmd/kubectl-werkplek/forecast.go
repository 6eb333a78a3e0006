// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/forecast"
)

// forecastOptions are the flags of the forecast command.
type forecastOptions struct {
	files []string
	until string
	ifs   []string
}

// aYear is how far a forecast looks unless somebody says otherwise.
const aYear = "P1Y"

func forecastCommand(c *connection) *cobra.Command {
	o := &forecastOptions{}
	command := &cobra.Command{
		Use:   "forecast TENANT | -f FILE [TENANT]",
		Short: "Tell what will happen to a tenant, and when, if nothing changes",
		Long: `Tell what will happen to a tenant, and when, if nothing changes, or if
something does: suspensions, charges, notices, the end of its contract and the
erasure of its data. Nothing is written to the cluster.

What --if understands:
  ` + strings.Join(forecast.Phrases(), "\n  "),
		Example: `  kubectl werkplek forecast jansen
  kubectl werkplek forecast jansen --if "paid 2026-0815 on 2026-12-01"
  kubectl werkplek forecast jansen --if "notice on 2026-12-01" --until 2027-12-31
  kubectl werkplek forecast -f jansen.yaml --if "nothing paid" -o json`,
		Args:              atMost("TENANT"),
		ValidArgsFunction: argument(c.tenants),
	}
	flags := command.Flags()
	flags.StringArrayVarP(&o.files, "filename", "f", nil, "file with the tenant, its terms and what else is known, in place of the cluster; - for standard input")
	flags.StringVar(&o.until, "until", aYear, "how far to look: a period from now, or a day")
	flags.StringArrayVar(&o.ifs, "if", nil, "what happens, such as \"notice on 2026-12-01\"; may be repeated")
	complete(command, "if", func(*cobra.Command, string) []string { return forecast.Phrases() })
	form := outputFlag(command, asTable, asJSON, asYAML)
	command.RunE = func(command *cobra.Command, arguments []string) error {
		objects, err := o.read(command, c, strings.Join(arguments, ""))
		if err != nil {
			return err
		}
		return o.run(form, command.OutOrStdout(), c.clock.Now(), objects)
	}
	return command
}

// read reads from files or from the cluster from what the future follows.
func (o *forecastOptions) read(command *cobra.Command, c *connection, name string) (*objects, error) {
	if len(o.files) > 0 {
		found, err := readObjects(command.InOrStdin(), o.files...)
		if err != nil {
			return nil, err
		}
		return fromFiles(found, name)
	}
	if name == "" {
		return nil, errors.New("say which tenant, or read one with -f FILE")
	}
	cluster, _, err := c.open()
	if err != nil {
		return nil, err
	}
	return fromCluster(command.Context(), cluster, c.clock.Now(), name)
}

func (o *forecastOptions) run(form *output, out io.Writer, now time.Time, objects *objects) error {
	t, sim, err := o.tell(now, objects)
	if err != nil {
		return err
	}
	return form.write(out, t, func(out io.Writer) error { return t.table(out, sim) })
}

// tell tells the future.
func (o *forecastOptions) tell(now time.Time, objects *objects) (*told, *forecast.Sim, error) {
	sim, err := forecast.Of(now, objects.terms, objects.Sources)
	if err != nil {
		return nil, nil, err
	}
	if err := forecast.If(sim, objects.classes, o.ifs...); err != nil {
		return nil, nil, err
	}
	until, err := o.end(sim)
	if err != nil {
		return nil, nil, err
	}
	t := &told{
		Tenant: objects.Tenant.Name, Terms: sim.Facts().TermsName, Zone: sim.Zone().String(),
		From: sim.Now().UTC(), Until: until.UTC(), Assumed: sim.Assumed(), Entries: []toldEntry{},
	}
	for _, entry := range sim.Until(until) {
		t.Entries = append(t.Entries, toldEntry{
			At: entry.At.UTC(), Date: calendar.DateAt(entry.At, sim.Zone()).String(), What: string(entry.What), Name: entry.Name, Detail: entry.Detail,
		})
	}
	if err := sim.Err(); err != nil {
		return nil, nil, err
	}
	t.State = string(sim.Standing().State)
	return t, sim, nil
}

// end reads how far to look.
func (o *forecastOptions) end(sim *forecast.Sim) (time.Time, error) {
	if day, err := calendar.ParseDate(o.until); err == nil {
		if end := day.AddDays(1).Start(sim.Zone()).Add(-time.Second); end.After(sim.Now()) {
			return end, nil
		}
		return time.Time{}, fmt.Errorf("--until %s lies in the past", o.until)
	}
	period, err := calendar.ParsePeriod(o.until)
	if err != nil {
		return time.Time{}, fmt.Errorf("--until %s is neither a day, such as 2027-12-31, nor a period, such as P1Y", o.until)
	}
	return period.AfterMoment(sim.Now(), sim.Zone()), nil
}

// told is a forecast as it is written.
type told struct {
	Tenant  string      `json:"tenant"`
	Terms   string      `json:"terms"`
	Zone    string      `json:"timeZone"`
	From    time.Time   `json:"from"`
	Until   time.Time   `json:"until"`
	Assumed []string    `json:"assumed"`
	Entries []toldEntry `json:"entries"`
	State   string      `json:"state"`
}

type toldEntry struct {
	At     time.Time `json:"at"`
	Date   string    `json:"date"`
	What   string    `json:"what"`
	Name   string    `json:"name,omitempty"`
	Detail string    `json:"detail"`
}

func (t *told) table(out io.Writer, sim *forecast.Sim) error {
	_, _ = fmt.Fprintf(out, "Tenant %s under %s, from %s to %s, in %s:\n\n", t.Tenant, t.Terms,
		calendar.DateAt(t.From, sim.Zone()), calendar.DateAt(t.Until, sim.Zone()), t.Zone)
	if len(t.Entries) == 0 {
		_, _ = fmt.Fprintln(out, "Nothing happens.")
	} else if err := columns(out, "DATE|WHAT|DETAIL", func(row func(...any)) {
		for _, entry := range t.Entries {
			row(entry.Date, entry.What, entry.Detail)
		}
	}); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\nThe tenant is then %s.\n\nAssumed:\n", t.State)
	for _, sentence := range t.Assumed {
		_, _ = fmt.Fprintf(out, "- %s\n", sentence)
	}
	return nil
}
