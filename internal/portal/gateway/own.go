// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/access"
	"werkplek.dev/werkplek/internal/portal/audit"
)

// breath is how often an event stream says that it is alive.
const breath = 25 * time.Second

// View is what the page around a desktop knows about it.
type View struct {
	// State is open, starting or denied.
	State string `json:"state"`
	// Reason why it is denied.
	Reason string `json:"reason,omitempty"`
	// Watchers may see the screen now.
	Watchers []Watcher `json:"watchers"`
	// Asking would like to.
	Asking []Watcher `json:"asking"`
}

// Watcher is a support agent who may see the screen.
type Watcher struct {
	Agent string    `json:"agent"`
	Mode  string    `json:"mode"`
	Until time.Time `json:"until"`
}

// serveOwn answers what the page around a desktop asks the gateway itself.
func (g *Gateway) serveOwn(w http.ResponseWriter, r *http.Request, workplace *v1alpha1.Workplace, conn *connection) {
	switch {
	case r.Method == http.MethodGet && r.URL.Path == own+"events":
		g.events(w, r, conn)
	case r.Method == http.MethodGet && r.URL.Path == own+"state":
		view, _, err := g.view(r.Context(), conn.pass)
		if err != nil {
			g.fault(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(view)
	case r.Method == http.MethodPost && r.URL.Path == own+"leave":
		setCookie(w, passCookie, "", -1)
		g.Audit.Write(audit.Line{Event: audit.SignOut, Allowed: true, Who: conn.pass.Username, Support: conn.pass.Support,
			Tenant: tenantOf(workplace), Workplace: workplace.Name, From: r.RemoteAddr})
		http.Redirect(w, r, g.PortalURL+"/", http.StatusSeeOther)
	default:
		http.NotFound(w, r)
	}
}

// view says what the page around a desktop should show.
func (g *Gateway) view(ctx context.Context, pass Pass) (View, access.Verdict, error) {
	view := View{State: "denied", Watchers: []Watcher{}, Asking: []Watcher{}}
	verdict, err := g.rejudge(ctx, pass)
	if err != nil || !verdict.OK() {
		view.Reason = verdict.Reason
		return view, verdict, err
	}
	workplace, err := g.Judge.Get(ctx, pass.Workplace, pass.UID)
	if err != nil || workplace == nil {
		return view, verdict, err
	}
	view.State = "starting"
	address, err := g.Judge.Reach(ctx, workplace)
	if err != nil {
		return view, verdict, err
	}
	if address != nil {
		view.State = "open"
	} else {
		g.activity.visit(workplace)
	}
	sessions, err := g.Judge.Watching(ctx, workplace)
	if err != nil {
		return view, verdict, err
	}
	asking, err := g.Judge.Asking(ctx, workplace)
	if err != nil {
		return view, verdict, err
	}
	for i := range asking {
		view.Asking = append(view.Asking, Watcher{Agent: string(asking[i].Spec.Agent), Mode: string(asking[i].Spec.Mode)})
	}
	for i := range sessions {
		s := &sessions[i]
		view.Watchers = append(view.Watchers, Watcher{
			Agent: string(s.Spec.Agent), Mode: string(s.Spec.Mode),
			Until: access.Consented(s, string(s.Spec.Agent), workplace, g.Clock.Now()).Until,
		})
	}
	return view, verdict, nil
}

// events streams the view: at once, and whenever it changes. It ends when access does.
func (g *Gateway) events(w http.ResponseWriter, r *http.Request, conn *connection) {
	news := make(chan struct{}, 1)
	conn.look = func() {
		select {
		case news <- struct{}{}:
		default:
		}
	}
	g.connections.add(conn)
	defer g.connections.remove(conn)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	stream := http.NewResponseController(w)
	alive := time.NewTicker(breath)
	defer alive.Stop()
	last := ""
	for {
		view, verdict, err := g.view(r.Context(), conn.pass)
		if err != nil {
			return
		}
		conn.until.Store(verdict.Until.UnixNano())
		data, err := json.Marshal(view)
		if err != nil {
			return
		}
		if string(data) != last {
			last = string(data)
			if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil || stream.Flush() != nil {
				return
			}
		}
		if !verdict.OK() {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-news:
		case <-alive.C:
			if _, err := fmt.Fprint(w, ": alive\n\n"); err != nil || stream.Flush() != nil {
				return
			}
		}
	}
}

// firstLook records when an agent first saw a screen: the time that is charged
// begins there (TD-17). Only the first counts; the API server refuses others.
func (g *Gateway) firstLook(pass Pass) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	session := &v1alpha1.SupportSession{}
	key := types.NamespacedName{Namespace: pass.Workplace.Namespace, Name: pass.Support}
	if err := g.Judge.Cache.Get(ctx, key, session); err != nil || session.Status.StartedAt != nil {
		return
	}
	before := session.DeepCopy()
	session.Status.StartedAt = moment(g.Clock.Now())
	if err := g.Client.Status().Patch(ctx, session, client.MergeFrom(before)); client.IgnoreNotFound(err) != nil {
		g.Log.Error(err, "cannot record that a support session began", "session", key)
	}
}
