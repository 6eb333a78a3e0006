// SPDX-License-Identifier: Apache-2.0

// Package notices sends Notices with the real operator to a real mail server,
// which is dead, slow to agree or says no, and counts what arrives.
package notices

import (
	"context"
	"fmt"
	"mime"
	"net/mail"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/mailserver"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/proxy"
)

const soon = 30 * time.Second

func TestMain(m *testing.M) { operator.Main(m) }

// provider is a provider whose operator sends through a mail server, behind a
// proxy that the test controls. It shares the cluster with those of other tests,
// and has tenants of its own.
type provider struct {
	client.Client
	t          *testing.T
	proxy      *proxy.Proxy
	mail       *mailserver.Server
	operator   *operator.Operator
	kubeconfig string
	outbox     string
	namespace  string
	arguments  []string
}

func newProvider(t *testing.T, server *mailserver.Server, arguments ...string) *provider {
	t.Helper()
	c := cluster.Shared()
	front, err := proxy.Start(c.ConfigAs(cluster.Manager))
	must(t, err)
	t.Cleanup(front.Stop)
	kubeconfig, err := front.Kubeconfig(t.TempDir())
	must(t, err)
	p := &provider{
		Client: c.As(cluster.Manager, "system:masters"), t: t, proxy: front, mail: server, kubeconfig: kubeconfig,
		outbox: filepath.Join(t.TempDir(), "outbox"), arguments: arguments,
	}
	p.tenant()
	t.Cleanup(p.stop)
	return p
}

// tenant lets the notices that follow be those of a new tenant.
func (p *provider) tenant() {
	p.t.Helper()
	p.namespace = v1alpha1.NamespaceFor("n" + rand.String(8))
	must(p.t, p.Create(p.t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.namespace}}))
}

// sending are the flags with which the operator sends through the mail server.
func (p *provider) sending() []string {
	return []string{
		"--smtp-address=" + p.mail.Address, "--smtp-ca=" + p.mail.CAFile, "--outbox-dir=" + p.outbox,
		"--notice-from=dienst@noorderlicht.example", "--notice-provider=Noorderlicht Werkplekken",
	}
}

// start starts the operator (anew) with its clock ahead.
func (p *provider) start(ahead time.Duration, more ...string) {
	p.t.Helper()
	p.stop()
	arguments := append([]string{"--controllers=notice", "--clock-offset=" + ahead.String()}, p.arguments...)
	var err error
	p.operator, err = operator.Start(p.kubeconfig, append(arguments, more...)...)
	must(p.t, err)
}

func (p *provider) stop() {
	if p.operator == nil {
		return
	}
	p.operator.Stop()
	if p.t.Failed() {
		p.t.Logf("the end of the operator's log:\n%s", p.operator.Log())
	}
	p.operator = nil
}

// give makes a notice to piet@<namespace>.
func (p *provider) give(name string, spec v1alpha1.NoticeSpec) {
	p.t.Helper()
	if spec.To == nil {
		spec.To = []v1alpha1.Email{p.piet()}
	}
	must(p.t, p.Create(p.t.Context(), &v1alpha1.Notice{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: name}, Spec: spec}))
}

func (p *provider) piet() v1alpha1.Email {
	return v1alpha1.Email("piet@" + p.namespace + ".example")
}

// becomes waits until a notice's condition Sent has a reason, and returns the notice.
func (p *provider) becomes(name, reason string, attempts int32) *v1alpha1.Notice {
	p.t.Helper()
	notice := &v1alpha1.Notice{}
	cluster.Eventually(p.t, soon, fmt.Sprintf("notice %s is %s after %d attempts", name, reason, attempts), func(ctx context.Context) error {
		if err := p.Get(ctx, client.ObjectKey{Namespace: p.namespace, Name: name}, notice); err != nil {
			return err
		}
		sent := meta.FindStatusCondition(notice.Status.Conditions, v1alpha1.ConditionSent)
		if sent == nil || sent.Reason != reason || attempts >= 0 && notice.Status.Attempts != attempts {
			return fmt.Errorf("it is %+v after %d attempts", sent, notice.Status.Attempts)
		}
		return nil
	})
	return notice
}

// message returns what the condition Sent of a notice says.
func message(notice *v1alpha1.Notice) string {
	return meta.FindStatusCondition(notice.Status.Conditions, v1alpha1.ConditionSent).Message
}

// sentOnce waits until a notice is sent, and checks that its message arrived once.
func (p *provider) sentOnce(name string) (*v1alpha1.Notice, *mail.Message) {
	p.t.Helper()
	notice := p.becomes(name, v1alpha1.ReasonSent, -1)
	s := notice.Status
	if s.SentAt == nil || s.RetryAt != nil || !meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionSent) || !meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionReady) {
		p.t.Errorf("%s: the status is %+v", name, s)
	}
	var found []mailserver.Mail
	for _, taken := range p.mail.Received() {
		if strings.Contains(taken.Data, "Message-ID: "+s.MessageID+"\r\n") {
			found = append(found, taken)
		}
	}
	if len(found) != 1 {
		p.t.Fatalf("%s arrived %d times as %s", name, len(found), s.MessageID)
	}
	var to []string
	for _, address := range notice.Spec.To {
		to = append(to, string(address))
	}
	if strings.Join(found[0].To, " ") != strings.Join(to, " ") || found[0].From != "dienst@noorderlicht.example" || !found[0].Protected {
		p.t.Errorf("%s: the envelope is %+v", name, found[0])
	}
	parsed, err := mail.ReadMessage(strings.NewReader(found[0].Data))
	must(p.t, err)
	return notice, parsed
}

// arrived returns how many messages this tenant's people got.
func (p *provider) arrived() int {
	count := 0
	for _, taken := range p.mail.Received() {
		if strings.Contains(strings.Join(taken.To, " "), "@"+p.namespace+".example") {
			count++
		}
	}
	return count
}

// writes returns the writes to this tenant's notices since the proxy was told to count.
func (p *provider) writes() (paths []string) {
	for _, request := range p.proxy.Requests() {
		if p.concerns(request) {
			paths = append(paths, request.Site()+" "+request.Body)
		}
	}
	return paths
}

func (p *provider) concerns(request proxy.Request) bool {
	return request.Write() && strings.Contains(request.Path, "/namespaces/"+p.namespace+"/notices")
}

func subject(t *testing.T, m *mail.Message) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	must(t, err)
	return text
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
