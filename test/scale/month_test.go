// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/proxy"
	"werkplek.dev/werkplek/test/world"
)

// usersEach is how many users, each with one workplace and one licence, a tenant
// of the benchmark has.
const usersEach = 10

// metering are the controllers that the benchmark runs: with desktops and homes,
// so many workplaces would take an hour to come, and tell nothing more.
const metering = "--controllers=usagerecord,licensereport,license"

// BenchmarkMonthChange measures what a month's change costs: the writes, and the
// seconds from the first moment until everybody is recorded for the new month,
// and until the report is final. WERKPLEK_TENANTS says for how many tenants.
func BenchmarkMonthChange(b *testing.B) {
	tenants := 500
	if given := os.Getenv("WERKPLEK_TENANTS"); given != "" {
		var err error
		if tenants, err = strconv.Atoi(given); err != nil {
			b.Fatal("WERKPLEK_TENANTS must be a number: ", err)
		}
	}
	for range b.N {
		w := seed(b, tenants)
		p, err := proxy.Start(cluster.Shared().ConfigAs(cluster.Manager))
		if err != nil {
			b.Fatal(err)
		}
		kubeconfig, err := p.Kubeconfig(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		first := time.Now()
		o := startAt(b, kubeconfig, "2027-01-15T12:00:00Z")
		cluster.Eventually(b, deadline, "everybody's use in January", recorded(w, "2027-01", tenants))
		b.Logf("%d tenants, %d users: first recorded in %.1f s", tenants, tenants*usersEach, time.Since(first).Seconds())
		cluster.Eventually(b, deadline, "the draft", drafted(w, "2027-01", int64(tenants*usersEach)))
		o.Stop()

		// The month changes when the operator is at rest: 20 s after its start, or as much later as it needs.
		lead := 20*time.Second + time.Duration(tenants)*5*time.Millisecond
		midnight := time.Now().Add(lead)
		o = startAt(b, kubeconfig, time.Date(2027, 1, 31, 23, 0, 0, 0, time.UTC).Add(-lead).Format(time.RFC3339))
		cluster.Eventually(b, deadline, "midnight", func(context.Context) error {
			if left := time.Until(midnight); left > 0 {
				return fmt.Errorf("%s to go", left)
			}
			return nil
		})
		p.Intercept(nil)
		cluster.Eventually(b, deadline, "everybody's use in February", made(p, tenants))
		seconds, changed := time.Since(midnight).Seconds(), writes(p)
		if err := recorded(w, "2027-02", tenants)(b.Context()); err != nil {
			b.Error(err)
		}
		peak := memory(b, o.PID())
		report := &v1alpha1.LicenseReport{}
		cluster.Eventually(b, deadline, "January's report", func(ctx context.Context) error {
			if err := w.Get(ctx, client.ObjectKey{Name: "2027-01"}, report); err != nil {
				return err
			}
			if report.Status.FinalAt == nil {
				return fmt.Errorf("it is not final: %+v", report.Status.Conditions)
			}
			return nil
		})
		if got, want := report.Status.Lines[0].Quantity, int64(tenants*usersEach); got != want {
			b.Errorf("the report counts %d users, want %d", got, want)
		}
		all := writes(p)
		b.Logf("month change: %.1f s, %d record writes, %d other; report final after %.1f s and %d writes in all; %d MiB of memory",
			seconds, changed["usagerecords"], changed["other"], time.Since(midnight).Seconds(), all["usagerecords"]+all["other"], peak>>20)
		b.ReportMetric(float64(changed["usagerecords"])/float64(tenants), "writes/tenant")
		b.ReportMetric(seconds*100000/float64(tenants*usersEach), "s/100000users")
		o.Stop()
		p.Stop()
		auditPackage(b, "2027-01", tenants*usersEach)
	}
}

// auditPackage writes and verifies the audit package of a month with the plugin,
// and tells how long that took, how large it is and how much memory it took.
func auditPackage(b *testing.B, month string, users int) {
	b.Helper()
	plugin := filepath.Join(b.TempDir(), "kubectl-werkplek")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", plugin, "./cmd/kubectl-werkplek")
	build.Dir = cluster.Root()
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build the plugin: %v\n%s", err, out)
	}
	file := filepath.Join(b.TempDir(), "audit.zip")
	for _, arguments := range [][]string{
		{"report", month, "--package", file, "--quiet"},
		{"report", "verify", file},
		{"report", month, "-o", "xlsx", "-f", file + ".xlsx", "--quiet"},
	} {
		start := time.Now()
		peak := peakOf(b, exec.CommandContext(b.Context(), plugin, append(arguments, "--kubeconfig", cluster.Shared().Kubeconfig)...))
		b.Logf("kubectl werkplek %s of %d users: %.1f s, %d MiB of memory", strings.Join(arguments, " "), users, time.Since(start).Seconds(), peak>>20)
	}
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("the package has %d KiB", info.Size()>>10)
}

// peakOf runs a command and returns the most memory that it has held, in bytes.
// It asks the kernel while the command runs: what the kernel says afterwards
// includes the memory of the process that started it.
func peakOf(b *testing.B, command *exec.Cmd) int64 {
	b.Helper()
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	ticks := time.NewTicker(10 * time.Millisecond)
	defer ticks.Stop()
	var peak int64
	for {
		select {
		case err := <-ended:
			if err != nil {
				b.Fatalf("%v: %v\n%s", command.Args, err, out.String())
			}
			return peak
		case <-ticks.C:
			if now, err := held(command.Process.Pid, "VmHWM"); err == nil {
				peak = max(peak, now)
			}
		}
	}
}

// BenchmarkLargeTenant records one tenant with very many users at once, and
// tells how many writes that took and how large the largest part became.
func BenchmarkLargeTenant(b *testing.B) {
	const users = 5000
	for range b.N {
		w := world.World{Client: cluster.Shared().Client, Name: "large"}
		provision(b, w)
		tenant(b, w, 0)
		p, err := proxy.Start(cluster.Shared().ConfigAs(cluster.Manager))
		if err != nil {
			b.Fatal(err)
		}
		kubeconfig, err := p.Kubeconfig(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		o := startAt(b, kubeconfig, "2029-01-15T12:00:00Z")
		cluster.Eventually(b, deadline, "the report", drafted(w, "2029-01", -1))
		p.Intercept(nil)
		start := time.Now()
		parallel(b, users, func(i int) error {
			return w.Workplace(b.Context(), name(0), fmt.Sprintf("p%d", i), fmt.Sprintf("somebody.with.a.name.%d@customer.example.com", i))
		})
		created := time.Since(start)
		var records []v1alpha1.UsageRecord
		cluster.Eventually(b, deadline, "everybody's use", func(ctx context.Context) error {
			var err error
			if records, err = w.Records(ctx, name(0), "2029-01"); err != nil {
				return err
			}
			got := 0
			for i := range records {
				got += len(records[i].Status.Users)
			}
			if got != users {
				return fmt.Errorf("%d of %d", got, users)
			}
			return nil
		})
		largest := 0
		for i := range records {
			data, err := json.Marshal(&records[i])
			if err != nil {
				b.Fatal(err)
			}
			largest = max(largest, len(data))
		}
		b.Logf("%d workplaces created in %.1f s: %d writes of %d parts, the largest %d KiB with the API server's own notes",
			users, created.Seconds(), writes(p)["usagerecords"], len(records), largest>>10)
		b.ReportMetric(float64(writes(p)["usagerecords"]), "writes")
		o.Stop()
		p.Stop()
	}
}

func startAt(b *testing.B, kubeconfig, moment string) *operator.Operator {
	b.Helper()
	when, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		b.Fatal(err)
	}
	o, err := operator.Start(kubeconfig, metering, "--clock-offset="+time.Until(when).String())
	if err != nil {
		b.Fatal(err)
	}
	return o
}

func name(n int) string { return fmt.Sprintf("t%d", n) }

// provision makes what a provider with one licence and one class needs.
func provision(b *testing.B, w world.World) {
	b.Helper()
	for _, err := range []error{w.Terms(b.Context()), w.License(b.Context(), "rds"), w.Class(b.Context(), w.Needs("rds"))} {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// tenant makes a tenant with its namespace, as the tenant controller would.
func tenant(b *testing.B, w world.World, n int) {
	if err := furnish(b.Context(), w, n); err != nil {
		b.Fatal(err)
	}
}

func furnish(ctx context.Context, w world.World, n int) error {
	if err := w.Tenant(ctx, name(n)); err != nil {
		return err
	}
	made := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: w.Namespace(name(n)), Labels: map[string]string{v1alpha1.LabelTenant: w.TenantName(name(n)), v1alpha1.LabelManagedBy: v1alpha1.ManagedBy},
	}}
	if err := w.Create(ctx, made); err != nil {
		return err
	}
	object := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: w.TenantName(name(n))}}
	base := object.DeepCopy()
	object.Status.Namespace = made.Name
	return w.Status().Patch(ctx, object, client.MergeFrom(base))
}

// seed makes tenants with ten workplaces each, for which no desktop is started.
func seed(b *testing.B, tenants int) world.World {
	b.Helper()
	w := world.World{Client: cluster.Shared().Client, Name: "month"}
	provision(b, w)
	start := time.Now()
	parallel(b, tenants, func(n int) error {
		if err := furnish(b.Context(), w, n); err != nil {
			return err
		}
		for user := range usersEach {
			if err := w.Workplace(b.Context(), name(n), fmt.Sprintf("p%d", user), fmt.Sprintf("somebody.%d@customer-%d.example.com", user, n)); err != nil {
				return err
			}
		}
		return nil
	})
	b.Logf("%d tenants with %d workplaces made in %.0f s", tenants, tenants*usersEach, time.Since(start).Seconds())
	return w
}

// recorded says for how many tenants a month has no record yet.
func recorded(w world.World, month string, tenants int) func(context.Context) error {
	return func(ctx context.Context) error {
		var list metav1.PartialObjectMetadataList
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("UsageRecordList"))
		if err := w.List(ctx, &list, client.MatchingLabels{v1alpha1.LabelMonth: month}); err != nil {
			return err
		}
		got := 0
		for i := range list.Items {
			if strings.HasPrefix(list.Items[i].Namespace, "tenant-"+w.Name+"-") {
				got++
			}
		}
		if got != tenants {
			return fmt.Errorf("%d of %d tenants", got, tenants)
		}
		return nil
	}
}

// made says how many of so many records were not made yet. It asks the proxy:
// to list them all, again and again, would weigh on what is measured.
func made(p *proxy.Proxy, tenants int) func(context.Context) error {
	return func(context.Context) error {
		got := 0
		for _, request := range p.Requests() {
			if request.Site() == "POST usagerecords" {
				got++
			}
		}
		if got < tenants {
			return fmt.Errorf("%d of %d tenants", got, tenants)
		}
		return nil
	}
}

// drafted says how far the draft of a month is from a quantity; -1: any.
func drafted(w world.World, month string, quantity int64) func(context.Context) error {
	return func(ctx context.Context) error {
		report, err := w.LicenseReport(ctx, month)
		if err != nil || quantity < 0 {
			return err
		}
		for _, line := range report.Status.Lines {
			if string(line.License) == w.LicenseName("rds") && line.Quantity == quantity {
				return nil
			}
		}
		return fmt.Errorf("the draft says %+v", report.Status.Lines)
	}
}

// writes counts the writes since the proxy was asked to count, those of records apart.
func writes(p *proxy.Proxy) map[string]int {
	counts := map[string]int{}
	for _, request := range p.Requests() {
		if !request.Write() {
			continue
		}
		if strings.Contains(request.Site(), "usagerecords") {
			counts["usagerecords"]++
		} else {
			counts["other"]++
		}
	}
	return counts
}

// memory returns the most memory that a process has held, in bytes.
func memory(b *testing.B, pid int) int64 {
	b.Helper()
	peak, err := held(pid, "VmHWM")
	if err != nil {
		b.Fatal(err)
	}
	return peak
}

// held returns what the kernel says about a process's memory: VmHWM, the most
// that it has held, or VmRSS, what it holds now.
func held(pid int, what string) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == what+":" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("the kernel does not tell how much memory the process holds")
}
