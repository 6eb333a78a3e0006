# SPDX-License-Identifier: Apache-2.0
SHELL := /bin/bash
.DEFAULT_GOAL := help

CACHE    := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/werkplek
TOOLS    := $(CACHE)/tools
LOCAL    := $(CACHE)/local
OPERATOR := $(CACHE)/operator
CLUSTER  := $(TOOLS)/cluster
MANAGER  := $(OPERATOR)/manager
# KUBECONFIG, when set to another than the local cluster's own, is the cluster to use instead.
GIVEN    := $(filter-out $(LOCAL)/kubeconfig,$(KUBECONFIG))
CONFIG    = $(or $(GIVEN),$(LOCAL)/kubeconfig)
KUBECTL   = $(shell $(CLUSTER) assets -hack $(CURDIR)/hack 2>/dev/null)/kubectl
CLOCK_OFFSET ?= 0s
DESKS_DOMAIN ?= desks.example.com
IMAGE        ?= werkplek-manager.tar
PORTAL_IMAGE ?= werkplek-portal.tar
EXPORT_IMAGE ?= werkplek-export.tar
DESKTOP_IMAGE ?= werkplek-desktop.tar
TEST_FLAGS   ?=
# SITE_SOURCE is where the documentation's links to sources lead, such as https://forge.example/werkplek/blob/main/.
SITE_SOURCE  ?=
# What the programs say they are; on a tag of its own make finds it by itself.
VERSION      ?= $(shell hack/version.sh)
REVISION     ?= $(shell git rev-parse HEAD 2>/dev/null)
STAMP         = -X werkplek.dev/werkplek/internal/version.version=$(VERSION) -X werkplek.dev/werkplek/internal/version.revision=$(REVISION)

.PHONY: help
help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# --- the local cluster and the operator ---------------------------------------

# Whatever a first start builds has the same flags: with others the standard library
# and all of client-go would be compiled again.
.PHONY: cluster-tool
cluster-tool:
	@mkdir -p $(TOOLS)
	@CGO_ENABLED=0 go build -C hack/cluster -trimpath -o $(CLUSTER) .

.PHONY: assets
assets: cluster-tool ## Download or build the Kubernetes that development and tests run on (cached)
	@$(CLUSTER) assets -hack $(CURDIR)/hack >/dev/null

.PHONY: up
up: assets ## Start the local cluster with the operator running on it; safe to repeat
	@$(if $(GIVEN),echo "using the cluster of KUBECONFIG=$(GIVEN)",$(CLUSTER) up -hack $(CURDIR)/hack -dir $(LOCAL) >/dev/null)
	@mkdir -p $(OPERATOR)
	@echo "building the operator"
	@CGO_ENABLED=0 go build -trimpath -ldflags '$(STAMP)' -o $(MANAGER).new ./cmd/manager && mv $(MANAGER).new $(MANAGER)
	@echo "installing the API, the roles and the admission policies"
	@$(KUBECTL) --kubeconfig $(CONFIG) apply --server-side --force-conflicts -k config/base >$(OPERATOR)/install.log 2>&1 || { cat $(OPERATOR)/install.log; exit 1; }
	@$(KUBECTL) --kubeconfig $(CONFIG) wait --for=condition=Established --timeout=60s -f config/crd/bases >/dev/null
	@echo "starting the operator"
	@hack/operator.sh up $(KUBECTL) $(CONFIG) $(MANAGER) $(OPERATOR) --desks-domain=$(DESKS_DOMAIN) --clock-offset=$(CLOCK_OFFSET)
	@echo
	@echo "  kubeconfig  $(CONFIG)"
	@echo "  kubectl     $(KUBECTL)"
	@echo "  operator    $(OPERATOR)/manager.log"
	@echo "  metrics     http://127.0.0.1:$${METRICS_PORT:-8480}/metrics"
	@echo
	@echo "  export KUBECONFIG=$(CONFIG) && kubectl get werkplek -A"

.PHONY: kubeconfig
kubeconfig: ## Print the path of the cluster's kubeconfig
	@$(if $(GIVEN),echo $(GIVEN),test -x $(CLUSTER) || $(MAKE) -s cluster-tool; $(CLUSTER) kubeconfig -dir $(LOCAL))

.PHONY: down
down: cluster-tool ## Stop the operator and the local cluster
	@hack/operator.sh down $(OPERATOR)
	@$(if $(GIVEN),echo "the cluster of KUBECONFIG is left as it is",$(CLUSTER) down -dir $(LOCAL))

.PHONY: kind-up
kind-up: ## Start a kind cluster with a real node, and load the images of every part into it
	@hack/kind/kind.sh up
	@hack/kind/images.sh

.PHONY: kind-down
kind-down: ## Remove the kind cluster
	@hack/kind/kind.sh down

.PHONY: demo
demo: up ## Tell the main story on a running cluster: arrears, suspension, payment, fee
	@KUBECONFIG=$(CONFIG) CGO_ENABLED=0 go run -trimpath ./hack/demo

.PHONY: plugin
plugin: ## Build the kubectl plugin: kubectl werkplek
	@mkdir -p $(TOOLS)
	@CGO_ENABLED=0 go build -trimpath -ldflags '$(STAMP)' -o $(TOOLS)/kubectl-werkplek ./cmd/kubectl-werkplek
	@echo 'export PATH=$$PATH:$(TOOLS) && kubectl werkplek --help'

# --- tests -------------------------------------------------------------------

# UNIT is every package whose tests reach no cluster, however far they import.
UNIT = $$(go list -test -f '{{.ImportPath}} {{.Deps}}' ./... | \
	awk '/^[^ ]*[.]test / && !/werkplek[/]test[/]cluster/ { sub(/[.]test$$/, "", $$1); print $$1 }')

.PHONY: unit
unit: ## Run the tests that need no cluster, in less than a minute
	@go test $(TEST_FLAGS) $(UNIT)

.PHONY: race
race: ## Run the tests that need no cluster, and look for data races (needs a C compiler)
	@CGO_ENABLED=1 go test -race -timeout 20m $(TEST_FLAGS) $(UNIT)

# Three packages at once: the longest of them wait for clusters more than they compute.
.PHONY: test
test: assets verify ## Run every test, on local clusters of their own
	WERKPLEK_CLUSTER=$(CLUSTER) go test -p 3 -count=1 -timeout 45m $(TEST_FLAGS) ./...
	go test -C hack/cluster -count=1 ./...
	go test -C hack/site -count=1 ./...
	go test -C test/monitoring -count=1 ./...
	go test -C hack/chart -count=1 ./...
	go test -C hack/image -count=1 ./...
	go test -C hack/release -count=1 ./...
	WERKPLEK_CLUSTER=$(CLUSTER) WERKPLEK_KUBECTL=$(KUBECTL) go test -C test/gitops -count=1 $(TEST_FLAGS) ./...

.PHONY: faults
faults: assets ## Look for faults for longer than the tests do: more rounds, more histories
	WERKPLEK_CLUSTER=$(CLUSTER) WERKPLEK_ROUNDS=50 go test -count=1 -timeout 60m -run TestPodsDeleted -v $(TEST_FLAGS) ./test/faults
	WERKPLEK_CLUSTER=$(CLUSTER) WERKPLEK_SEEDS=40 go test -count=1 -timeout 60m -v $(TEST_FLAGS) ./test/futures

.PHONY: upgrade
upgrade: assets ## Upgrade 500 objects from the version before, and back, while people work
	WERKPLEK_CLUSTER=$(CLUSTER) WERKPLEK_OBJECTS=500 go test -count=1 -timeout 30m -run TestUpgradeAndBack -v $(TEST_FLAGS) ./test/life

# MINORS are those beside the one that all else is tested on.
MINORS ?= $(patsubst hack/kubernetes-%,%,$(wildcard hack/kubernetes-*))

.PHONY: minors
minors: cluster-tool ## Try the API, its policies and a drain on the other minor versions of Kubernetes
	@set -e; for minor in $(MINORS); do \
		echo "== Kubernetes $$minor"; \
		export WERKPLEK_KUBERNETES=$$minor WERKPLEK_CLUSTER=$(CLUSTER); \
		$(CLUSTER) assets -hack $(CURDIR)/hack >/dev/null; \
		go test -count=1 -timeout 30m $(TEST_FLAGS) ./test/admission; \
		go test -count=1 -timeout 30m $(TEST_FLAGS) -run 'TestBehaviour/promises/(DesktopAndHome|Limits|ManualSuspension|Drain)' ./test/behaviour; \
	done

.PHONY: e2e
e2e: assets kind-up ## Live a day in a real browser, with real desktops on a kind cluster
	@hack/kind/browser.sh
	KUBECONFIG=$$(hack/kind/kind.sh kubeconfig) KUBECTL=$(KUBECTL) go test -tags e2e -count=1 -timeout 15m -v $(TEST_FLAGS) ./test/e2e/...

.PHONY: bench
bench: assets ## Measure writes, suspensions and month changes, beside a bare client where there is one
	WERKPLEK_CLUSTER=$(CLUSTER) go test -count=1 -timeout 30m -run '^$$' -bench . -benchtime 1x ./test/scale/...

# --- code --------------------------------------------------------------------

CONTROLLER_GEN := $(TOOLS)/controller-gen
CRD_REF_DOCS   := $(TOOLS)/crd-ref-docs
GOLANGCI_LINT  := $(TOOLS)/golangci-lint
LINTER         := sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter

.PHONY: tools
tools:
	@mkdir -p $(TOOLS)
	@go build -C hack/tools -o $(CONTROLLER_GEN) sigs.k8s.io/controller-tools/cmd/controller-gen
	@go build -C hack/tools -o $(CRD_REF_DOCS) github.com/elastic/crd-ref-docs

.PHONY: generate
generate: tools ## Generate deep copies, CRDs, the manager's role, the chart's copies and the references
	@$(CONTROLLER_GEN) object:headerFile=hack/boilerplate/header.go.txt paths=./api/...
	@$(CONTROLLER_GEN) crd paths=./api/... output:crd:dir=config/crd/bases
	@$(CONTROLLER_GEN) rbac:roleName=werkplek-manager paths=./controllers/... output:rbac:dir=config/rbac
	@hack/monitoring.sh
	@$(CRD_REF_DOCS) --source-path=api/v1alpha1 --config=hack/crd-ref-docs.yaml --renderer=markdown --output-path=docs/reference/api.md --log-level=ERROR
	@go run -C hack/chart . -root $(CURDIR)

.PHONY: verify
verify: tools ## Fail when formatting, imports, sizes or generated files are not right
	@hack/verify.sh $(MAKE)

.PHONY: lint
lint: linter ## Look for mistakes that compile, and for breaches of the Kubernetes API conventions
	go vet ./...
	go vet -tags e2e ./test/e2e/...
	@set -e; for module in . hack/chart hack/cluster hack/desktop hack/image hack/release hack/site test/gitops test/monitoring; do \
		echo "golangci-lint in $$module"; (cd $$module && $(GOLANGCI_LINT) run --config $(CURDIR)/.golangci.yaml ./...); \
	done

.PHONY: linter
linter:
	@mkdir -p $(TOOLS)
	@go build -C hack/lint -o $(GOLANGCI_LINT) $(LINTER)

HELM := $(TOOLS)/helm
.PHONY: helm
helm: ## Build Helm from its Go module, and say where it is
	@mkdir -p $(TOOLS)
	@go build -C hack/chart -ldflags "-s -w" -o $(HELM) helm.sh/helm/v4/cmd/helm
	@echo $(HELM)

.PHONY: chart
chart: helm ## Pack the Helm chart as werkplek-<version>.tgz, with the version of this tree
	@$(HELM) package charts/werkplek --version $(VERSION:v%=%) --app-version $(VERSION) --destination $(CURDIR)

.PHONY: site
site: ## Make HTML of the documentation, in the folder site
	@go run -C hack/site . -root $(CURDIR) -output $(CURDIR)/site -source "$(SITE_SOURCE)"

.PHONY: desktop-image
desktop-image: ## Build the reference desktop's image as a tar, from Debian packages
	go run -C hack/desktop . -output $(CURDIR)/$(DESKTOP_IMAGE)

# The same tree gives the same digests, wherever it is built.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null)
PLATFORMS ?= linux/amd64,linux/arm64
RELEASES  ?= https://werkplek.dev/releases
BUILD_IMAGE = go run -C hack/image . -root $(CURDIR) -version '$(VERSION)' -revision '$(REVISION)'

.PHONY: image
image: ## Build the images of the manager, the portal and the export as tars, without a Docker engine
	@$(BUILD_IMAGE) -program manager -output $(CURDIR)/$(IMAGE)
	@$(BUILD_IMAGE) -program portal -output $(CURDIR)/$(PORTAL_IMAGE)
	@$(BUILD_IMAGE) -program export -output $(CURDIR)/$(EXPORT_IMAGE)

.PHONY: push
push: ## Push the images for every platform to REGISTRY=registry.example.com/werkplek, with their SBOMs
	@test -n "$(REGISTRY)" || { echo "say where to: make push REGISTRY=registry.example.com/werkplek" >&2; exit 1; }
	@set -e; for program in manager portal export; do \
		$(BUILD_IMAGE) -program $$program -platforms $(PLATFORMS) -push $(REGISTRY)/$$program:$(VERSION); done

.PHONY: release
release: helm ## Make all that a release consists of in dist/, but sign and publish nothing: make release VERSION=v0.1.0
	@rm -rf dist && mkdir -p dist/images
	@set -e; for program in manager portal export; do \
		$(BUILD_IMAGE) -program $$program -platforms $(PLATFORMS) -layout $(CURDIR)/dist/images/$$program; done
	@mv dist/images/*.spdx.json dist/
	@$(HELM) package charts/werkplek --version $(VERSION:v%=%) --app-version $(VERSION) --destination dist
	@go run -C hack/release . -root $(CURDIR) -version '$(VERSION)' -revision '$(REVISION)' -url '$(RELEASES)' -output $(CURDIR)/dist
