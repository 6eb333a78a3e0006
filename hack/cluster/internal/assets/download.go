// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"werkplek.dev/werkplek/hack/cluster/internal/releases"
)

// ReleasesFile, in the hack directory, pins what may be downloaded.
const ReleasesFile = "releases.txt"

// parallel is how many programs are downloaded at once.
const parallel = 3

// download gets those of the missing programs whose checksums are pinned. What
// cannot be had is told in a line and left to be built; there is an error only
// when the caller gave up.
func (a Assets) download(ctx context.Context, options Options, missing []binary) error {
	pinned, err := releases.Read(filepath.Join(options.Hack, ReleasesFile))
	if err != nil {
		return err
	}
	wanted, err := pins(ctx, options, pinned, missing)
	if err != nil || len(wanted) == 0 {
		return err
	}
	began := time.Now()
	var bytes atomic.Int64
	fetcher := releases.NewFetcher(options.Mirror, func(n int) { bytes.Add(int64(n)) })
	fmt.Fprintf(options.Progress, "downloading %d programs, from %s first\n", len(wanted), fetcher.Address(wanted[0]))
	stop := every(progressInterval/3, func() {
		fmt.Fprintf(options.Progress, "  %.0fs: %d MB\n", time.Since(began).Seconds(), bytes.Load()>>20)
	})
	defer stop()

	a.fetchAll(ctx, options, fetcher, wanted)
	stop()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if got := bytes.Load(); got > 0 {
		fmt.Fprintf(options.Progress, "downloaded %d MB in %.0fs\n", got>>20, time.Since(began).Seconds())
	}
	return nil
}

// fetchAll asks a server that did not answer for nothing more.
func (a Assets) fetchAll(ctx context.Context, options Options, fetcher *releases.Fetcher, wanted []releases.Release) {
	var (
		all   sync.WaitGroup
		mute  sync.Map
		slots = make(chan struct{}, parallel)
	)
	for _, release := range wanted {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if _, known := mute.Load(fetcher.Host(release)); known || ctx.Err() != nil {
				return
			}
			err := fetcher.Fetch(ctx, release, a.Binary(release.Name))
			var unreachable *releases.UnreachableError
			switch {
			case err == nil:
				fmt.Fprintf(options.Progress, "  %s %s\n", release.Name, release.Version)
			case errors.As(err, &unreachable):
				if _, told := mute.Swap(fetcher.Host(release), true); !told {
					fmt.Fprintf(options.Progress, "%v: what it has is built instead\n", unreachable)
				}
			case ctx.Err() == nil:
				fmt.Fprintf(options.Progress, "  %s is built instead: %v\n", release.Name, err)
			}
		})
	}
	all.Wait()
}

// pins are the releases of the missing programs that may be downloaded, in the
// versions that would be built.
func pins(ctx context.Context, options Options, pinned releases.List, missing []binary) ([]releases.Release, error) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	versions := make(map[string]string)
	var wanted []releases.Release
	for _, b := range missing {
		if versions[b.module] == "" {
			version, err := moduleVersion(ctx, options.source(b.dir), b.module)
			if err != nil {
				return nil, err
			}
			versions[b.module] = version
		}
		if release, ok := pinned.Find(b.name, versions[b.module], platform); ok {
			wanted = append(wanted, release)
		}
	}
	return wanted, nil
}
