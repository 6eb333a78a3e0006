// SPDX-License-Identifier: Apache-2.0

// Demo tells the main story on a running cluster: a reseller and its customer
// get their workplaces, an invoice stays unpaid for more than two months, access
// is suspended, the invoice is paid, access resumes and a fee stands ready. It
// fails if any of it does not come true.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := tell(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "\nThe story did not come true: %v\n", err)
		os.Exit(1)
	}
}

func tell(ctx context.Context) error {
	s, err := newStage(ctx)
	if err != nil {
		return err
	}
	for _, chapter := range []struct {
		title string
		play  func(context.Context) error
	}{
		{"A provider and its customers", s.onboard},
		{"Everybody works", s.work},
		{"The vendor is owed a true count", s.owed},
		{"An invoice is forgotten", s.arrears},
		{"Access is suspended", s.suspended},
		{"The invoice is paid", s.pay},
		{"Everybody works again, and a fee is due", s.resumed},
		{"One of everything", s.once},
	} {
		fmt.Printf("\n%s\n", chapter.title)
		started := time.Now()
		if err := chapter.play(ctx); err != nil {
			return fmt.Errorf("%s: %w", chapter.title, err)
		}
		fmt.Printf("  (%.1f s)\n", time.Since(started).Seconds())
	}
	fmt.Print("\nAll of it came true. The cluster is still running: kubectl get werkplek -A\n\n")
	return nil
}

func say(format string, values ...any) { fmt.Printf("  "+format+"\n", values...) }
