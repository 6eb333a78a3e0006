// SPDX-License-Identifier: Apache-2.0

// Package portal is the one door for people: pages on the portal's host, and
// the gateway to the desktops on theirs.
package portal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/access"
	"werkplek.dev/werkplek/internal/portal/audit"
	"werkplek.dev/werkplek/internal/portal/gateway"
	"werkplek.dev/werkplek/internal/portal/mail"
	"werkplek.dev/werkplek/internal/portal/pages"
	"werkplek.dev/werkplek/internal/portal/seal"
	"werkplek.dev/werkplek/internal/portal/signin"
	"werkplek.dev/werkplek/internal/portal/spent"
	"werkplek.dev/werkplek/internal/portal/trust"
	"werkplek.dev/werkplek/internal/portal/web"
	"werkplek.dev/werkplek/internal/tracing"
)

// Options are what the portal needs to know.
type Options struct {
	// Config reaches the API server, as the portal's own service account.
	Config *rest.Config
	Clock  clock.PassiveClock
	Log    logr.Logger
	// URL of the portal, such as https://portal.example.com.
	URL string
	// Domain below which the workplaces have their hosts.
	Domain string
	// Namespace that holds what the replicas remember together.
	Namespace string
	// Secrets seal cookies and codes; all replicas have the same. The first seals.
	Secrets [][]byte
	// OIDC says who signs people in, and OIDCClient reaches it; nil: the default.
	OIDC       signin.Settings
	OIDCClient *http.Client
	// ProviderName is who people have their workplaces from.
	ProviderName string
	// Zone in which pages write times; nil: UTC.
	Zone *time.Location
	// Authserv is the name under which the provider's mail server vouches for
	// senders, in Authentication-Results.
	Authserv string
	// MistrustAfter is how long the watch may be broken before nobody new is let in.
	MistrustAfter time.Duration
	// Dial reaches desktops; nil: over the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Portal serves people.
type Portal struct {
	gateway *gateway.Gateway
	web     *web.Web
	mail    *mail.Intake
	host    string
	cache   cache.Cache
	trust   *trust.Trust
	probe   func(context.Context)
}

// New makes a portal. Run must be called before it serves.
func New(ctx context.Context, o Options) (*Portal, error) {
	portalURL, err := url.Parse(o.URL)
	if err != nil || portalURL.Scheme != "https" || portalURL.Host == "" || strings.Trim(portalURL.Path, "/") != "" {
		return nil, fmt.Errorf("the portal's URL must be https://<host>, not %q: browsers keep its cookies over TLS only", o.URL)
	}
	o.URL = "https://" + portalURL.Host
	if o.Domain == "" {
		return nil, errors.New("the domain of the desks is missing: give the one that the manager has")
	}
	if portalURL.Hostname() == o.Domain || strings.HasSuffix(portalURL.Hostname(), "."+o.Domain) {
		return nil, fmt.Errorf("the portal's host %s must not be below the desks' domain %s: that name could be a workplace's", portalURL.Hostname(), o.Domain)
	}
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))

	relied := trust.New(o.Clock, o.MistrustAfter)
	own := rest.CopyConfig(o.Config)
	own.Wrap(relied.Wrap)
	own.Wrap(tracing.Calls)
	httpClient, err := rest.HTTPClientFor(own)
	if err != nil {
		return nil, fmt.Errorf("reach the cluster: %w", err)
	}
	objects := access.Objects()
	objects[&coordinationv1.Lease{}] = cache.ByObject{
		Label: spent.Selector(), Namespaces: map[string]cache.Config{o.Namespace: {}},
	}
	store, err := cache.New(own, cache.Options{
		HTTPClient: httpClient, Scheme: scheme, ByObject: objects,
		DefaultTransform: cache.TransformStripManagedFields(),
	})
	if err != nil {
		return nil, fmt.Errorf("watch the cluster: %w", err)
	}
	if err := access.Index(ctx, store, o.Domain); err != nil {
		return nil, err
	}
	api, err := client.New(own, client.Options{HTTPClient: httpClient, Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("reach the cluster: %w", err)
	}

	sealers := map[string]*seal.Sealer{}
	for _, purpose := range []string{"session", "sign-in", "pass", "code", "handover", "note"} {
		if sealers[purpose], err = seal.New(purpose, o.Clock, o.Secrets...); err != nil {
			return nil, err
		}
	}
	remembered := &spent.Memory{Cache: store, Client: api, Clock: o.Clock, Namespace: o.Namespace}
	sessions := &signin.Sessions{Sealer: sealers["session"], Spent: remembered, Clock: o.Clock}
	judge := &access.Judge{Cache: store, Clock: o.Clock}
	log := audit.Log{Logger: o.Log.WithName("audit")}
	rendered, err := pages.New(pages.Options{ProviderName: o.ProviderName, Zone: o.Zone})
	if err != nil {
		return nil, err
	}
	as := func(username string, groups ...string) (client.Client, error) {
		config := rest.CopyConfig(o.Config)
		config.Wrap(tracing.Calls)
		config.Impersonate = rest.ImpersonationConfig{UserName: username, Groups: groups}
		return client.New(config, client.Options{Scheme: scheme, Mapper: api.RESTMapper()})
	}
	site := web.New(&web.Web{
		Pages: rendered, Judge: judge, Sessions: sessions, Clock: o.Clock, Log: o.Log.WithName("portal"), Audit: log,
		Provider: &signin.Provider{
			Settings: o.OIDC, Callback: o.URL + "/callback", Sealer: sealers["sign-in"], Clock: o.Clock, Client: orDefault(o.OIDCClient),
		},
		Notes: sealers["note"], URL: o.URL, As: as, Trust: relied.Check,
	})
	doors := gateway.New(&gateway.Gateway{
		Judge: judge, Sessions: sessions, Spent: remembered, Clock: o.Clock, Log: o.Log.WithName("gateway"), Audit: log, Pages: site,
		Passes: sealers["pass"], Codes: sealers["code"], Handovers: sealers["handover"],
		Trust: relied.Check, Client: api, Domain: o.Domain, PortalURL: o.URL, Port: portalURL.Port(), Dial: o.Dial,
	})
	site.Gateway = doors
	if err := doors.Watch(ctx, store); err != nil {
		return nil, err
	}
	probeURL := strings.TrimSuffix(own.Host, "/") + "/version"
	if !strings.Contains(own.Host, "://") {
		probeURL = "https://" + probeURL
	}
	intake := &mail.Intake{
		Authserv: o.Authserv, ContactOf: judge.OfAddress, PortalURL: o.URL, Log: o.Log.WithName("mail"), Audit: log,
		As: func(username string) (client.Client, error) { return as(username) },
	}
	return &Portal{
		mail: intake, gateway: doors, web: site, host: portalURL.Host, cache: store, trust: relied,
		probe: func(ctx context.Context) { relied.Probe(ctx, httpClient, probeURL) },
	}, nil
}

// Metrics are what the portal measures.
func (p *Portal) Metrics() []prometheus.Collector {
	return append(gateway.Metrics(), prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "werkplek_portal_watch_trusted",
		Help: "1 while what this replica knows of the cluster can be relied on; 0 while it lets nobody new in.",
	}, func() float64 {
		if p.trust.Check() != nil {
			return 0
		}
		return 1
	}))
}

// Run watches the cluster, and cuts and reports, until ctx ends.
func (p *Portal) Run(ctx context.Context) error {
	go p.probe(ctx)
	go func() {
		if p.cache.WaitForCacheSync(ctx) {
			p.gateway.Run(ctx)
		}
	}()
	return p.cache.Start(ctx)
}

// ServeMail receives mail over LMTP on a listener until ctx ends (TD-2).
func (p *Portal) ServeMail(ctx context.Context, listener net.Listener) error {
	return p.mail.Serve(ctx, listener)
}

// Close ends all connections to desktops; those who had them come back by
// themselves, to another replica.
func (p *Portal) Close() { p.gateway.Close() }

// Ready reports why the portal cannot serve, or nothing.
func (p *Portal) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if !p.cache.WaitForCacheSync(ctx) {
		return errors.New("the caches are not synced yet")
	}
	return nil
}

// ServeHTTP serves the portal's host and the workplaces', and no other.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	if r.Host == p.host {
		tracing.Visits("visit the portal", p.web).ServeHTTP(w, r)
		return
	}
	if _, ok := p.gateway.Host(r); ok {
		tracing.Visits("visit a workplace", p.gateway).ServeHTTP(w, r)
		return
	}
	http.Error(w, "nothing is served under this address", http.StatusMisdirectedRequest)
}

func orDefault(c *http.Client) *http.Client {
	if c == nil {
		return &http.Client{Timeout: 15 * time.Second}
	}
	return c
}
