// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/access"
	"werkplek.dev/werkplek/internal/portal/audit"
	"werkplek.dev/werkplek/internal/portal/gateway"
	"werkplek.dev/werkplek/internal/portal/signin"
)

// open lets the browser that asked for it into a workplace: its user, or an
// agent whom the user lets look along.
func (s *Web) open(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	host, browser := r.URL.Query().Get("host"), r.URL.Query().Get("browser")
	if err := s.Trust(); err != nil {
		s.Denied(w, r, gateway.Denial{Status: http.StatusServiceUnavailable, Reason: access.ReasonWatchBroken})
		return nil
	}
	workplace, err := s.Judge.Find(r.Context(), host)
	if err != nil {
		return err
	}
	visitor, err := s.visitorOf(r.Context(), session, workplace)
	if err != nil {
		return err
	}
	verdict, err := s.Judge.Decide(r.Context(), visitor, workplace)
	if err != nil {
		return err
	}
	line := audit.Line{Event: audit.Grant, Allowed: verdict.OK(), Reason: verdict.Reason, Who: session.Username, Support: visitor.Support, From: r.RemoteAddr, Note: host}
	if workplace != nil {
		line.Tenant, line.Workplace = tenantOf(workplace.Namespace), workplace.Name
	}
	s.Audit.Write(line)
	if !verdict.OK() {
		denial := gateway.Denial{Status: http.StatusForbidden, Reason: verdict.Reason, Message: verdict.Message}
		switch verdict.Reason {
		case access.ReasonNotFound, access.ReasonNotYours:
			// An address that is nobody's and one that is somebody else's look the same.
			denial.Reason, denial.Message = access.ReasonNotYours, "this workplace is not yours, or there is none at this address"
		default:
			denial.Workplace = workplace
		}
		s.Denied(w, r, denial)
		return nil
	}
	if browser == "" {
		http.Redirect(w, r, workplace.Status.URL, http.StatusSeeOther)
		return nil
	}
	until := session.Until
	if !verdict.Until.IsZero() && verdict.Until.Before(until) {
		until = verdict.Until
	}
	target, err := s.Gateway.Grant(host, browser, gateway.Pass{
		Session: session.ID, Username: session.Username, Support: visitor.Support, Until: until,
		Workplace: types.NamespacedName{Namespace: workplace.Namespace, Name: workplace.Name}, UID: workplace.UID,
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// visitorOf says as what somebody visits a workplace: as its user, or else under
// the support session that lets them.
func (s *Web) visitorOf(ctx context.Context, session *signin.Session, workplace *v1alpha1.Workplace) (access.Visitor, error) {
	visitor := access.Visitor{Username: session.Username}
	if workplace == nil || string(workplace.Spec.User.Username) == session.Username {
		return visitor, nil
	}
	sessions, err := s.Judge.Of(ctx, workplace, session.Username)
	if err != nil {
		return visitor, err
	}
	for i := range sessions {
		visitor.Support = sessions[i].Name
		if access.Consented(&sessions[i], session.Username, workplace, s.Clock.Now()).OK() {
			break
		}
	}
	return visitor, nil
}

// restart restarts somebody's own workplace, as that person.
func (s *Web) restart(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	key := types.NamespacedName{Namespace: v1alpha1.NamespaceFor(r.PathValue("tenant")), Name: r.PathValue("workplace")}
	body := fmt.Sprintf(`{"spec":{"restartedAt":%q}}`, s.Clock.Now().UTC().Format(time.RFC3339))
	err := s.patch(r.Context(), session, &v1alpha1.Workplace{ObjectMeta: objectMeta(key)}, "", body)
	s.Audit.Write(audit.Line{Event: audit.Restart, Allowed: err == nil, Who: session.Username, Tenant: r.PathValue("tenant"), Workplace: key.Name, From: r.RemoteAddr})
	if err != nil {
		return err
	}
	return s.goOn(w, r, "/", "restarting")
}

// consent answers who asks to look along, or takes the answer back (TD-24).
func (s *Web) consent(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	decision := v1alpha1.ConsentDecision(r.PostFormValue("decision"))
	said := map[v1alpha1.ConsentDecision]string{
		v1alpha1.ConsentGranted: "granted", v1alpha1.ConsentRefused: "refused", v1alpha1.ConsentRevoked: "revoked",
	}[decision]
	if said == "" {
		return &problem{http.StatusBadRequest, "choose whether somebody may look along or not"}
	}
	key := types.NamespacedName{Namespace: v1alpha1.NamespaceFor(r.PathValue("tenant")), Name: r.PathValue("session")}
	if err := s.decide(r, session, key, decision); err != nil {
		return err
	}
	return s.goOn(w, r, "/", said)
}

// decide writes a decision on consent, as the person whose it is.
func (s *Web) decide(r *http.Request, session *signin.Session, key types.NamespacedName, decision v1alpha1.ConsentDecision) error {
	body := fmt.Sprintf(`{"status":{"consent":{"decision":%q,"by":%q,"at":%q}}}`, decision, session.Username, s.Clock.Now().UTC().Format(time.RFC3339))
	if decision == v1alpha1.ConsentRevoked {
		body = fmt.Sprintf(`{"status":{"consent":{"decision":%q,"by":%q}}}`, decision, session.Username)
	}
	err := s.patch(r.Context(), session, &v1alpha1.SupportSession{ObjectMeta: objectMeta(key)}, "status", body)
	s.Audit.Write(audit.Line{Event: audit.Consent, Allowed: err == nil, Reason: string(decision), Who: session.Username,
		Tenant: tenantOf(key.Namespace), Support: key.Name, From: r.RemoteAddr})
	return err
}

// endSupport ends the support sessions that somebody takes part in: "either
// signs out".
func (s *Web) endSupport(r *http.Request, session *signin.Session) error {
	asked, err := s.Judge.AskedOf(r.Context(), session.Username)
	if err != nil {
		return err
	}
	for i := range asked {
		if c := asked[i].Status.Consent; c.Decision == v1alpha1.ConsentGranted && asked[i].Status.EndedAt == nil {
			if err := s.decide(r, session, client.ObjectKeyFromObject(&asked[i]), v1alpha1.ConsentRevoked); err != nil {
				return err
			}
		}
	}
	own, err := s.Judge.OfAgent(r.Context(), session.Username)
	if err != nil {
		return err
	}
	for i := range own {
		if own[i].Spec.Mode != v1alpha1.SupportOnSite && !own[i].Spec.End && own[i].Status.EndedAt == nil {
			if err := s.end(r, session, client.ObjectKeyFromObject(&own[i])); err != nil {
				return err
			}
		}
	}
	return nil
}

// patch changes an object as somebody.
func (s *Web) patch(ctx context.Context, session *signin.Session, object client.Object, subresource, body string) error {
	api, err := s.as(session)
	if err != nil {
		return err
	}
	change := client.RawPatch(types.MergePatchType, []byte(body))
	if subresource != "" {
		return api.SubResource(subresource).Patch(ctx, object, change)
	}
	return api.Patch(ctx, object, change)
}

func objectMeta(key types.NamespacedName) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}
}
