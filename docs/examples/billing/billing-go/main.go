// SPDX-License-Identifier: Apache-2.0

// Billing joins an accounting system's ledger and Werkplek, with Go's standard library
// alone.
//
//	billing report LEDGER AS_OF          report what is open; AS_OF is when LEDGER was written
//	billing invoice LEDGER DATE DUE      put what is to be charged on invoices in LEDGER
//
// What LEDGER holds, the environment and the exit status: ../README.md.
package main

import (
	"fmt"
	"os"
)

// Exit statuses.
const (
	wrong = 1
	again = 75
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = wrong
	}
	os.Exit(code)
}

func run(arguments []string) (int, error) {
	s, err := newServer()
	if err != nil {
		return 0, err
	}
	switch {
	case len(arguments) == 3 && arguments[0] == "report":
		return report(s, arguments[1], arguments[2])
	case len(arguments) == 4 && arguments[0] == "invoice":
		return charge(s, arguments[1], arguments[2], arguments[3])
	}
	return 0, fmt.Errorf("usage: billing report LEDGER AS_OF | billing invoice LEDGER DATE DUE")
}
