// SPDX-License-Identifier: Apache-2.0

// The portal serves people: its pages, and the way to their desktops.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // wherever this runs

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"werkplek.dev/werkplek/internal/clock"
	"werkplek.dev/werkplek/internal/portal"
	"werkplek.dev/werkplek/internal/portal/signin"
	"werkplek.dev/werkplek/internal/profiling"
	"werkplek.dev/werkplek/internal/skew"
	"werkplek.dev/werkplek/internal/tracing"
	"werkplek.dev/werkplek/internal/version"
	"werkplek.dev/werkplek/internal/version/servers"
)

type options struct {
	address, opsAddress string
	certificate, key    string
	url, domain         string
	namespace           string
	providerName        string
	secretsFile         string
	clientSecretFile    string
	scopes, staffGroups string
	oidc                signin.Settings
	mistrustAfter       time.Duration
	clockOffset         time.Duration
	drain               time.Duration
	mailAddress         string
	authserv            string
	zone                string
	pprofAddress        string
	tracing             tracing.Options
}

func main() {
	var o options
	flag.StringVar(&o.address, "bind-address", ":8443", "address to serve on")
	flag.StringVar(&o.opsAddress, "ops-bind-address", ":8081", "address of /healthz, /readyz and /metrics; 0 turns them off")
	flag.StringVar(&o.certificate, "tls-certificate", "", "certificate for the portal's host and *.<desks-domain>; empty: something in front ends TLS")
	flag.StringVar(&o.key, "tls-key", "", "the certificate's key")
	flag.StringVar(&o.url, "url", "", "URL of the portal, such as https://portal.example.com")
	flag.StringVar(&o.domain, "desks-domain", "", "domain below which each workplace has its host name, as the manager has it")
	flag.StringVar(&o.namespace, "namespace", "werkplek-system", "namespace in which the replicas remember what is spent")
	flag.StringVar(&o.providerName, "provider-name", "Werkplek", "name of the provider, as people know it")
	flag.StringVar(&o.secretsFile, "secrets-file", "", "file of secrets that seal cookies, in base64, one a line; the first seals, all open: make one with openssl rand -base64 48")
	flag.StringVar(&o.oidc.Issuer, "oidc-issuer", "", "URL of the OIDC provider")
	flag.StringVar(&o.oidc.ClientID, "oidc-client-id", "werkplek", "the portal's client id there")
	flag.StringVar(&o.clientSecretFile, "oidc-client-secret-file", "", "file with the client's secret; empty: a public client")
	flag.StringVar(&o.scopes, "oidc-scopes", "email,profile", "comma-separated scopes to ask for beside openid")
	flag.StringVar(&o.oidc.UsernameClaim, "oidc-username-claim", "email", "claim that is the Kubernetes username")
	flag.StringVar(&o.oidc.UsernamePrefix, "oidc-username-prefix", "", "what precedes it there, as the API server was told")
	flag.StringVar(&o.oidc.GroupsClaim, "oidc-groups-claim", "", "claim that holds a person's groups; only --staff-groups are taken over")
	flag.StringVar(&o.staffGroups, "staff-groups", "", "comma-separated groups that the portal may act for; its role must let it impersonate them")
	flag.DurationVar(&o.oidc.Length, "session-length", 12*time.Hour, "how long somebody stays signed in")
	flag.DurationVar(&o.mistrustAfter, "mistrust-after", 15*time.Second, "how long the watch may be broken before nobody new is let in")
	flag.DurationVar(&o.clockOffset, "clock-offset", 0, "run the product's clock this far ahead, to rehearse on a staging cluster")
	flag.DurationVar(&o.drain, "drain", 10*time.Second, "how long requests may take to end when the portal stops; connections to desktops are cut")
	flag.StringVar(&o.zone, "time-zone", "Europe/Amsterdam", "IANA time zone in which pages write times")
	flag.StringVar(&o.mailAddress, "lmtp-bind-address", "0", "address on which the provider's mail server delivers mail to support, over LMTP; 0 turns it off")
	flag.StringVar(&o.authserv, "authserv-id", "", "name that this mail server writes into Authentication-Results; what others wrote there counts for nothing")
	flag.StringVar(&o.tracing.Endpoint, "tracing-endpoint", "",
		"URL of an OpenTelemetry collector that takes traces by OTLP over HTTP, such as http://collector:4318; empty: none are made")
	flag.Float64Var(&o.tracing.Ratio, "tracing-sample-ratio", 0.1, "how many of all traces are made, from 0 to 1")
	flag.StringVar(&o.pprofAddress, "pprof-bind-address", "", profiling.Flag)
	logging := zap.Options{}
	logging.BindFlags(flag.CommandLine)
	show := flag.Bool("version", false, "say which version this is, and end")
	flag.Parse()
	if *show {
		fmt.Println("werkplek-portal", version.Get())
		return
	}
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&logging)))

	if err := run(ctrl.SetupSignalHandler(), ctrl.Log, o); err != nil {
		fmt.Fprintln(os.Stderr, "portal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log logr.Logger, o options) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster (set KUBECONFIG, or --kubeconfig, or run in a pod): %w", err)
	}
	config.QPS = -1 // the API server's priority and fairness decides
	built := version.Get()
	config.UserAgent = built.UserAgent("werkplek-portal")
	log.Info("starting", "version", built.Version, "revision", built.Revision, "go", built.GoVersion)
	meter := skew.New(clock.New(0))
	config.Wrap(meter.Wrap)
	o.tracing.Service, o.tracing.Version, o.tracing.Log = "werkplek-portal", built.Version, log.WithName("tracing")
	stop, err := tracing.Start(ctx, o.tracing)
	if err != nil {
		return fmt.Errorf("--tracing-endpoint, --tracing-sample-ratio: %w", err)
	}
	defer stop()
	secrets, err := secretsOf(o.secretsFile)
	if err != nil {
		return err
	}
	if o.oidc.Issuer == "" {
		return errors.New("--oidc-issuer is missing: give the URL of the OIDC provider that people sign in with")
	}
	if o.clientSecretFile != "" {
		data, err := os.ReadFile(o.clientSecretFile)
		if err != nil {
			return fmt.Errorf("--oidc-client-secret-file: %w", err)
		}
		o.oidc.ClientSecret = strings.TrimSpace(string(data))
	}
	o.oidc.Scopes, o.oidc.StaffGroups = split(o.scopes), split(o.staffGroups)
	if o.clockOffset != 0 {
		log.Info("REHEARSAL: the clock is shifted; access is judged as of another date", "offset", o.clockOffset.String())
	}
	zone, err := time.LoadLocation(o.zone)
	if err != nil {
		return fmt.Errorf("--time-zone: %w; write an IANA time zone such as Europe/Amsterdam", err)
	}
	made, err := portal.New(ctx, portal.Options{
		Config: config, Clock: clock.New(o.clockOffset), Log: log, URL: o.url, Domain: o.domain, Namespace: o.namespace,
		Secrets: secrets, OIDC: o.oidc, ProviderName: o.providerName, MistrustAfter: o.mistrustAfter, Authserv: o.authserv, Zone: zone,
	})
	if err != nil {
		return err
	}
	metrics.Registry.MustRegister(append(made.Metrics(), meter, servers.Metric(built))...)
	if err := noteVersion(ctx, config, o, built); err != nil {
		log.Info("kubectl werkplek version will not know this version", "why", err.Error())
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return made.Run(ctx) })
	group.Go(func() error { return operate(ctx, o, made) })
	group.Go(func() error { return serve(ctx, log, o, made) })
	group.Go(func() error { return receive(ctx, o, made) })
	group.Go(func() error { return profiling.Serve(ctx, o.pprofAddress) })
	return group.Wait()
}

// noteVersion writes down where kubectl werkplek version reads it which version starts.
func noteVersion(ctx context.Context, config *rest.Config, o options, built version.Info) error {
	direct, err := client.New(config, client.Options{Scheme: clientgoscheme.Scheme})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second) // people do not wait for it
	defer cancel()
	host, _ := os.Hostname()
	since := metav1.NewTime(clock.New(o.clockOffset).Now())
	return servers.Note(ctx, direct, o.namespace, servers.Server{Info: built, Program: servers.Portal, Host: host, Since: &since})
}

// receive receives mail until ctx ends.
func receive(ctx context.Context, o options, made *portal.Portal) error {
	if o.mailAddress == "0" {
		return nil
	}
	if o.authserv == "" {
		return errors.New("--authserv-id is missing: without it no sender can be believed")
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.mailAddress)
	if err != nil {
		return fmt.Errorf("receive mail: %w", err)
	}
	return made.ServeMail(ctx, listener)
}

// secretsOf reads the secrets that seal cookies.
func secretsOf(path string) ([][]byte, error) {
	if path == "" {
		return nil, errors.New("--secrets-file is missing: all replicas need the same file, made with openssl rand -base64 48")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--secrets-file: %w", err)
	}
	var secrets [][]byte
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		secret, err := base64.StdEncoding.DecodeString(string(line))
		if err != nil {
			return nil, fmt.Errorf("--secrets-file: line %d is not base64: make it with openssl rand -base64 48", len(secrets)+1)
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}

// serve serves people until ctx ends.
func serve(ctx context.Context, log logr.Logger, o options, made *portal.Portal) error {
	server := &http.Server{
		Handler:           made,
		ReadHeaderTimeout: 10 * time.Second, // slow clients hold no more than this
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	server.RegisterOnShutdown(made.Close)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.address)
	if err != nil {
		return fmt.Errorf("serve people: %w", err)
	}
	if o.certificate != "" {
		watcher, err := certwatcher.New(o.certificate, o.key)
		if err != nil {
			return fmt.Errorf("read the certificate: %w", err)
		}
		go func() { _ = watcher.Start(ctx) }()
		listener = tls.NewListener(listener, &tls.Config{
			GetCertificate: watcher.GetCertificate, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		})
	}
	log.Info("serving", "address", listener.Addr().String(), "portal", o.url, "desks", "*."+o.domain)
	return until(ctx, server, listener, o.drain)
}

// operate serves what those need who run the portal.
func operate(ctx context.Context, o options, made *portal.Portal) error {
	if o.opsAddress == "0" {
		<-ctx.Done()
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := made.Ready(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics.Registry, promhttp.HandlerOpts{}))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.opsAddress)
	if err != nil {
		return fmt.Errorf("serve health and metrics: %w", err)
	}
	return until(ctx, &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}, listener, o.drain)
}

// until runs a server until ctx ends, and lets it finish what it began.
func until(ctx context.Context, server *http.Server, listener net.Listener, drain time.Duration) error {
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		stopped <- server.Shutdown(patience)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	if err := <-stopped; err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

func split(list string) []string {
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
