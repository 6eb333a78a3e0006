// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"errors"
	"sync"
	"time"
	_ "time/tzdata" // contract dates must not depend on the machine's zone files
)

// zones remembers loaded zones: reading one takes longer than all of a standing's arithmetic.
var zones sync.Map

// LoadZone returns an IANA time zone by its name. The machine's own is none.
func LoadZone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, errors.New("no zone")
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, zone)
	}
	return zone, err
}
