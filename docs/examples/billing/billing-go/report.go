// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// most is how many invoices one report takes.
const most = 500

type account struct {
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Currency string `json:"currency"`
	} `json:"spec"`
	Status struct {
		AsOf string `json:"asOf"`
	} `json:"status"`
}

// facts are a BillingAccount's status. A lastInvoice that is null is removed.
type facts struct {
	AsOf         string `json:"asOf"`
	LastInvoice  *fact  `json:"lastInvoice"`
	OpenInvoices []fact `json:"openInvoices"`
}

type fact struct {
	Number      string `json:"number"`
	IssuedOn    string `json:"issuedOn"`
	DueOn       string `json:"dueOn,omitempty"`
	Outstanding string `json:"outstanding,omitempty"`
}

// factsOf returns what is to be reported, and the sum of it.
func factsOf(documents []document, currency, asOf string) (facts, money, error) {
	invoices, err := position(documents, currency)
	if err != nil {
		return facts{}, 0, err
	}
	found := facts{AsOf: asOf, OpenInvoices: []fact{}} // an empty list says that nothing is open
	if len(invoices) > 0 {
		last := invoices[len(invoices)-1]
		found.LastInvoice = &fact{Number: last.number, IssuedOn: last.date, DueOn: last.due}
	}
	opened := slices.DeleteFunc(invoices, func(i *invoice) bool { return i.open == 0 })
	var rest []*invoice
	if len(opened) > most {
		opened, rest = opened[:most-1], opened[most-1:]
	}
	total := money(0)
	for _, i := range opened {
		total += i.open
		found.OpenInvoices = append(found.OpenInvoices, fact{i.number, i.date, i.due, i.open.String()})
	}
	if len(rest) > 0 {
		one, sum := together(rest)
		total += sum
		found.OpenInvoices = append(found.OpenInvoices, one)
	}
	return found, total, nil
}

// together makes one of many, so that the sum is right and so is the oldest date.
func together(rest []*invoice) (fact, money) {
	one, sum := fact{Number: fmt.Sprintf("%d more", len(rest)), IssuedOn: rest[0].date, DueOn: rest[0].due}, money(0)
	for _, i := range rest {
		sum += i.open
		one.DueOn = min(one.DueOn, i.due) // without one where any has none
	}
	one.Outstanding = sum.String()
	return one, sum
}

func report(s *server, ledger, asOf string) (int, error) {
	customers, err := read(ledger)
	if err != nil {
		return 0, err
	}
	accounts, err := list[account](s, "billingaccounts")
	if err != nil {
		return 0, err
	}
	code := 0
	for _, a := range accounts {
		name := a.Metadata.Name
		documents := customers[name]
		delete(customers, name)
		found, total, err := factsOf(documents, a.Spec.Currency, asOf)
		if err != nil {
			fmt.Printf("%s: not reported: %v\n", name, err)
			code = wrong
			continue
		}
		got, err := s.call("PATCH", api+"/billingaccounts/"+name+"/status?fieldValidation=Strict", map[string]any{"status": found})
		if err != nil {
			return 0, err
		}
		switch got.status {
		case http.StatusOK:
			fmt.Printf("%s: %d open, %s %s\n", name, len(found.OpenInvoices), a.Spec.Currency, total)
		case http.StatusNotFound:
			fmt.Printf("%s: gone\n", name)
		default:
			refused, err := refusal(s, name, asOf, got)
			if err != nil {
				return 0, err
			}
			if refused == wrong || code == 0 {
				code = refused
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(customers)) {
		fmt.Printf("%s: has no billing account\n", name)
	}
	return code, nil
}

// refusal says why a report was refused, and returns what follows for the exit status.
func refusal(s *server, name, asOf string, refused answer) (int, error) {
	var there account
	if refused.status == http.StatusUnprocessableEntity {
		got, err := s.call("GET", api+"/billingaccounts/"+name, nil)
		if err != nil {
			return 0, err
		}
		if err := json.Unmarshal(got.body, &there); err != nil {
			return 0, err
		}
	}
	now := time.Now().UTC().Format(time.RFC3339)
	switch stands := there.Status.AsOf; {
	case stands <= asOf: // it is not the reason
		fmt.Printf("%s: not reported: %s\n", name, refused.problem())
		return wrong, nil
	case stands > now:
		fmt.Printf("%s: report again after %s: until then a report stands whose clock ran ahead\n", name, stands)
		return again, nil
	default:
		fmt.Printf("%s: a report of %s is newer\n", name, stands)
		return 0, nil
	}
}
