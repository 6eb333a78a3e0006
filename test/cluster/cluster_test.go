// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func TestMain(m *testing.M) { Main(m) }

func TestSharedServesTheKinds(t *testing.T) {
	t.Parallel()
	if err := Shared().Client.List(t.Context(), &v1alpha1.TenantList{}); err != nil {
		t.Fatal(err)
	}
}

func TestAsActsAsTheUser(t *testing.T) {
	t.Parallel()
	review := &authenticationv1.SelfSubjectReview{}
	if err := Shared().As("anna@jansen.example", "bakers").Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	if got := review.Status.UserInfo.Username; got != "anna@jansen.example" {
		t.Errorf("the API server saw %q", got)
	}
}

func TestInstallAgain(t *testing.T) {
	t.Parallel()
	if err := Shared().Install(t.Context(), Config...); err != nil {
		t.Fatal(err)
	}
}

func TestInstallNothing(t *testing.T) {
	t.Parallel()
	if err := Shared().Install(t.Context(), t.TempDir()); err == nil {
		t.Error("installing an empty directory succeeded")
	}
}

func TestStartQuotesWhatWentWrong(t *testing.T) {
	t.Parallel()
	p := newProcess(exec.Command("sh", "-c", "echo the disk is full >&2; exit 3"), nil)
	_, err := p.start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the disk is full") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
}

func TestStopEndsStandardInput(t *testing.T) {
	t.Parallel()
	p := newProcess(exec.Command("sh", "-c", "echo ready /somewhere; cat"), nil)
	if path, err := p.start(t.Context()); err != nil || path != "/somewhere" {
		t.Fatalf("got %q, %v", path, err)
	}
	for range 2 {
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestPollReturnsTheCheckersLastError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*pollInterval)
	defer cancel()
	want := errors.New("still red")
	err := poll(ctx, func(ctx context.Context) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return want
	})
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestEventually(t *testing.T) {
	t.Parallel()
	calls := 0
	Eventually(t, 10*time.Second, "the third call", func(context.Context) error {
		if calls++; calls < 3 {
			return errors.New("too early")
		}
		return nil
	})
}

func TestRoot(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(Root() + "/go.mod"); err != nil {
		t.Error(err)
	}
}
