// SPDX-License-Identifier: Apache-2.0

package main

import "slices"

// touch is what the packages of a room may reach of the world, however far away.
type touch int

const (
	values touch = iota // values alone: no client of a cluster, and no file or socket of its own
	things              // files and servers, but no client of a cluster
	client              // a client of a cluster
)

// room is a folder whose packages share a rule.
type room struct {
	path string
	// all says that the folders below are of the room too. Without it a folder
	// below must be a room of its own.
	all   bool
	touch touch
	// imports names the rooms that this one may import, besides itself.
	imports []string
	// flags says that packages may read flags.
	flags bool
}

var (
	ground = []string{"api", "internal/calendar", "internal/outcome", "internal/restored"}

	// floors are those of the contract engine, from the ground up: a package
	// imports from its own floor and from those before it.
	floors = [][]string{
		{"internal/terms/dues", "internal/terms/retention", "internal/terms/tidings", "internal/terms/wording"},
		{"internal/terms/agreement", "internal/terms/agreement/agreementtest"},
		{"internal/terms/facts", "internal/terms/facts/factstest"},
		{"internal/terms/prices", "internal/terms/standing"},
		{"internal/terms/charging", "internal/terms/telling"},
		{"internal/terms/prose"},
	}
	terms = slices.Concat(floors...)

	// decisions are taken from values, by controllers, portal and forecast alike.
	decisions = join(ground, terms, []string{"internal/access", "internal/agenda", "internal/licensing"})

	kinds = []string{
		"controllers/charge",
		"controllers/dataexport",
		"controllers/disruption",
		"controllers/license",
		"controllers/licensereport",
		"controllers/metrics",
		"controllers/notice",
		"controllers/serviceterms",
		"controllers/supportsession",
		"controllers/suspension",
		"controllers/usagerecord",
		"controllers/userrequest",
		"controllers/workplace",
		"controllers/workplaceclass",
	}
	shared = []string{"controllers/internal"}

	// tenants are the rooms within the tenant's, which alone may call them.
	tenants = []string{"controllers/tenant/contract", "controllers/tenant/furnish", "controllers/tenant/retention"}

	// means are what controllers carry decisions out with.
	means = []string{
		"internal/backup", "internal/desktop", "internal/export", "internal/notices", "internal/outbox", "internal/reading",
		"internal/smtp", "internal/tracing", "internal/usage",
	}
)

// house is every room, from the ground up.
var house = slices.Concat(product, []room{
	{
		path: "cmd/export", touch: things, flags: true,
		imports: []string{"internal/export/homecopy", "internal/export/report", "internal/version"},
	},
	{path: "cmd/kubectl-werkplek", touch: client, flags: true, imports: paths(product)},
	{path: "cmd/manager", touch: client, flags: true, imports: paths(product)},
	{path: "cmd/portal", touch: client, flags: true, imports: paths(product)},
	{path: "hack", all: true, touch: client, flags: true, imports: []string{"api"}},
	{path: "test", all: true, touch: client, flags: true, imports: paths(product)},
})

var product = slices.Concat(
	[]room{
		{path: "api", all: true},
		{path: "internal/calendar"},
		{path: "internal/outcome"},
		{path: "internal/restored", imports: []string{"api"}},
		{path: "internal/clock"},
		{path: "internal/version"},
		{path: "internal/version/servers", touch: client, imports: []string{"api", "internal/version"}},
	},
	engine(floors),
	[]room{
		{path: "internal/access", imports: join(ground, terms)},
		{path: "internal/agenda", imports: join(ground, terms, []string{"internal/access"})},
		{path: "internal/forecast", imports: join(ground, terms, []string{"internal/access", "internal/agenda"})},
		{path: "internal/licensing", all: true, imports: join(ground, terms)},
		{path: "internal/desktop", imports: ground},
		{path: "internal/backup", imports: join(ground, terms, []string{"internal/desktop"})},
		{path: "internal/export/report"},
		{path: "internal/export", imports: join(ground, []string{"internal/desktop", "internal/export/report"})},
		{path: "internal/export/homecopy", touch: things, imports: []string{"internal/export/report"}},
		{path: "internal/notices", imports: join(ground, []string{"internal/terms/tidings"})},
		{path: "internal/outbox", touch: things},
		{path: "internal/skew", touch: things},
		{path: "internal/smtp", touch: things},
		{path: "internal/tracing", touch: things},
		{path: "internal/profiling", touch: things},
		{path: "internal/usage", touch: client, imports: join(ground, []string{"internal/licensing"})},
		{path: "internal/reading", touch: client, imports: decisions},
		{path: "internal/installation", touch: client, imports: ground},
		{
			path: "internal/portal", all: true, touch: client,
			imports: join(decisions, []string{"internal/desktop", "internal/reading", "internal/tracing"}),
		},
		{path: "controllers/internal", all: true, touch: client, imports: join(decisions, means)},
	},
	controllers(kinds),
	controllers(tenants),
	[]room{
		{path: "controllers/tenant", touch: client, imports: join(decisions, means, shared, tenants)},
		{
			path: "controllers", touch: client,
			imports: join(decisions, means, shared, kinds, []string{"controllers/tenant", "internal/installation"}),
		},
	},
)

// engine makes a room of each path.
func engine(floors [][]string) []room {
	var made []room
	for i, floor := range floors {
		for _, path := range floor {
			made = append(made, room{path: path, imports: join(ground, slices.Concat(floors[:i+1]...))})
		}
	}
	return made
}

// controllers makes a room of each path. They meet through the API, or in who calls
// them: none imports another.
func controllers(within []string) []room {
	var made []room
	for _, kind := range within {
		made = append(made, room{path: kind, all: true, touch: client, imports: join(decisions, means, shared)})
	}
	return made
}

func join(lists ...[]string) []string { return slices.Concat(lists...) }

func paths(rooms []room) []string {
	var found []string
	for _, r := range rooms {
		found = append(found, r.path)
	}
	return found
}
