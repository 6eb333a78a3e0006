// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	realclock "k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/gateway"
	"werkplek.dev/werkplek/internal/portal/seal"
	"werkplek.dev/werkplek/test/cluster"
)

const (
	desksDomain = "desks.example.com"
	desktopEnv  = "WERKPLEK_STAND_IN_DESKTOP"
	sealSecret  = "a secret that only a benchmark uses, long enough"
	blobSize    = 256 << 20
)

// crowd is a gateway with many workplaces behind it.
type crowd struct {
	address string // of the gateway
	desktop string // of the one stand-in behind all workplaces
	pid     int
	passes  *seal.Sealer
	places  []v1alpha1.Workplace
	tenant  string
	command func() *exec.Cmd // of the gateway
	ready   string           // URL that answers once it serves
	stop    func()           // ends the gateway at once
}

// BenchmarkGateway measures a gateway with many open websockets: memory for each,
// how long after a restart all are back, how long after a suspension's write the
// last is cut, and how fast it carries beside nginx. WERKPLEK_CONNECTIONS says how many.
func BenchmarkGateway(b *testing.B) {
	connections := 10000
	if given := os.Getenv("WERKPLEK_CONNECTIONS"); given != "" {
		var err error
		if connections, err = strconv.Atoi(given); err != nil {
			b.Fatal("WERKPLEK_CONNECTIONS must be a number: ", err)
		}
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	// A connection takes two files of the gateway: its own and the desktop's.
	if most := int(limit.Max)/2 - 100; connections > most {
		b.Logf("the limit of %d open files of this machine allows %d connections, not %d", limit.Max, most, connections)
		connections = most
	}
	for range b.N {
		c := gather(b, connections)
		quiet := now(b, c.pid)
		started := time.Now()
		conns := c.connect(b)
		b.Logf("%d connections opened in %.1f s", len(conns), time.Since(started).Seconds())
		time.Sleep(2 * time.Second) //nolint:forbidigo // what the handshakes left is collected; nothing is awaited here
		more := now(b, c.pid) - quiet
		each := float64(more) / float64(len(conns)) / 1024
		b.Logf("%d MiB at rest, %d MiB more for %d connections: %.1f KiB each", quiet>>20, more>>20, len(conns), each)
		b.ReportMetric(each, "KiB/connection")
		c.stop()
		c.run(b)
		started = time.Now()
		conns = c.connect(b)
		b.Logf("after a restart all %d are back in %.1f s", len(conns), time.Since(started).Seconds())
		b.ReportMetric(time.Since(started).Seconds(), "s-all-back")
		cut := c.suspend(b, conns)
		b.Logf("from the suspension's write to the cut: p50 %s, p99 %s, last %s", cut[len(cut)/2], cut[len(cut)*99/100], cut[len(cut)-1])
		b.ReportMetric(float64(cut[len(cut)/2].Milliseconds()), "ms-cut-p50")
		b.ReportMetric(float64(cut[len(cut)*99/100].Milliseconds()), "ms-cut-p99")
		c.besideNginx(b)
	}
}

// now returns the memory that a process holds.
func now(b *testing.B, pid int) int64 {
	b.Helper()
	bytes, err := held(pid, "VmRSS")
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}

// gather makes workplaces that look as if the operator ran them, all with the one
// stand-in desktop, and a gateway.
func gather(b *testing.B, count int) *crowd {
	b.Helper()
	ctx := b.Context()
	c := &crowd{tenant: fmt.Sprintf("crowd-%d", time.Now().Unix()), desktop: standIn(b)}
	api := cluster.Shared().Client
	_, port, _ := net.SplitHostPort(c.desktop)
	number, _ := strconv.Atoi(port)
	class := &v1alpha1.WorkplaceClass{
		ObjectMeta: metav1.ObjectMeta{Name: c.tenant},
		Spec: v1alpha1.WorkplaceClassSpec{
			Desktop: v1alpha1.DesktopSpec{Image: "registry.example.com/desktop:1", Port: int32(number)}, //nolint:gosec // a port
			Home:    v1alpha1.HomeSpec{Size: resource.MustParse("1Gi")},
		},
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.NamespaceFor(c.tenant), Labels: map[string]string{v1alpha1.LabelTenant: c.tenant}}}
	tenant := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: c.tenant}, Spec: v1alpha1.TenantSpec{TermsRef: v1alpha1.Reference{Name: "none"}}}
	for _, object := range []client.Object{class, namespace, tenant} {
		if err := api.Create(ctx, object); err != nil {
			b.Fatal(err)
		}
	}
	cluster.Eventually(b, deadline, "the namespace's service account", func(ctx context.Context) error {
		return api.Get(ctx, client.ObjectKey{Namespace: namespace.Name, Name: "default"}, &corev1.ServiceAccount{})
	})
	c.places = make([]v1alpha1.Workplace, count)
	inParallel(b, count, func(i int) error { return c.place(ctx, api, i) })
	c.start(b)
	return c
}

// place makes one workplace and its pod.
func (c *crowd) place(ctx context.Context, api client.Client, i int) error {
	now := metav1.Now()
	w := &c.places[i]
	w.ObjectMeta = metav1.ObjectMeta{Name: fmt.Sprintf("w%d", i), Namespace: v1alpha1.NamespaceFor(c.tenant)}
	w.Spec = v1alpha1.WorkplaceSpec{
		User: v1alpha1.Person{Username: v1alpha1.Username(fmt.Sprintf("user-%d@example.com", i))}, ClassRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(c.tenant)},
	}
	if err := api.Create(ctx, w); err != nil {
		return err
	}
	base := w.DeepCopy()
	for _, kind := range []string{v1alpha1.ConditionAccessGranted, v1alpha1.ConditionDesktopReady} {
		w.Status.Conditions = append(w.Status.Conditions, metav1.Condition{Type: kind, Status: "True", Reason: "Seeded", LastTransitionTime: now})
	}
	// Used just now: the gateway has nothing to report while it is measured.
	w.Status.Activity = &v1alpha1.Activity{LastActive: &now}
	if err := api.Status().Patch(ctx, w, client.MergeFrom(base)); err != nil {
		return err
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: w.Name, Namespace: w.Namespace,
			Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelClass: c.tenant},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: "Workplace", Name: w.Name, UID: w.UID, Controller: ptr.To(true),
			}},
		},
		Spec: corev1.PodSpec{
			SchedulerName: "nobody", AutomountServiceAccountToken: ptr.To(false),
			Containers: []corev1.Container{{Name: "desktop", Image: "registry.example.com/desktop:1"}},
		},
	}
	if err := api.Create(ctx, pod); err != nil {
		return err
	}
	before := pod.DeepCopy()
	pod.Status.Phase, pod.Status.PodIP, pod.Status.PodIPs = corev1.PodRunning, "127.0.0.1", []corev1.PodIP{{IP: "127.0.0.1"}}
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	return api.Status().Patch(ctx, pod, client.MergeFrom(before))
}

// start builds the real portal and runs it as a process of its own.
func (c *crowd) start(b *testing.B) {
	b.Helper()
	dir := b.TempDir()
	binary := filepath.Join(dir, "portal")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "./cmd/portal")
	build.Dir = cluster.Root()
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build the portal: %v\n%s", err, out)
	}
	config, err := clientcmd.LoadFromFile(cluster.Shared().Kubeconfig)
	if err != nil {
		b.Fatal(err)
	}
	for _, user := range config.AuthInfos {
		user.Impersonate = "system:serviceaccount:werkplek-system:werkplek-portal"
	}
	kubeconfig, secrets := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "secrets")
	certificate, key := certify(b, dir)
	err = errors.Join(clientcmd.WriteToFile(*config, kubeconfig),
		os.WriteFile(secrets, []byte(base64.StdEncoding.EncodeToString([]byte(sealSecret))), 0o600))
	if err != nil {
		b.Fatal(err)
	}
	c.address = free(b)
	ops := free(b)
	c.ready = "http://" + ops + "/readyz"
	c.command = func() *exec.Cmd {
		process := exec.Command(binary, "--bind-address="+c.address, "--ops-bind-address="+ops, "--url=https://portal.example.com", "--desks-domain="+desksDomain,
			"--oidc-issuer=https://id.example.com", "--secrets-file="+secrets, "--tls-certificate="+certificate, "--tls-key="+key, "--zap-log-level=error")
		process.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
		return process
	}
	if c.passes, err = seal.New("pass", realclock.RealClock{}, []byte(sealSecret)); err != nil {
		b.Fatal(err)
	}
	c.run(b)
}

// run runs the portal until stop, and waits until it serves.
func (c *crowd) run(b *testing.B) {
	b.Helper()
	process := c.command()
	var said strings.Builder
	process.Stderr = &said
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	c.pid = process.Process.Pid
	c.stop = sync.OnceFunc(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
		if b.Failed() {
			b.Logf("the portal said:\n%.4000s", said.String())
		}
	})
	b.Cleanup(c.stop)
	cluster.Eventually(b, deadline, "the portal", func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.ready, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
}

// host and cookie are what a browser with a pass for a workplace sends.
func (c *crowd) host(i int) string { return c.places[i].Name + "--" + c.tenant + "." + desksDomain }

func (c *crowd) cookie(i int) (string, error) {
	w := &c.places[i]
	until := time.Now().Add(time.Hour)
	pass, err := c.passes.Seal(gateway.Pass{
		Session: strconv.Itoa(i), Username: string(w.Spec.User.Username), UID: w.UID, Until: until,
		Workplace: types.NamespacedName{Namespace: w.Namespace, Name: w.Name},
	}, until)
	return "__Host-werkplek-desk=" + pass, err
}

func (c *crowd) browser() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, c.address)
		},
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the certificate of a test
		MaxIdleConnsPerHost: 64,
	}}
}

// connect opens one websocket to each workplace.
func (c *crowd) connect(b *testing.B) []*websocket.Conn {
	b.Helper()
	conns := make([]*websocket.Conn, len(c.places))
	browser := c.browser()
	inParallel(b, len(conns), func(i int) error {
		cookie, err := c.cookie(i)
		if err != nil {
			return err
		}
		conn, _, err := websocket.Dial(b.Context(), "wss://"+c.host(i)+"/websockify", &websocket.DialOptions{
			HTTPClient: browser, HTTPHeader: http.Header{"Origin": {"https://" + c.host(i)}, "Cookie": {cookie}},
		})
		if err != nil {
			return fmt.Errorf("connect to %s: %w", c.host(i), err)
		}
		conns[i] = conn
		if err := conn.Write(b.Context(), websocket.MessageText, []byte("hello")); err != nil {
			return err
		}
		_, _, err = conn.Read(b.Context())
		return err
	})
	b.Cleanup(func() {
		for _, conn := range conns {
			_ = conn.CloseNow()
		}
	})
	return conns
}

// suspend suspends the tenant of all and returns, in order, when each connection
// ended, counted from the API server's answer to the write.
func (c *crowd) suspend(b *testing.B, conns []*websocket.Conn) []time.Duration {
	b.Helper()
	ended := make([]time.Time, len(conns))
	var waiting sync.WaitGroup
	for i, conn := range conns {
		waiting.Go(func() {
			_, _, _ = conn.Read(context.Background())
			ended[i] = time.Now()
		})
	}
	suspension := &v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Name: "by-hand", Namespace: v1alpha1.NamespaceFor(c.tenant)},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Reason: "a benchmark"},
	}
	if err := cluster.Shared().Client.Create(b.Context(), suspension); err != nil {
		b.Fatal(err)
	}
	written := time.Now()
	waiting.Wait()
	took := make([]time.Duration, len(ended))
	for i, at := range ended {
		took[i] = max(0, at.Sub(written))
	}
	slices.Sort(took)
	// Without the suspension, for what comes after.
	base := suspension.DeepCopy()
	suspension.Status.LiftedAt = ptr.To(metav1.Now())
	if err := cluster.Shared().As(cluster.Manager, "system:masters").Status().Patch(b.Context(), suspension, client.MergeFrom(base)); err != nil {
		b.Fatal(err)
	}
	return took
}

// besideNginx compares the gateway with nginx, which asks nobody anything, in
// front of the same stand-in with the same certificate.
func (c *crowd) besideNginx(b *testing.B) {
	b.Helper()
	cookie, err := c.cookie(0)
	if err != nil {
		b.Fatal(err)
	}
	address, ok := nginx(b, c.desktop)
	if !ok {
		b.Log("nginx is not installed: no comparison")
		return
	}
	peers := map[string]*crowd{"gateway": c, "nginx": {address: address, tenant: c.tenant, places: c.places}}
	for _, load := range []struct {
		name, path string
		parallel   int
		length     time.Duration
	}{{"requests", "/small", 32, 5 * time.Second}, {"bytes", "/blob", 4, 5 * time.Second}} {
		rates := map[string][]float64{}
		for round := range 3 { // side by side, so that whatever else the machine does hits both
			for _, peer := range []string{"gateway", "nginx"} {
				rate := peers[peer].pull(b, load.path, cookie, load.parallel, load.length)
				rates[peer] = append(rates[peer], rate)
				b.Logf("%s round %d: %s %.0f/s", load.name, round, peer, rate)
			}
		}
		slices.Sort(rates["gateway"])
		slices.Sort(rates["nginx"])
		b.ReportMetric(rates["gateway"][1]/rates["nginx"][1], load.name+"-of-nginx")
	}
}

// pull asks for a path over and over and returns requests, or bytes, per second.
func (c *crowd) pull(b *testing.B, path, cookie string, parallel int, length time.Duration) float64 {
	b.Helper()
	browser := c.browser()
	defer browser.CloseIdleConnections()
	var done atomic.Int64
	ctx, cancel := context.WithTimeout(b.Context(), length)
	defer cancel()
	var waiting sync.WaitGroup
	var fault atomic.Value
	for range parallel {
		waiting.Go(func() {
			for ctx.Err() == nil {
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+c.host(0)+path, nil)
				if err != nil {
					fault.Store(err)
					return
				}
				request.Header.Set("Cookie", cookie)
				response, err := browser.Do(request)
				if err != nil {
					if ctx.Err() == nil {
						fault.Store(err)
					}
					return
				}
				n, _ := io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				if response.StatusCode != http.StatusOK {
					fault.Store(errors.New(response.Status))
					return
				}
				if path == "/small" {
					n = 1
				}
				done.Add(n)
			}
		})
	}
	waiting.Wait()
	if err, ok := fault.Load().(error); ok {
		b.Fatal(err)
	}
	return float64(done.Load()) / length.Seconds()
}

// nginx runs nginx in front of an address, if it is installed.
func nginx(b *testing.B, upstream string) (string, bool) {
	b.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		binary = "/usr/sbin/nginx"
		if _, err := os.Stat(binary); err != nil {
			return "", false
		}
	}
	dir := b.TempDir()
	certificate, key := certify(b, dir)
	address := free(b)
	config := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
  upstream desktop { server %[2]s; keepalive 64; }
  server {
    listen %[3]s ssl; ssl_certificate %[4]s; ssl_certificate_key %[5]s; keepalive_requests 1000000;
    location / { proxy_pass http://desktop; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; proxy_buffering off; }
  }
}`, dir, upstream, address, certificate, key)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	process := exec.Command(binary, "-c", path, "-p", dir)
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	cluster.Eventually(b, deadline, "nginx", func(ctx context.Context) error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err
	})
	return address, true
}

// standIn runs this test binary as the desktop of everybody, as a process of its
// own, so that its files and its memory are not the benchmark's.
func standIn(b *testing.B) string {
	b.Helper()
	process := exec.Command(os.Args[0], "-test.run=^$")
	process.Env = append(os.Environ(), desktopEnv+"=1")
	out, err := process.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	line := make([]byte, 64)
	n, err := out.Read(line)
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(string(line[:n]))
}

// serveDesktop is what the stand-in runs: it never returns.
func serveDesktop() {
	small, blob := make([]byte, 1024), make([]byte, 1<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Upgrade") != "":
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
		case r.URL.Path == "/blob":
			w.Header().Set("Content-Length", strconv.Itoa(blobSize))
			for range blobSize / len(blob) {
				if _, err := w.Write(blob); err != nil {
					return
				}
			}
		default:
			_, _ = w.Write(small)
		}
	}))
	address, _ := url.Parse(server.URL)
	fmt.Println(address.Host)
	select {}
}

// certify writes a certificate for everybody, and its key.
func certify(b *testing.B, dir string) (certificate, key string) {
	b.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "benchmark"}, DNSNames: []string{"portal.example.com", "*." + desksDomain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		b.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		b.Fatal(err)
	}
	certificate, key = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	err = errors.Join(
		os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	if err != nil {
		b.Fatal(err)
	}
	return certificate, key
}

// free returns an address of this machine that nobody listens on.
func free(b *testing.B) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// inParallel does a piece of work many times, several at once, and ends the
// benchmark on the first error.
func inParallel(b *testing.B, count int, work func(int) error) {
	b.Helper()
	var next atomic.Int64
	var waiting sync.WaitGroup
	var fault atomic.Value
	for range 32 {
		waiting.Go(func() {
			for i := int(next.Add(1)) - 1; i < count && fault.Load() == nil; i = int(next.Add(1)) - 1 {
				if err := work(i); err != nil {
					fault.Store(err)
				}
			}
		})
	}
	waiting.Wait()
	if err, ok := fault.Load().(error); ok {
		b.Fatal(err)
	}
}
