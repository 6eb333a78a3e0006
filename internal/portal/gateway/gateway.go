// SPDX-License-Identifier: Apache-2.0

// Package gateway is the way to the desktops: one host name per workplace, and
// behind it the desktop's own pages for its user, and for nobody else. What it
// lets in it judges from a watch cache, at the start and again at every change;
// when access ends, live connections are cut.
package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/access"
	"werkplek.dev/werkplek/internal/portal/audit"
	"werkplek.dev/werkplek/internal/portal/seal"
	"werkplek.dev/werkplek/internal/portal/signin"
	"werkplek.dev/werkplek/internal/portal/spent"
	"werkplek.dev/werkplek/internal/tracing"
)

var (
	live = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "werkplek_gateway_connections", Help: "Connections to desktops that are open on this replica.",
	})
	cuts = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "werkplek_gateway_cuts_total", Help: "Open connections that were cut because access ended, by reason.",
	}, []string{"reason"})
	refusals = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "werkplek_gateway_refusals_total", Help: "Requests for desktops that were refused, by reason.",
	}, []string{"reason"})
	reports = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "werkplek_gateway_activity_reports_total", Help: "Writes of a workplace's activity, by outcome.",
	}, []string{"outcome"})
	faults = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "werkplek_gateway_faults_total", Help: "Requests that were not served because something of ours is broken; the log says what.",
	})
)

// Metrics are what the gateway measures.
func Metrics() []prometheus.Collector {
	return []prometheus.Collector{live, cuts, refusals, reports, faults}
}

// Denial is why a page is refused.
type Denial struct {
	Status  int
	Reason  string
	Message string
	// Workplace may be nil: whoever may not know of it learns nothing.
	Workplace *v1alpha1.Workplace
}

// Pages are what people see when it is not the desktop.
type Pages interface {
	// Denied says why somebody is not let in.
	Denied(w http.ResponseWriter, r *http.Request, d Denial)
	// Starting says how far a desktop is that is not ready yet.
	Starting(w http.ResponseWriter, r *http.Request, workplace *v1alpha1.Workplace)
	// Asset serves a file that those pages need, and reports whether there is one.
	Asset(w http.ResponseWriter, r *http.Request, name string) bool
}

// Gateway serves the hosts of workplaces.
type Gateway struct {
	Judge    *access.Judge
	Sessions *signin.Sessions
	Spent    *spent.Memory
	Clock    clock.PassiveClock
	Log      logr.Logger
	Audit    audit.Log
	Pages    Pages
	// Passes, Codes and Handovers seal for their own purpose each.
	Passes, Codes, Handovers *seal.Sealer
	// Trust says why the watch cache cannot be relied on, or nothing.
	Trust func() error
	// Client writes activity and the first look of an agent.
	Client client.Client
	// Domain below which the workplaces have their hosts.
	Domain string
	// PortalURL is where people sign in, without a slash at its end.
	PortalURL string
	// Dial reaches a desktop; nil: over the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Port of workplaces' URLs when it is not 443, for trying things out.
	Port string

	connections connections
	activity    activity
	proxy       *proxy
}

// New completes a gateway.
func New(g *Gateway) *Gateway {
	if g.Dial == nil {
		g.Dial = (&net.Dialer{Timeout: dialTime}).DialContext
	}
	g.proxy = newProxy(g)
	g.activity.gateway = g
	return g
}

// Host returns the workplace's host that a request asks for, if it is one. The
// Host header alone says so: nothing that a client can add to a request counts.
func (g *Gateway) Host(r *http.Request) (string, bool) {
	host := g.withoutPort(r.Host)
	label, below := strings.CutSuffix(host, "."+g.Domain)
	return host, below && label != "" && !strings.Contains(label, ".")
}

func (g *Gateway) withoutPort(host string) string {
	if g.Port != "" {
		host = strings.TrimSuffix(host, ":"+g.Port)
	}
	return strings.TrimSuffix(host, ":443")
}

func (g *Gateway) withPort(host string) string {
	if g.Port == "" {
		return host
	}
	return host + ":" + g.Port
}

// ServeHTTP serves a workplace's host.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, ok := g.Host(r)
	if !ok {
		http.Error(w, "this is not a workplace's address", http.StatusMisdirectedRequest)
		return
	}
	if r.Method == http.MethodConnect || r.Method == http.MethodTrace {
		http.Error(w, "this method is not served here", http.StatusMethodNotAllowed)
		return
	}
	workplace, err := g.Judge.Find(r.Context(), host)
	if err != nil {
		g.fault(w, r, err)
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, own+"assets/"); ok {
		if !asset(w, r, name) && !g.Pages.Asset(w, r, name) {
			http.NotFound(w, r)
		}
		return
	}
	if r.URL.Path == enterPath {
		g.enter(w, r, host, workplace)
		return
	}
	if reason := foreign(r, "https://"+g.withPort(host)); reason != "" {
		g.refuse(w, r, audit.Line{}, access.Refuse(reason, "a page of another site asked for this"), nil)
		return
	}
	pass, err := g.pass(r, workplace)
	if errors.Is(err, errNoPass) {
		g.withoutPass(w, r, host)
		return
	}
	if err != nil {
		g.fault(w, r, err)
		return
	}
	g.serve(w, r, workplace, pass)
}

// foreign says why a request that another site's page may have made is refused:
// a websocket from another origin, and anything but a visit to a page. Desktops
// are sibling hosts, so cookies alone do not tell them apart.
func foreign(r *http.Request, origin string) string {
	if isUpgrade(r) {
		if r.Header.Get("Origin") != origin {
			return "ForeignOrigin"
		}
		return ""
	}
	if sent := r.Header.Get("Origin"); sent != "" && sent != "null" && sent != origin {
		return "ForeignOrigin"
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return ""
	}
	if r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" &&
		(r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return ""
	}
	return "ForeignOrigin"
}

// withoutPass sends people to the portal, and refuses what is not a page.
func (g *Gateway) withoutPass(w http.ResponseWriter, r *http.Request, host string) {
	if isUpgrade(r) || (r.Method != http.MethodGet && r.Method != http.MethodHead) || !wantsPage(r) {
		refusals.WithLabelValues(access.ReasonSignedOut).Inc()
		http.Error(w, "sign in first", http.StatusUnauthorized)
		return
	}
	g.askForPass(w, r, host)
}

// wantsPage reports whether a person's browser asks for a page, as far as it says.
func wantsPage(r *http.Request) bool {
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" {
		return dest == "document"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// serve answers somebody with a pass. The connection is listed before it is
// judged, so that whatever changes in between finds it.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, workplace *v1alpha1.Workplace, pass Pass) {
	ctx, cut := context.WithCancelCause(r.Context())
	defer cut(nil)
	conn := &connection{pass: pass, key: pass.Workplace, from: r.RemoteAddr, cut: cut}
	conn.look = func() { g.look(conn) }
	if strings.HasPrefix(r.URL.Path, own) {
		g.serveOwn(w, r.WithContext(ctx), workplace, conn)
		return
	}
	g.connections.add(conn)
	defer g.connections.remove(conn)

	line := audit.Line{Event: audit.Open, Who: pass.Username, Tenant: tenantOf(workplace), Workplace: workplace.Name, Support: pass.Support, From: r.RemoteAddr}
	verdict, err := g.judgeVisit(ctx, workplace, pass)
	if err != nil {
		g.fault(w, r, err)
		return
	}
	if !verdict.OK() {
		g.refuse(w, r, line, verdict, workplace)
		return
	}
	conn.until.Store(verdict.Until.UnixNano())
	g.activity.visit(workplace)
	address, err := g.reach(ctx, workplace)
	if err != nil {
		g.fault(w, r, err)
		return
	}
	if address == nil {
		if !wantsPage(r) {
			w.Header().Set("Retry-After", "2")
			http.Error(w, "the desktop is not ready yet", http.StatusServiceUnavailable)
			return
		}
		g.Pages.Starting(w, r, workplace)
		return
	}
	if r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Dest") == "document" {
		line.Allowed = true
		g.Audit.Write(line)
		g.frame(w, r, workplace, framePath(address.Spec, verdict), pass.Support)
		return
	}
	conn.pod = address.Pod
	if isUpgrade(r) {
		line.Allowed, line.Note = true, "connection"
		g.Audit.Write(line)
		defer g.holding(workplace, pass)()
	}
	address.Spectator = verdict.Mode == v1alpha1.SupportShadow
	g.proxy.serve(w, r.WithContext(ctx), address)
	if cause := context.Cause(ctx); cause != nil {
		var r refusal
		if errors.As(cause, &r) {
			g.Log.V(1).Info("connection cut", "workplace", conn.key, "reason", r.Reason)
		}
	}
}

// framePath is where the desktop's page is. Who looks along gets it as a
// spectator.
func framePath(desktop *v1alpha1.DesktopSpec, verdict access.Verdict) string {
	path := desktop.Path
	if verdict.Mode != v1alpha1.SupportShadow {
		return path
	}
	if desktop.LookAlong != nil && desktop.LookAlong.Path != "" {
		return desktop.LookAlong.Path
	}
	if strings.Contains(path, "?") {
		return path + "&view_only=true"
	}
	return path + "?view_only=true"
}

// holding counts an open connection, and the agent's first look, until the
// returned function is called.
func (g *Gateway) holding(workplace *v1alpha1.Workplace, pass Pass) func() {
	live.Inc()
	if pass.Support != "" {
		go g.firstLook(pass)
	}
	release := g.activity.hold(workplace)
	return func() {
		live.Dec()
		release()
	}
}

// judgeVisit judges a pass as a part of the visit's trace.
func (g *Gateway) judgeVisit(ctx context.Context, workplace *v1alpha1.Workplace, pass Pass) (access.Verdict, error) {
	ctx, span := tracing.Begin(ctx, "judge access")
	if workplace != nil {
		span.Set("k8s.namespace", workplace.Namespace)
		span.Set("k8s.name", workplace.Name)
	}
	verdict, err := g.judge(ctx, pass)
	span.Set("verdict", verdict.Reason)
	span.End(err)
	return verdict, err
}

// reach finds a workplace's desktop as a part of the visit's trace.
func (g *Gateway) reach(ctx context.Context, workplace *v1alpha1.Workplace) (*access.Address, error) {
	ctx, span := tracing.Begin(ctx, "find the desktop")
	address, err := g.Judge.Reach(ctx, workplace)
	if address == nil && err == nil {
		span.Set("outcome", v1alpha1.ReasonStarting)
	}
	span.End(err)
	return address, err
}

// judge decides afresh whether a pass lets in.
func (g *Gateway) judge(ctx context.Context, pass Pass) (access.Verdict, error) {
	if err := g.Trust(); err != nil {
		g.Log.V(1).Info("nobody new is let in", "because", err.Error())
		return access.Refuse(access.ReasonWatchBroken, "your access cannot be checked at the moment; try again in a minute"), nil
	}
	return g.rejudge(ctx, pass)
}

// rejudge decides about what is live already: without news it stays.
func (g *Gateway) rejudge(ctx context.Context, pass Pass) (access.Verdict, error) {
	expired := !g.Clock.Now().Before(pass.Until)
	if expired && pass.Support == "" {
		return sessionOver(), nil
	}
	out, err := g.Sessions.SignedOut(ctx, pass.Session)
	if err != nil {
		return access.Verdict{}, err
	}
	if out {
		return access.Refuse(access.ReasonSignedOut, "you have signed out"), nil
	}
	workplace, err := g.Judge.Get(ctx, pass.Workplace, pass.UID)
	if err != nil {
		return access.Verdict{}, err
	}
	verdict, err := g.Judge.Decide(ctx, pass.visitor(), workplace)
	if err == nil && verdict.OK() && expired { // an agent's pass ends with the support session, which says more
		return sessionOver(), nil
	}
	if err == nil && verdict.OK() && (verdict.Until.IsZero() || pass.Until.Before(verdict.Until)) {
		verdict.Until = pass.Until
	}
	return verdict, err
}

func sessionOver() access.Verdict {
	return access.Refuse(access.ReasonSignedOut, "your session has ended: sign in again")
}

// refuse answers somebody who is not let in.
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, line audit.Line, verdict access.Verdict, workplace *v1alpha1.Workplace) {
	line.Event, line.Reason, line.From = audit.Open, verdict.Reason, r.RemoteAddr
	g.Audit.Write(line)
	refusals.WithLabelValues(verdict.Reason).Inc()
	status := http.StatusForbidden
	if verdict.Reason == access.ReasonWatchBroken {
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "30")
	}
	if !wantsPage(r) {
		http.Error(w, verdict.Message, status)
		return
	}
	g.Pages.Denied(w, r, Denial{Status: status, Reason: verdict.Reason, Message: verdict.Message, Workplace: workplace})
}

// fault answers when something of ours is broken.
func (g *Gateway) fault(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	faults.Inc()
	g.Log.Error(err, "cannot serve", "host", r.Host, "path", r.URL.Path)
	http.Error(w, "something went wrong here; try again in a minute", http.StatusServiceUnavailable)
}

func isUpgrade(r *http.Request) bool {
	return r.Header.Get("Upgrade") != ""
}

func keyOf(workplace *v1alpha1.Workplace) types.NamespacedName {
	return types.NamespacedName{Namespace: workplace.Namespace, Name: workplace.Name}
}

func tenantOf(workplace *v1alpha1.Workplace) string {
	return strings.TrimPrefix(workplace.Namespace, v1alpha1.NamespacePrefix)
}

// patience is how long a single write to the API server may take.
const patience = 10 * time.Second
