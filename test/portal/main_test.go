// SPDX-License-Identifier: Apache-2.0

// Package portal visits the portal and its gateway as people and their browsers
// do, and as those do who may not: against a real API server with the real
// operator, and with a real OIDC provider. The desktops alone are stand-ins.
package portal

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"werkplek.dev/werkplek/internal/portal"
	"werkplek.dev/werkplek/internal/portal/signin"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/idp"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/world"
)

const (
	soon       = 30 * time.Second
	domain     = "desks.example.com"
	portalHost = "portal.example.com"
	portalURL  = "https://" + portalHost
	namespace  = "werkplek-system"
)

func TestMain(m *testing.M) { operator.Main(m) }

// place is a portal with everything around it.
type place struct {
	address atomic.Value // a string: where the portal is
	clock   *clock
	audit   *lines
	portal  *portal.Portal
	context context.Context // ends with the portal
	stop    func()          // stops the portal as its end would
}

// clock is the wall clock, and can be set ahead.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now implements clock.PassiveClock.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Since implements clock.PassiveClock.
func (c *clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

func (c *clock) set(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = ahead
}

// lines are what the portal logged.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) logger() logr.Logger {
	return funcr.New(func(prefix, args string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all = append(l.all, prefix+" "+args)
	}, funcr.Options{Verbosity: 1})
}

// having returns the first line that holds all of some words.
func (l *lines) having(words ...string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
next:
	for _, line := range l.all {
		for _, word := range words {
			if !strings.Contains(line, word) {
				continue next
			}
		}
		return line
	}
	return ""
}

func (l *lines) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all[max(0, len(l.all)-60):], "\n")
}

// provider is the one OIDC provider of all portals.
var provider = sync.OnceValues(func() (*idp.Provider, error) { return idp.Start("127.0.0.1:0", portalURL+"/callback") })

// desktops is the one stand-in for all desktops: it echoes websockets and says
// what it was asked.
var desktops = sync.OnceValue(func() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			http.SetCookie(w, &http.Cookie{Name: "__Host-werkplek-desk", Value: "mine", Path: "/", Secure: true})
			http.SetCookie(w, &http.Cookie{Name: "wide", Value: "x", Domain: "example.com"})
			http.SetCookie(w, &http.Cookie{Name: "own", Value: "x"})
			fmt.Fprintf(w, "desktop %s %s cookies=%q forwarded=%q auth=%q", r.Host, r.URL.RequestURI(), r.Header.Get("Cookie"),
				r.Header.Get("X-Forwarded-Host"), r.Header.Get("Authorization"))
			return
		}
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for {
			kind, data, err := conn.Read(r.Context())
			if err != nil || conn.Write(r.Context(), kind, data) != nil {
				return
			}
		}
	}))
})

// open starts a portal with the rights of its own service account, no more.
func open(t *testing.T, edits ...func(*portal.Options)) *place {
	t.Helper()
	issuer, err := provider()
	if err != nil {
		t.Fatal(err)
	}
	p := &place{clock: &clock{}, audit: &lines{}}
	options := portal.Options{
		Config: account(t), Clock: p.clock, Log: p.audit.logger(), URL: portalURL, Domain: domain, Namespace: namespace,
		Secrets: [][]byte{[]byte(strings.Repeat("secret of a test", 3))}, ProviderName: "TotalDesk", Authserv: "mx.provider.example", MistrustAfter: 5 * time.Second,
		OIDC: signin.Settings{
			Issuer: issuer.Issuer, ClientID: idp.ClientID, ClientSecret: idp.ClientSecret, Scopes: []string{"email"},
			UsernameClaim: "email", Length: 12 * time.Hour,
		},
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, desktops().Listener.Addr().String())
		},
	}
	for _, edit := range edits {
		edit(&options)
	}
	ctx, stop := context.WithCancel(context.Background())
	made, err := portal.New(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	p.portal, p.context = made, ctx
	server := httptest.NewUnstartedServer(made)
	server.Config.ErrorLog = nil
	server.StartTLS()
	p.address.Store(server.Listener.Addr().String())
	done := make(chan error, 1)
	go func() { done <- made.Run(ctx) }()
	p.stop = sync.OnceFunc(func() {
		stop()
		made.Close()
		server.CloseClientConnections()
		server.Close()
		<-done
	})
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("the end of the portal's log:\n%s", p.audit.tail())
		}
	})
	cluster.Eventually(t, soon, "the portal's caches", made.Ready)
	return p
}

// account returns what reaches the API server as the portal's service account.
func account(t *testing.T) *rest.Config {
	t.Helper()
	shared := cluster.Shared()
	request := &authenticationv1.TokenRequest{}
	object := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "werkplek-portal", Namespace: namespace}}
	if err := shared.Client.SubResource("token").Create(t.Context(), object, request); err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(shared.Config)
	config.BearerToken, config.QPS = request.Status.Token, -1
	return config
}

// manage runs the operator for the test's length, with more flags if need be.
func manage(t *testing.T, flags ...string) *operator.Operator {
	t.Helper()
	kubeconfig, err := operator.Kubeconfig(cluster.Shared(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o, err := operator.Start(kubeconfig, append(flags, "--desks-domain="+domain)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.Stop()
		if t.Failed() {
			t.Logf("the end of the operator's log:\n%s", o.Log())
		}
	})
	return o
}

// must ends a test on an error.
func must(t *testing.T, faults ...error) {
	t.Helper()
	for _, err := range faults {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// provide makes terms, a class and tenants, whose billing is fresh and clear,
// each with a workplace "anna" of anna@<tenant>.example.
func provide(t *testing.T, w world.World, tenants ...string) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx))
	for _, tenant := range tenants {
		must(t, w.Tenant(ctx, tenant))
	}
	for _, tenant := range tenants {
		cluster.Eventually(t, soon, "the namespace", w.HasNamespace(tenant))
		must(t, w.Report(ctx, tenant, time.Now()), w.Workplace(ctx, tenant, "anna", user(w, tenant, "anna")))
	}
	for _, tenant := range tenants {
		cluster.Eventually(t, soon, "the desktop", w.AllReady(tenant, 1))
	}
}

// user is a person of one of a world's tenants.
func user(w world.World, tenant, name string) string {
	return name + "@" + w.TenantName(tenant) + ".example"
}

// host is the host name of a workplace.
func host(w world.World, tenant, workplace string) string {
	return workplace + "--" + w.TenantName(tenant) + "." + domain
}

// clockNow is the wall clock's time, at which the tests' billing system reports.
func clockNow() time.Time { return time.Now() }

// monthsAgo returns the date so many months and 20 days before today.
func monthsAgo(months int) string { return clockNow().AddDate(0, -months, -20).Format(time.DateOnly) }
