// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

const fields = "customer,type,number,date,due,currency,amount,settles"

// document is a line of the ledger, by its fields.
type document struct{ customer, kind, number, date, due, currency, amount, settles string }

// read returns the documents of each customer.
func read(path string) (map[string][]document, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows := csv.NewReader(file)
	header, err := rows.Read()
	if err != nil || strings.Join(header, ",") != fields {
		return nil, fmt.Errorf("%s does not begin with %s", path, fields)
	}
	customers := map[string][]document{}
	for {
		r, err := rows.Read()
		if err == io.EOF {
			return customers, nil
		}
		if err != nil {
			return nil, err
		}
		customers[r[0]] = append(customers[r[0]], document{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]})
	}
}

// write adds documents to the ledger, all or none.
func write(path string, documents []document) error {
	var text strings.Builder
	rows := csv.NewWriter(&text)
	for _, d := range documents {
		if err := rows.Write([]string{d.customer, d.kind, d.number, d.date, d.due, d.currency, d.amount, d.settles}); err != nil {
			return err
		}
	}
	rows.Flush()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(text.String()); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// invoice is one that was sent, and what is left of it to pay.
type invoice struct {
	document
	open money
}

// settle takes from an amount what the invoice still needs, and returns the rest.
func (i *invoice) settle(amount money) money {
	settled := min(amount, i.open)
	i.open -= settled
	return amount - settled
}

// position returns the invoices that were sent, the oldest first, with what is open of each.
func position(documents []document, currency string) ([]*invoice, error) {
	invoices, err := sent(documents, currency)
	if err != nil {
		return nil, err
	}
	credit := money(0)
	for _, d := range documents {
		if d.kind != "payment" && d.kind != "credit" {
			continue
		}
		amount, err := parse(d.amount)
		if err != nil {
			return nil, err
		}
		if d.settles != "" {
			at := slices.IndexFunc(invoices, func(i *invoice) bool { return i.number == d.settles })
			if at < 0 {
				return nil, fmt.Errorf("%s settles %s, which is not there", d.number, d.settles)
			}
			amount = invoices[at].settle(amount)
		}
		credit += amount // what names no invoice, and what is too much for the one that it names
	}
	slices.SortFunc(invoices, func(a, b *invoice) int {
		return cmp.Or(strings.Compare(a.date, b.date), strings.Compare(a.number, b.number))
	})
	for _, i := range invoices { // is set off against the oldest
		credit = i.settle(credit)
	}
	return invoices, nil
}

// sent checks a customer's documents and returns the invoices among them.
func sent(documents []document, currency string) ([]*invoice, error) {
	var invoices []*invoice
	for _, d := range documents {
		if !slices.Contains([]string{"invoice", "payment", "credit", "line"}, d.kind) {
			return nil, fmt.Errorf("'%s' is no type of document", d.kind)
		}
		if d.currency != currency {
			return nil, fmt.Errorf("%s is in %s, and the account in %s", d.number, d.currency, currency)
		}
		amount, err := parse(d.amount)
		if err != nil {
			return nil, err
		}
		if amount < 0 && d.kind != "line" {
			return nil, fmt.Errorf("%s is negative: give credit with a document of type credit", d.number)
		}
		if d.kind != "invoice" {
			continue
		}
		if slices.ContainsFunc(invoices, func(i *invoice) bool { return i.number == d.number }) {
			return nil, fmt.Errorf("%s is there twice", d.number)
		}
		invoices = append(invoices, &invoice{document: d, open: amount})
	}
	return invoices, nil
}
