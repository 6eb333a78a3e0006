// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/mailserver"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/proxy"
)

// play gives three notices: the mail server takes two at once, and one not at
// the first time.
func (p *provider) play() {
	p.t.Helper()
	later := &atomic.Bool{}
	later.Store(true)
	p.mail.Answer(func(stage mailserver.Stage, argument string) error {
		if stage == mailserver.OnRcpt && strings.HasPrefix(argument, "later@"+p.namespace) && later.Swap(false) {
			return mailserver.No(450, "later")
		}
		return nil
	})
	p.give("one", v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome, Language: "nl"})
	p.give("two", v1alpha1.NoticeSpec{Type: v1alpha1.NoticeClosureAnnouncement, Language: "da"})
	p.give("later", v1alpha1.NoticeSpec{Type: v1alpha1.NoticeErased, To: []v1alpha1.Email{"later@" + p.piet()[5:]}})
	p.sentOnce("one")
	p.sentOnce("two")
	cluster.Eventually(p.t, soon, "the third is sent, or put off", func(ctx context.Context) error {
		notice := &v1alpha1.Notice{}
		if err := p.Get(ctx, client.ObjectKey{Namespace: p.namespace, Name: "later"}, notice); err != nil {
			return err
		}
		if s := notice.Status; s.SentAt == nil && s.RetryAt == nil {
			return fmt.Errorf("its status is %+v", s)
		}
		return nil
	})
}

// TestCrashAtEveryWrite kills the operator before, after, and after with the
// answer lost, at each write to the API server with which it delivers. With the
// same outbox folder each message arrives once.
func TestCrashAtEveryWrite(t *testing.T) {
	p := newProvider(t, mailserver.Start(t, "starttls", false))
	p.arguments = p.sending()
	p.start(0)
	p.play()
	writes := p.writes()
	for _, write := range writes {
		if !strings.HasPrefix(write, "PATCH notices/status ") {
			t.Errorf("an unexpected write: %s", write)
		}
	}
	if len(writes) != 6 {
		t.Fatalf("three notices took %d writes:\n%s", len(writes), strings.Join(writes, "\n"))
	}
	tenants := []string{p.namespace}
	crashes := 0
	for k := range writes {
		for _, crash := range proxy.Crashes {
			p.tenant()
			seen, struck := 0, &atomic.Bool{}
			p.proxy.Intercept(func(request proxy.Request) proxy.Fault {
				if struck.Load() || !p.concerns(request) {
					return nil
				}
				if seen++; seen <= k {
					return nil
				}
				struck.Store(true)
				return crash.Fault(p.operator.Kill)
			})
			p.play()
			if !struck.Load() {
				t.Errorf("no crash %s write %d", crash, k)
			}
			if t.Failed() {
				t.Fatalf("crash %s write %d", crash, k)
			}
			crashes++
			tenants = append(tenants, p.namespace)
		}
	}
	// Whatever is still to come comes now, and nothing that has come.
	p.start(2 * time.Hour)
	for _, p.namespace = range tenants {
		for _, name := range []string{"one", "two", "later"} {
			p.sentOnce(name)
		}
		if p.arrived() != 3 {
			t.Errorf("tenant %s: %d messages of 3", p.namespace, p.arrived())
		}
	}
	if total := len(p.mail.Received()); total != 3*len(tenants) {
		t.Errorf("%d messages of %d", total, 3*len(tenants))
	}
	t.Logf("%d crashes at %d writes, %d messages", crashes, len(writes), len(p.mail.Received()))
}

// The one moment that cannot be told apart: the mail server has the message, and
// the operator dies before it hears so. It sends again, as the same message.
func TestCrashBeforeTheAnswer(t *testing.T) {
	p := newProvider(t, mailserver.Start(t, "starttls", false))
	p.arguments = p.sending()
	struck := &atomic.Bool{}
	p.mail.Answer(func(stage mailserver.Stage, _ string) error {
		if stage == mailserver.OnData && !struck.Swap(true) {
			p.operator.Kill()
		}
		return nil
	})
	p.start(0)
	p.give("welcome", v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome})
	notice := p.becomes("welcome", v1alpha1.ReasonSent, 2)
	same := 0
	for _, taken := range p.mail.Received() {
		if strings.Contains(taken.Data, "Message-ID: "+notice.Status.MessageID+"\r\n") {
			same++
		}
	}
	if same != 2 || p.arrived() != 2 {
		t.Errorf("%d messages, %d of them with the id %s", p.arrived(), same, notice.Status.MessageID)
	}
}

// A manager that is told to stop while a message is on its way records what
// became of it before it goes: at an upgrade its outbox goes with its pod.
func TestToldToStop(t *testing.T) {
	p := newProvider(t, mailserver.Start(t, "starttls", false))
	log := &safeLog{}
	manager := exec.CommandContext(t.Context(), operator.Binary(), append(p.sending(), "--controllers=notice", "--metrics-bind-address=0", "--health-probe-bind-address=0")...)
	manager.Env = append(os.Environ(), "KUBECONFIG="+p.kubeconfig)
	manager.Stderr = log
	asked := make(chan struct{})
	p.mail.Answer(func(stage mailserver.Stage, _ string) error {
		if stage != mailserver.OnData {
			return nil
		}
		close(asked)
		_ = manager.Process.Signal(syscall.SIGTERM)
		cluster.Eventually(t, soon, "the manager is stopping", func(context.Context) error {
			if !strings.Contains(log.String(), "Stopping and waiting") {
				return errors.New("it says nothing of that")
			}
			return nil
		})
		return nil
	})
	must(t, manager.Start())
	p.give("welcome", v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome})
	if err := manager.Wait(); err != nil {
		t.Errorf("the manager ends with %v:\n%s", err, log)
	}
	select {
	case <-asked:
	default:
		t.Fatalf("the manager ended before it sent:\n%s", log)
	}
	if notice, _ := p.sentOnce("welcome"); notice.Status.Attempts != 1 {
		t.Errorf("%d attempts", notice.Status.Attempts)
	}
}

// safeLog is a log that is read while it is written.
type safeLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *safeLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
