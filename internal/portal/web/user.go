// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/portal/access"
	"werkplek.dev/werkplek/internal/portal/pages"
	"werkplek.dev/werkplek/internal/portal/signin"
)

const (
	// What a workplace needs of its user's line, in kbit/s (TD-16).
	needDown, needUp = 512, 128
	lineCookie       = "__Host-werkplek-line"
	downBytes        = 256 << 10
)

// line is what was measured of somebody's connection, once per sign-in.
type line struct {
	Session string `json:"i"`
	Down    int    `json:"d"`
	Up      int    `json:"u"`
}

// front is the first page: a user's own workplaces, and who asks to look along.
func (s *Web) front(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Sessions.Of(r)
	if err != nil {
		return err
	}
	if session == nil {
		return s.render(w, r, nil, http.StatusOK, "welcome", nil)
	}
	view := pages.Workplaces{NeedDownKbit: needDown, NeedUp: needUp}
	s.readLine(r, session, &view)
	own, err := s.Judge.OfUser(r.Context(), session.Username)
	if err != nil {
		return err
	}
	for i := range own {
		shown, err := s.workplace(r.Context(), &own[i])
		if err != nil {
			return err
		}
		view.Workplaces = append(view.Workplaces, shown)
	}
	asked, err := s.Judge.AskedOf(r.Context(), session.Username)
	if err != nil {
		return err
	}
	for i := range asked {
		if access.Awaiting(&asked[i]) {
			view.Asking = append(view.Asking, s.session(&asked[i]))
		}
	}
	return s.render(w, r, session, http.StatusOK, "workplaces", view)
}

// workplace says how a workplace is doing, in words that its user understands.
func (s *Web) workplace(ctx context.Context, w *v1alpha1.Workplace) (pages.Workplace, error) {
	tenant := tenantOf(w.Namespace)
	view := pages.Workplace{Name: w.Name, Tenant: tenant, Class: s.className(ctx, w), URL: w.Status.URL, RestartURL: fmt.Sprintf("/workplaces/%s/%s/restart", tenant, w.Name)}
	verdict, err := s.Judge.Decide(ctx, access.Visitor{Username: string(w.Spec.User.Username)}, w)
	if err != nil {
		return view, err
	}
	view.State, view.Reason, view.Message = state(w)
	if !verdict.OK() {
		view.State, view.Reason, view.Message = "unavailable", verdict.Reason, verdict.Message
		return view, nil
	}
	view.CanOpen = view.URL != "" && w.Spec.RunPolicy != v1alpha1.RunStopped
	view.CanRestart = view.State == "running"
	pending := meta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionRestartPending)
	view.Moving = view.State == "running" && pending != nil && pending.Reason == v1alpha1.ReasonNodeCordoned
	watching, err := s.Judge.Watching(ctx, w)
	for i := range watching {
		view.Watching = append(view.Watching, s.session(&watching[i]))
	}
	return view, err
}

// state sums a workplace's conditions up in a word.
func state(w *v1alpha1.Workplace) (word, reason, message string) {
	ready := meta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		return "starting", "", ""
	case ready.Status == "True" && opens(w):
		return "running", "", ""
	case ready.Reason == v1alpha1.ReasonIdle || ready.Reason == v1alpha1.ReasonStopped:
		return "stopped", ready.Reason, ready.Message
	case passing[ready.Reason]:
		return "starting", "", ""
	}
	return "unavailable", ready.Reason, ready.Message
}

// opens reports whether the desktop can be opened: one that rests on purpose is as
// it should be, and cannot.
func opens(w *v1alpha1.Workplace) bool {
	return meta.IsStatusConditionTrue(w.Status.Conditions, v1alpha1.ConditionDesktopReady)
}

func (s *Web) className(ctx context.Context, w *v1alpha1.Workplace) string {
	class, err := s.Judge.Class(ctx, string(w.Spec.ClassRef.Name))
	if err != nil || class == nil || class.Spec.DisplayName == "" {
		return string(w.Spec.ClassRef.Name)
	}
	return class.Spec.DisplayName
}

// session shows a support session.
func (s *Web) session(o *v1alpha1.SupportSession) pages.Session {
	tenant := tenantOf(o.Namespace)
	view := pages.Session{
		Agent: string(o.Spec.Agent), Workplace: string(o.Spec.WorkplaceRef.Name), Tenant: tenant, Mode: string(o.Spec.Mode), Reason: o.Spec.Reason,
		AnswerURL: fmt.Sprintf("/consent/%s/%s", tenant, o.Name), EndURL: fmt.Sprintf("/support/%s/%s/end", tenant, o.Name),
	}
	length, within := clockPeriod(o.Spec.MaximumLength), clockPeriod(o.Spec.ConsentWithin)
	view.MaximumLengthMinute = int(length.Clock / time.Minute)
	view.State = "ended"
	consent := o.Status.Consent
	if consent != nil {
		view.User = string(consent.AskedOf)
	}
	switch {
	case o.Spec.End || o.Status.EndedAt != nil && (consent == nil || consent.Decision == v1alpha1.ConsentGranted):
	case consent == nil || consent.Decision == "":
		view.State, view.Until = "asked", within.AfterMoment(o.CreationTimestamp.Time, time.UTC)
	case consent.Decision == v1alpha1.ConsentGranted && consent.At != nil:
		view.Until = length.AfterMoment(consent.At.Time, time.UTC)
		if s.Clock.Now().Before(view.Until) {
			view.State = "active"
		}
	default:
		view.State = map[v1alpha1.ConsentDecision]string{
			v1alpha1.ConsentRefused: "refused", v1alpha1.ConsentRevoked: "revoked", v1alpha1.ConsentLapsed: "lapsed",
		}[consent.Decision]
	}
	view.CanEnd = view.State == "asked" || view.State == "active"
	view.CanSee = view.State == "active"
	return view
}

func clockPeriod(p v1alpha1.Period) calendar.Period {
	parsed, err := calendar.ParsePeriod(string(p))
	if err != nil {
		return calendar.Period{}
	}
	return parsed
}

func (s *Web) signedOut(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, nil, http.StatusOK, "signedout", s.Provider.SignOutURL(s.URL+"/signed-out"))
}

// --- the line (TD-16) ----------------------------------------------------------

func (s *Web) lineRoutes(private privateRoutes) {
	private("GET /line/down", func(w http.ResponseWriter, _ *http.Request, _ *signin.Session) error {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(downBytes))
		_, _ = io.CopyN(w, rand.Reader, downBytes) // nothing that could be compressed on the way
		return nil
	})
	private("POST /line/up", func(w http.ResponseWriter, r *http.Request, _ *signin.Session) error {
		_, err := io.Copy(io.Discard, r.Body)
		if err == nil {
			w.WriteHeader(http.StatusNoContent)
		}
		return err
	})
	private("POST /line", func(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
		measured := line{Session: session.ID}
		measured.Down, _ = strconv.Atoi(r.PostFormValue("down"))
		measured.Up, _ = strconv.Atoi(r.PostFormValue("up"))
		text, err := s.Notes.Seal(measured, session.Until)
		if err != nil {
			return err
		}
		setCookie(w, lineCookie, text, int(session.Until.Sub(s.Clock.Now()).Seconds()))
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// readLine warns of a line that was measured to be slow, or asks to measure it.
func (s *Web) readLine(r *http.Request, session *signin.Session, view *pages.Workplaces) {
	var measured line
	cookie, err := r.Cookie(lineCookie)
	if err != nil || s.Notes.Open(cookie.Value, &measured) != nil || measured.Session != session.ID {
		view.MeasureLine = true
		return
	}
	view.DownKbit, view.UpKbit = measured.Down, measured.Up
	view.SlowLine = measured.Down > 0 && measured.Down < needDown || measured.Up > 0 && measured.Up < needUp
}
