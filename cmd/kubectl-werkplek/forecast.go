// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/utils/clock"

	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/forecast"
)

// forecastOptions are the flags of the forecast command.
type forecastOptions struct {
	files  []string
	until  string
	ifs    []string
	output string
	out    io.Writer
	clock  clock.PassiveClock
}

func forecastCommand(c *connection) *cobra.Command {
	o := &forecastOptions{clock: clock.RealClock{}}
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
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			o.out = command.OutOrStdout()
			name := strings.Join(arguments, "")
			if len(o.files) > 0 {
				found, err := readObjects(command.InOrStdin(), o.files...)
				if err != nil {
					return err
				}
				objects, err := fromFiles(found, name)
				if err != nil {
					return err
				}
				return o.run(objects)
			}
			if name == "" {
				return errors.New("say which tenant, or read one with -f FILE")
			}
			cluster, _, err := c.open()
			if err != nil {
				return err
			}
			objects, err := fromCluster(command.Context(), cluster, o.clock.Now(), name)
			if err != nil {
				return err
			}
			return o.run(objects)
		},
	}
	flags := command.Flags()
	flags.StringArrayVarP(&o.files, "filename", "f", nil, "file with the tenant, its terms and what else is known, in place of the cluster; - for standard input")
	flags.StringVar(&o.until, "until", "P1Y", "how far to look: a period from now, or a day")
	flags.StringArrayVar(&o.ifs, "if", nil, "what happens, such as \"notice on 2026-12-01\"; may be repeated")
	flags.StringVarP(&o.output, "output", "o", "table", "table or json")
	return command
}

func (o *forecastOptions) run(objects *objects) error {
	write, ok := map[string]func(*forecast.Sim, told) error{"table": o.table, "json": o.json}[o.output]
	if !ok {
		return fmt.Errorf("-o %s is unknown; there are table and json", o.output)
	}
	sim, assumed, err := forecast.Of(o.clock.Now(), objects.terms, objects.Sources)
	if err != nil {
		return err
	}
	if err := forecast.If(sim, objects.classes, o.ifs...); err != nil {
		return err
	}
	until, err := o.end(sim)
	if err != nil {
		return err
	}
	t := told{Tenant: objects.Tenant.Name, Terms: sim.Facts().TermsName, Zone: sim.Zone().String(), From: sim.Now().UTC(), Until: until.UTC(), Assumed: assumed}
	for _, entry := range sim.Until(until) {
		t.Entries = append(t.Entries, toldEntry{
			At: entry.At.UTC(), Date: calendar.DateAt(entry.At, sim.Zone()).String(), What: string(entry.What), Name: entry.Name, Detail: entry.Detail,
		})
	}
	if err := sim.Err(); err != nil {
		return err
	}
	t.State = string(sim.Standing().State)
	return write(sim, t)
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

func (o *forecastOptions) json(_ *forecast.Sim, t told) error {
	encoder := json.NewEncoder(o.out)
	encoder.SetIndent("", "  ")
	if t.Entries == nil {
		t.Entries = []toldEntry{}
	}
	return encoder.Encode(t)
}

func (o *forecastOptions) table(sim *forecast.Sim, t told) error {
	_, _ = fmt.Fprintf(o.out, "Tenant %s under %s, from %s to %s, in %s:\n\n", t.Tenant, t.Terms,
		calendar.DateAt(t.From, sim.Zone()), calendar.DateAt(t.Until, sim.Zone()), t.Zone)
	w := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	if len(t.Entries) == 0 {
		_, _ = fmt.Fprintln(w, "Nothing happens.")
	} else {
		_, _ = fmt.Fprintln(w, "DATE\tWHAT\tDETAIL")
	}
	for _, entry := range t.Entries {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", entry.Date, entry.What, entry.Detail)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(o.out, "\nThe tenant is then %s.\n\nAssumed:\n", t.State)
	for _, sentence := range t.Assumed {
		_, _ = fmt.Fprintf(o.out, "- %s\n", sentence)
	}
	return nil
}
