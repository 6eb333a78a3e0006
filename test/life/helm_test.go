// SPDX-License-Identifier: Apache-2.0

package life

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// TestHelmTakesOver: an installation made with kustomize becomes a release of the
// chart, whose definitions are upgraded with it; the release is uninstalled, and
// installed again. All the while nothing is lost.
func TestHelmTakesOver(t *testing.T) {
	t.Parallel()
	c, err := cluster.Start(t.Context(), cluster.Options{})
	must(t, err)
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := newSite(t, c)
	s.do(t, "apply", "--server-side", "-k", "config/default")
	s.do(t, "wait", "--for=condition=Established", "-f", "config/crd/bases")
	s.operate(t)
	w := world.World{Client: s.Client, Name: "life"}
	fill(t, w)
	before, err := s.look(t.Context())
	must(t, err)
	definitions := s.definitions(t)

	same := func(what string) {
		t.Helper()
		after, err := s.look(t.Context())
		must(t, err)
		for _, loss := range append(before.lost(after), before.changed(after)...) {
			t.Errorf("%s: %s", what, loss)
		}
		if is := s.definitions(t); !maps.Equal(is, definitions) {
			t.Errorf("%s: the definitions are others: %v, and were %v", what, is, definitions)
		}
	}
	takeOver := guide(t, "--take-ownership")
	s.follow(t, cluster.Root(), takeOver)
	same("taken over")

	// The chart of a later version knows a field more.
	const another = "              nextyear: {type: string}\n"
	sources := t.TempDir()
	must(t, os.CopyFS(filepath.Join(sources, "charts"), os.DirFS(filepath.Join(cluster.Root(), "charts"))))
	file := filepath.Join(sources, "charts/werkplek/templates/crds/werkplek.dev_charges.yaml")
	text, err := os.ReadFile(file)
	must(t, err)
	parts := strings.SplitAfterN(string(text), "            properties:\n", 2)
	if len(parts) != 2 {
		t.Fatalf("%s is not understood", file)
	}
	must(t, os.WriteFile(file, []byte(parts[0]+another+parts[1]), 0o600))
	// Helm is built from these sources, not from those of the chart.
	helm := strings.Split(takeOver, "\n")
	s.follow(t, sources, strings.Replace(helm[0], "make", "make -C "+cluster.Root(), 1)+"\n"+
		guide(t, "--reuse-values"))
	if crd := s.definition(t, "charges.werkplek.dev"); !strings.Contains(schemaOf(crd), "nextyear") {
		t.Error("helm upgrade did not upgrade the definition of Charge")
	}
	same("upgraded")

	s.follow(t, cluster.Root(), helm[0]+"\nhelm uninstall werkplek --namespace werkplek-system")
	same("uninstalled")
	s.try(t, deed{"delete crd --all", []string{kept}})
	s.follow(t, cluster.Root(), takeOver)
	same("installed again")
}

// definitions returns the UIDs of our definitions.
func (s *site) definitions(t *testing.T) map[string]types.UID {
	t.Helper()
	var all apiextensionsv1.CustomResourceDefinitionList
	must(t, s.Client.List(t.Context(), &all))
	found := map[string]types.UID{}
	for i := range all.Items {
		found[all.Items[i].Name] = all.Items[i].UID
	}
	return found
}

func (s *site) definition(t *testing.T, name string) *apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	crd := &apiextensionsv1.CustomResourceDefinition{}
	must(t, s.Client.Get(t.Context(), client.ObjectKey{Name: name}, crd))
	return crd
}

func schemaOf(crd *apiextensionsv1.CustomResourceDefinition) string {
	return crd.Spec.Versions[0].Schema.OpenAPIV3Schema.String()
}
