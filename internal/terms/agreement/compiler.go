// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// compiler reads the API's terms and collects everything that is wrong with them.
type compiler struct{ faults []error }

func (c *compiler) fault(err error) { c.faults = append(c.faults, err) }

func (c *compiler) err() error { return errors.Join(c.faults...) }

func (c *compiler) period(field string, value v1alpha1.Period) calendar.Period {
	p, err := calendar.ParsePeriod(string(value))
	if err != nil {
		c.fault(fmt.Errorf("%s: %w", field, err))
	}
	return p
}

// optional reads a period that may be absent.
func (c *compiler) optional(field string, value v1alpha1.Period) calendar.Period {
	if value == "" {
		return calendar.Period{}
	}
	return c.period(field, value)
}

func (c *compiler) date(field string, value v1alpha1.Date) calendar.Date {
	d, err := calendar.ParseDate(string(value))
	if err != nil {
		c.fault(fmt.Errorf("%s: %w", field, err))
	}
	return d
}

// amount reads a price; an absent one is nothing.
func (c *compiler) amount(field string, value v1alpha1.Price) decimal.Decimal {
	if value == "" {
		return decimal.Zero
	}
	amount, err := decimal.NewFromString(string(value))
	if err != nil {
		c.fault(fmt.Errorf("%s: %q is not an amount; write one such as 25.00", field, value))
	}
	return amount
}

func (c *compiler) percent(field string, value v1alpha1.Percentage) decimal.Decimal {
	if value == "" {
		return decimal.Zero
	}
	percent, err := decimal.NewFromString(string(value))
	if err != nil {
		c.fault(fmt.Errorf("%s: %q is not a percentage; write one such as 10", field, value))
	}
	return percent
}
