// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// How long what --check names may take to answer, and how often it is asked.
const (
	checkPatience = 2 * time.Minute
	checkInterval = 2 * time.Second
)

// check asks every URL until it answers well: an installation's own test, run where
// there is no program but this one.
func check(ctx context.Context, client *http.Client, urls []string, patience, interval time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var errs []error
	for _, url := range urls {
		if err := answers(ctx, client, url, interval); err != nil {
			errs = append(errs, fmt.Errorf("%s did not answer well within %v: %w", url, patience, err))
		}
	}
	return errors.Join(errs...)
}

func answers(ctx context.Context, client *http.Client, url string, interval time.Duration) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	var said error // what it answered last
	for {
		err := ask(ctx, client, url)
		if err == nil {
			return nil
		}
		if said == nil || ctx.Err() == nil {
			said = err
		}
		select {
		case <-ctx.Done():
			return said
		case <-ticker.C:
		}
	}
}

func ask(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
