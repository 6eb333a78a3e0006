// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

type chargeObject struct {
	Metadata struct {
		Name      string            `json:"name"`
		Namespace string            `json:"namespace"`
		Labels    map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
	} `json:"spec"`
	Status struct {
		Invoice *struct{} `json:"invoice"`
	} `json:"status"`
}

func (c chargeObject) key() string { return c.Metadata.Namespace + "/" + c.Metadata.Name }

// charge puts what is not on an invoice yet on one for each tenant.
func charge(s *server, ledger, date, due string) (int, error) {
	customers, err := read(ledger)
	if err != nil {
		return 0, err
	}
	booked, numbers := map[string]document{}, map[string]bool{}
	for _, documents := range customers {
		for _, d := range documents {
			numbers[d.number] = true
			if d.kind == "line" {
				booked[d.settles] = d
			}
		}
	}
	charges, err := list[chargeObject](s, "charges")
	if err != nil {
		return 0, err
	}
	waiting := map[string][]chargeObject{}
	for _, c := range charges {
		if c.Status.Invoice == nil {
			tenant := c.Metadata.Labels["werkplek.dev/tenant"]
			waiting[tenant] = append(waiting[tenant], c)
		}
	}
	code := 0
	for _, tenant := range slices.Sorted(maps.Keys(waiting)) {
		fresh := slices.DeleteFunc(slices.Clone(waiting[tenant]), func(c chargeObject) bool { return booked[c.key()].number != "" })
		if slices.ContainsFunc(fresh, func(c chargeObject) bool { return c.Spec.Currency != fresh[0].Spec.Currency }) {
			fmt.Printf("%s: not invoiced: its charges are in several currencies\n", tenant)
			code = wrong
			continue
		}
		if len(fresh) > 0 {
			documents, err := bill(tenant, fresh, date, due, numbers)
			if err != nil {
				return 0, err
			}
			if err := write(ledger, documents); err != nil {
				return 0, err
			}
			for _, d := range documents[1:] {
				booked[d.settles] = d
			}
			head := documents[0]
			fmt.Printf("%s: %s %s, %s %s\n", tenant, head.kind, head.number, head.currency, head.amount)
		}
		for _, c := range waiting[tenant] { // first the invoice, then the mark
			marked, err := mark(s, c, booked[c.key()])
			if err != nil {
				return 0, err
			}
			code = max(code, marked)
		}
	}
	return code, nil
}

// bill returns an invoice of charges, or a credit note if they come to less than
// nothing, with its lines.
func bill(tenant string, charges []chargeObject, date, due string, numbers map[string]bool) ([]document, error) {
	stem := strings.ReplaceAll(date, "-", "") + "-" + tenant
	number := stem
	for n := 2; numbers[number]; n++ {
		number = fmt.Sprintf("%s-%d", stem, n)
	}
	numbers[number] = true
	head := document{tenant, "invoice", number, date, due, charges[0].Spec.Currency, "", ""}
	documents, total := []document{head}, money(0)
	for _, c := range charges {
		amount, err := parse(c.Spec.Amount)
		if err != nil {
			return nil, err
		}
		total += amount
		documents = append(documents, document{tenant, "line", number, date, "", head.currency, c.Spec.Amount, c.key()})
	}
	if total < 0 {
		documents[0].kind, documents[0].due, total = "credit", "", -total
	}
	documents[0].amount = total.String()
	return documents, nil
}

// mark writes into a charge on which invoice it is.
func mark(s *server, c chargeObject, line document) (int, error) {
	path := api + "/namespaces/" + c.Metadata.Namespace + "/charges/" + c.Metadata.Name + "/status?fieldValidation=Strict"
	status := map[string]any{"invoice": map[string]string{"number": line.number, "issuedOn": line.date}}
	got, err := s.call("PATCH", path, map[string]any{"status": status})
	if err != nil {
		return 0, err
	}
	if got.status != http.StatusOK {
		fmt.Printf("  %s: not marked: %s\n", c.key(), got.problem())
		return wrong, nil
	}
	fmt.Printf("  %s is on %s\n", c.key(), line.number)
	return 0, nil
}
