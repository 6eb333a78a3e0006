// SPDX-License-Identifier: Apache-2.0

// Export copies a home to an S3 bucket, and back again. The operator runs copy in
// a Job; whoever got the data runs restore.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"k8s.io/utils/clock"

	"werkplek.dev/werkplek/internal/export/homecopy"
	"werkplek.dev/werkplek/internal/export/report"
	"werkplek.dev/werkplek/internal/version"
)

const usage = `usage:
  export copy    --endpoint URL --bucket NAME --prefix KEYS --folder DIR   copy a home to a bucket
  export restore --endpoint URL --bucket NAME --prefix KEYS --folder DIR   bring one back into an empty folder
  export --version                                                        say which version this is

The credentials are the environment's S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and, if need be,
S3_SESSION_TOKEN; S3_CA_CERTIFICATE (PEM) is trusted in place of the public authorities.`

type options struct {
	endpoint homecopy.Endpoint
	bucket   string
	prefix   string
	folder   string
	spool    string
	report   string
	sha256   string
	workers  int
	partSize int64
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if os.Args[1] == "--version" || os.Args[1] == "version" {
		fmt.Println("werkplek-export", version.Get())
		return
	}
	o := options{endpoint: homecopy.Endpoint{
		AccessKeyID: os.Getenv("S3_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("S3_SECRET_ACCESS_KEY"),
		SessionToken: os.Getenv("S3_SESSION_TOKEN"), CACertificate: os.Getenv("S3_CA_CERTIFICATE"),
	}}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.StringVar(&o.endpoint.URL, "endpoint", "", "URL of the S3 API, such as https://s3.example.com")
	flags.StringVar(&o.endpoint.Region, "region", "", "region, where the endpoint wants one")
	flags.StringVar(&o.bucket, "bucket", "", "bucket that exists")
	flags.StringVar(&o.prefix, "prefix", "", "prefix of the home's keys, such as export/anna")
	flags.StringVar(&o.folder, "folder", "", "folder of the home")
	flags.StringVar(&o.report, "report", "", "file to write the outcome to, as JSON")
	flags.StringVar(&o.spool, "spool", os.TempDir(), "copy: folder for the manifest while it is written")
	flags.IntVar(&o.workers, "workers", 4, "copy: files at a time")
	flags.Int64Var(&o.partSize, "part-size", 64<<20, "copy: bytes above which a file is sent in parts of that size")
	flags.StringVar(&o.sha256, "sha256", "", "restore: SHA-256 that the manifest must have; empty: any")
	_ = flags.Parse(os.Args[2:])

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1], o); err != nil {
		fmt.Fprintln(os.Stderr, "export:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, command string, o options) error {
	if o.bucket == "" || o.folder == "" {
		return errors.New("--bucket and --folder are needed")
	}
	prefix := strings.Trim(o.prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	client, err := o.endpoint.Connect()
	var done report.Report
	switch {
	case err != nil:
	case command == "copy":
		copier := &homecopy.Copier{
			Clock: clock.RealClock{}, Client: client, Bucket: o.bucket, Prefix: prefix, Folder: o.folder,
			Spool: o.spool, Workers: o.workers, PartSize: o.partSize, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		}
		done, err = copier.Copy(ctx)
	case command == "restore":
		restorer := &homecopy.Restorer{Client: client, Bucket: o.bucket, Prefix: prefix, Folder: o.folder, SHA256: o.sha256}
		done, err = restorer.Restore(ctx)
	default:
		fmt.Fprintln(os.Stderr, usage)
		return fmt.Errorf("%q is not a command", command)
	}
	if err != nil {
		done = homecopy.Explain(done, err, o.endpoint.URL, o.bucket)
		err = fmt.Errorf("%s: %s", done.Reason, done.Message)
	} else {
		fmt.Printf("%d files, %d bytes, %d sent, manifest sha256 %s\n", done.Files, done.Bytes, done.Sent, done.SHA256)
	}
	if o.report == "" {
		return err
	}
	data, fault := done.Encode()
	if fault == nil {
		fault = os.WriteFile(o.report, data, 0o644)
	}
	return errors.Join(err, fault)
}
