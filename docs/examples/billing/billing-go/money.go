// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// money is ten-thousandths of a currency's unit: integers, never floats.
type money int64

var amount = regexp.MustCompile(`^(-?)(\d{1,12})(?:\.(\d{1,4}))?$`)

func parse(text string) (money, error) {
	found := amount.FindStringSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("'%s' is no amount", text)
	}
	units, err := strconv.ParseInt(found[2]+(found[3] + "0000")[:4], 10, 64)
	if found[1] == "-" {
		units = -units
	}
	return money(units), err
}

func (m money) String() string {
	return fmt.Sprintf("%d.%s", m/10000, strings.TrimSuffix(fmt.Sprintf("%04d", m%10000), "00"))
}
