# SPDX-License-Identifier: Apache-2.0
# A real Kubernetes node with kind. Included by the Makefile; works alone too:
#   make -f hack/kind.mk kind-up

CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/werkplek
TOOLS ?= $(CACHE)/tools

HACK       := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
KINDTOOL    = $(TOOLS)/kindtool
KIND_NAME  ?= werkplek
# Ports of the node to open on 127.0.0.1: KIND_PORTS="8080:30080 8443:30443"
KIND_PORTS ?=
# More flags for kindtool up, such as -build or -pods.
KIND_FLAGS ?=

.PHONY: kindtool
kindtool:
	@mkdir -p $(TOOLS)
	@CGO_ENABLED=0 go build -C $(HACK)/kind -o $(KINDTOOL) .

.PHONY: kind-up
kind-up: kindtool ## Start a kind cluster with a real node; safe to repeat
	@$(KINDTOOL) up -hack $(HACK) -cache $(CACHE) -name $(KIND_NAME) $(addprefix -port ,$(KIND_PORTS)) $(KIND_FLAGS)

.PHONY: kind-down
kind-down: kindtool ## Remove the kind cluster, and stop the Docker engine if kind-up started it
	@$(KINDTOOL) down -cache $(CACHE) -name $(KIND_NAME)
