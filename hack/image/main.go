// SPDX-License-Identifier: Apache-2.0

// Image builds the container image of a program below cmd/ without a Docker engine: one
// static binary, the certificates of public authorities and the licence. It writes a tar for
// docker load, ctr images import or kind load image-archive, or an OCI layout with every
// platform, or pushes that to a registry. The same tree gives the same digests.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, epoch string) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	s := source{}
	flags.StringVar(&s.root, "root", ".", "root of the source tree")
	flags.StringVar(&s.program, "program", "manager", "program below cmd/ to put into the image")
	flags.StringVar(&s.version, "version", "", "version to stamp, such as v0.1.0")
	flags.StringVar(&s.revision, "revision", "", "commit to stamp")
	output := flags.String("output", "", "tar to write, for docker load, with the image of the first platform")
	layout := flags.String("layout", "", "folder to write an OCI layout with every platform to, and the SBOMs beside it")
	push := flags.String("push", "", "name to push every platform to, such as registry.example.com/werkplek/manager:v0.1.0")
	tag := flags.String("tag", "", "name of the image in the tar; default: registry.example.com/werkplek/<program>:latest")
	platforms := flags.String("platforms", "linux/"+runtime.GOARCH, "platforms to build for, with commas between")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	var err error
	if s.created, err = created(epoch); err != nil {
		return err
	}
	if *output == "" && *layout == "" && *push == "" {
		*output = "werkplek-" + s.program + ".tar"
	}
	if *tag == "" {
		*tag = "registry.example.com/werkplek/" + s.program + ":latest"
	}
	built, err := s.build(ctx, strings.Split(*platforms, ",")...)
	if err != nil {
		return err
	}
	if *output != "" {
		if err := built[0].save(*output, *tag); err != nil {
			return err
		}
	}
	if *layout != "" {
		if err := saveLayout(*layout, s.program, built); err != nil {
			return err
		}
	}
	if *push != "" {
		ref, err := name.ParseReference(*push)
		if err != nil {
			return err
		}
		return pushAll(ref, built, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain))
	}
	return nil
}

// created reads SOURCE_DATE_EPOCH; without it images are of no time at all.
func created(epoch string) (time.Time, error) {
	if epoch == "" {
		return time.Unix(0, 0).UTC(), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH=%s is no number of seconds", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
