// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"strings"
	"testing"
)

func TestCreateLicense(t *testing.T) {
	const either = `needs either users or trial, and not both`
	exemption := func(content string) string {
		return `spec: {exemptions: [{name: staff, reason: ours, ` + content + `}]}`
	}
	price := func(content string) string { return `spec: {prices: [` + content + `]}` }
	testCreate(t, license, []row{
		refused(`spec: {agreement: EA}`, `spec.agreement`, `Unsupported value`, `"SPLA", "CustomerOwned"`),
		refused(`spec: {metric: Device}`, `spec.metric`, `Unsupported value`, `"User", "Core"`),
		refused(`spec: {metric: null}`, `spec.metric`, `Required value`),
		accepted(`spec: {agreement: CustomerOwned}`),
		accepted(`spec: {agreement: null, displayName: null, vendor: null, enrollment: null, partNumber: null, prices: null, exemptions: null}`),
		refused(`spec: {sku: 6WC-00002}`, `unknown field "spec.sku"`),
		refused(price(`{from: "2026-01-01", amount: "5.25", currency: EUR, per: P1M}`), `unknown field "spec.prices[0].per"`),
		refused(exemption(`user: [anna]`), `unknown field "spec.exemptions[0].user"`),

		refused(`spec: {displayName: `+strings.Repeat("n", 201)+`}`, `spec.displayName`, `more than 200`),
		accepted(`spec: {displayName: ` + strings.Repeat("n", 200) + `}`),
		refused(`spec: {vendor: `+strings.Repeat("v", 101)+`}`, `spec.vendor`, `more than 100`),
		accepted(`spec: {vendor: ` + strings.Repeat("v", 100) + `}`),
		refused(`spec: {partNumber: `+strings.Repeat("p", 65)+`, enrollment: `+strings.Repeat("e", 65)+`}`, `spec.partNumber`, `spec.enrollment`, `more than 64`),
		accepted(`spec: {partNumber: ` + strings.Repeat("p", 64) + `, enrollment: ` + strings.Repeat("e", 64) + `}`),

		refused(price(`{from: "2026-01-01", amount: "-5.25", currency: EUR}`), `spec.prices[0].amount`, aPrice),
		refused(price(`{from: "2026-01-01", amount: "5.25001", currency: EUR}`), `spec.prices[0].amount`, aPrice),
		refused(price(`{from: "2026-01-01", amount: "5,25", currency: EUR}`), `spec.prices[0].amount`, aPrice),
		refused(price(`{from: "2026-01-01", amount: 5.25, currency: EUR}`), `spec.prices[0].amount`, `must be of type string`),
		refused(price(`{from: "2026-01-01", currency: EUR}`), `spec.prices[0].amount`, `Required value`),
		refused(price(`{from: "2026-01-01", amount: "5.25"}`), `spec.prices[0].currency`, `Required value`),
		refused(price(`{from: "2026-01-01", amount: "5.25", currency: eur}`), `spec.prices[0].currency`, aCurrency),
		refused(price(`{amount: "5.25", currency: EUR}`), `spec.prices[0].from`, `Required value`),
		refused(price(`{from: "2026-02-30", amount: "5.25", currency: EUR}`), `spec.prices[0].from`, `must be of type date`),
		refused(price(`{from: "2027-02-29", amount: "5.25", currency: EUR}`), `spec.prices[0].from`, `must be of type date`),
		refused(price(`{from: "2026-13-01", amount: "5.25", currency: EUR}`), `spec.prices[0].from`, `must be of type date`),
		refused(price(`{from: "2026-01", amount: "5.25", currency: EUR}`), `spec.prices[0].from`, `at least 10`),
		accepted(price(`{from: "2028-02-29", amount: "0", currency: USD}`)),
		accepted(price(`{from: "2026-01-01", amount: "999999999999.9999", currency: EUR}`)),
		refused(price(`{from: "2026-01-01", amount: "5.25", currency: EUR}, {from: "2026-01-01", amount: "5.50", currency: EUR}`),
			`spec.prices[1]`, `Duplicate value`, `"from":"2026-01-01"`),
		accepted(price(`{from: "2027-01-01", amount: "5.25", currency: EUR}, {from: "2026-01-01", amount: "5.25", currency: EUR}`)),

		refused(exemption(`users: [anna@jansen.example], trial: {upTo: P60D}`), `spec.exemptions[0]`, either),
		refused(`spec: {exemptions: [{name: staff, reason: ours}]}`, `spec.exemptions[0]`, either),
		accepted(exemption(`users: [anna@jansen.example]`)),
		accepted(exemption(`trial: {upTo: P2M}`)),
		refused(exemption(`trial: {upTo: P2M}, maximumUsers: 20`), `spec.exemptions[0].maximumUsers`, `goes with users only`),
		accepted(exemption(`users: [anna@jansen.example], maximumUsers: 1`)),
		refused(exemption(`users: [anna@jansen.example], maximumUsers: 0`), `spec.exemptions[0].maximumUsers`, `greater than or equal to 1`),
		refused(exemption(`users: [anna@jansen.example], maximumUsers: 100001`), `spec.exemptions[0].maximumUsers`, `less than or equal to 100000`),
		refused(exemption(`users: []`), `spec.exemptions[0].users`, `at least 1 items`),
		refused(exemption(`users: [Anna@jansen.example]`), `spec.exemptions[0].users[0]`, aUsername),
		refused(exemption(`users: [anna jansen]`), `spec.exemptions[0].users[0]`, aUsername),
		refused(exemption(`users: [anna, anna]`), `spec.exemptions[0].users[1]`, `Duplicate value`),
		accepted(exemption(`users: [anna, "oidc:9b1d_x/42|李"]`)),
		refused(exemption(`trial: {}`), `spec.exemptions[0].trial.upTo`, `Required value`),
		refused(exemption(`trial: {upTo: PT48H}`), `spec.exemptions[0].trial.upTo`, `must be a calendar period, such as P60D`),
		refused(exemption(`trial: {upTo: P0D}`), `spec.exemptions[0].trial.upTo`, notNothing),
		refused(exemption(`trial: {upTo: P0M0D}`), `spec.exemptions[0].trial.upTo`, notNothing),
		refused(exemption(`trial: {upTo: 60 days}`), `spec.exemptions[0].trial.upTo`, aPeriod),
		refused(exemption(`trial: {upTo: P1DT1H}`), `spec.exemptions[0].trial.upTo`, aPeriod),
		refused(`spec: {exemptions: [{name: Staff, reason: ours, users: [anna]}]}`, `spec.exemptions[0].name`, `should match`),
		refused(`spec: {exemptions: [{name: staff-, reason: ours, users: [anna]}]}`, `spec.exemptions[0].name`, `should match`),
		refused(`spec: {exemptions: [{name: staff, reason: "", users: [anna]}]}`, `spec.exemptions[0].reason`, `at least 1`),
		refused(`spec: {exemptions: [{name: staff, users: [anna]}]}`, `spec.exemptions[0].reason`, `Required value`),
		refused(`spec: {exemptions: [{name: staff, reason: ours, users: [anna]}, {name: staff, reason: theirs, users: [piet]}]}`,
			`spec.exemptions[1]`, `Duplicate value`, `"name":"staff"`),
		accepted(`spec: {exemptions: [{name: staff, reason: ours, users: [anna]}, {name: staff-2, reason: theirs, users: [anna]}]}`),

		refused(`spec: {cores: {packSize: 2}}`, `spec.cores`, `goes with metric Core only`),
		refused(`spec: {metric: Core}`, `spec.exemptions`, `go with metric User only`),
		accepted(`spec: {metric: Core, exemptions: null}`),
		accepted(`spec: {metric: Core, exemptions: []}`),

		refused(`metadata: {name: `+strings.Repeat("a", 64)+`}`, `metadata.name must be at most 63 characters: usage records name it once for every user`),
		accepted(`metadata: {name: ` + strings.Repeat("a", 63) + `}`),
	})
}

func TestCreateLicenseOfCores(t *testing.T) {
	testCreate(t, licenseOfCores, []row{
		refused(`spec: {metric: User}`, `spec.cores`, `goes with metric Core only`),
		accepted(`spec: {metric: User, cores: null}`),
		refused(`spec: {cores: {packSize: 0}}`, `spec.cores.packSize`, `greater than or equal to 1`),
		refused(`spec: {cores: {packSize: 1001}}`, `spec.cores.packSize`, `less than or equal to 1000`),
		refused(`spec: {cores: {packSize: 1.5}}`, `spec.cores.packSize`, `must be of type integer`),
		accepted(`spec: {cores: {packSize: 1}}`),
		accepted(`spec: {cores: {packSize: null}}`),
		refused(`spec: {cores: {minimumPerNode: -1}}`, `spec.cores.minimumPerNode`, `greater than or equal to 0`),
		refused(`spec: {cores: {minimumPerNode: 10001}}`, `spec.cores.minimumPerNode`, `less than or equal to 10000`),
		refused(`spec: {cores: {minimumPerProcessor: -1}}`, `spec.cores.minimumPerProcessor`, `greater than or equal to 0`),
		refused(`spec: {cores: {minimumPerProcessor: 10001}}`, `spec.cores.minimumPerProcessor`, `less than or equal to 10000`),
		accepted(`spec: {cores: {minimumPerNode: 0, minimumPerProcessor: 10000}}`),
		refused(`spec: {cores: {minimum: 16}}`, `unknown field "spec.cores.minimum"`),
		refused(`spec: {exemptions: [{name: staff, reason: ours, users: [anna]}]}`, `spec.exemptions`, `go with metric User only`),
	})
}

func TestCreateUsageRecord(t *testing.T) {
	user := func(content string) string { return `status: {users: [{license: rds, ` + content + `}]}` }
	node := func(content string) string {
		return `status: {nodes: [{license: core, node: node-1, ` + content + `}]}`
	}
	workplace := func(content string) string { return `status: {workplaces: [{name: anna, ` + content + `}]}` }
	testCreate(t, usageRecord, []row{
		refused(`status: {month: 2026-13}`, `status.month`, `should match`),
		refused(`status: {month: 2026-00}`, `status.month`, `should match`),
		refused(`status: {month: "2026-1"}`, `status.month`, `at least 7`),
		refused(`status: {month: "2026-11-01"}`, `status.month`, `more than 7`),
		refused(`status: {month: null}`, `status.month`, `Required value`),
		accepted(`status: {month: 2026-12}`),
		accepted(`status: null`),
		accepted(closing),
		refused(`status: {closedAt: "2026-11-30"}`, `status.closedAt`, `must be of type date-time`),
		refused(`status: {seen: true}`, `unknown field "status.seen"`),
		refused(`spec: {month: 2026-11}`, `unknown field "spec"`),

		refused(user(`username: Anna, firstAccessAt: "2026-11-01T00:00:00Z"`), `status.users[0].username`, aUsername),
		refused(user(`username: anna, firstAccessAt: "2026-11-01"`), `status.users[0].firstAccessAt`, `must be of type date-time`),
		refused(user(`username: anna, firstAccessAt: "2026-11-31T00:00:00Z"`), `status.users[0].firstAccessAt`, `must be of type date-time`),
		refused(user(`username: anna`), `status.users[0].firstAccessAt`, `Required value`),
		refused(user(`username: anna, firstAccessAt: "2026-11-01T00:00:00Z", lastAccessAt: later`), `status.users[0].lastAccessAt`, `must be of type date-time`),
		accepted(user(`username: anna, firstAccessAt: "2026-11-01T00:00:00Z"`)),
		refused(`status: {users: [{license: rds, username: anna, firstAccessAt: "2026-11-01T00:00:00Z"}, {license: rds, username: anna, firstAccessAt: "2026-11-02T00:00:00Z"}]}`,
			`status.users[1]`, `Duplicate value`),
		accepted(`status: {users: [{license: rds, username: anna, firstAccessAt: "2026-11-01T00:00:00Z"}, {license: office, username: anna, firstAccessAt: "2026-11-01T00:00:00Z"}]}`),
		refused(`status: {users: [{license: `+strings.Repeat("a", 64)+`, username: anna, firstAccessAt: "2026-11-01T00:00:00Z"}]}`, `status.users[0].license`, `more than 63`),

		refused(node(`cores: -1, firstUsedAt: "2026-11-01T00:00:00Z"`), `status.nodes[0].cores`, `greater than or equal to 0`),
		refused(node(`cores: 16`), `status.nodes[0].firstUsedAt`, `Required value`),
		accepted(node(`cores: 0, firstUsedAt: "2026-11-01T00:00:00Z"`)),
		refused(`status: {nodes: [{license: core, node: a, cores: 1, firstUsedAt: "2026-11-01T00:00:00Z"}, {license: core, node: a, cores: 1, firstUsedAt: "2026-11-02T00:00:00Z"}]}`,
			`status.nodes[1]`, `Duplicate value`),
		accepted(`status: {nodes: [{license: core, node: a, cores: 1, firstUsedAt: "2026-11-01T00:00:00Z"}, {license: core, node: b, cores: 1, firstUsedAt: "2026-11-01T00:00:00Z"}]}`),

		refused(workplace(`class: standard`), `status.workplaces[0].from`, `Required value`),
		refused(workplace(`class: standard, username: Anna, from: "2026-11-01T00:00:00Z"`), `status.workplaces[0].username`, aUsername),
		accepted(workplace(`class: standard, from: "2026-11-01T00:00:00Z"`)),
		refused(`status: {workplaces: [{name: a, class: s, from: "2026-11-01T00:00:00Z"}, {name: a, class: s, from: "2026-11-01T00:00:00Z"}]}`, `status.workplaces[1]`, `Duplicate value`),
		accepted(`status: {workplaces: [{name: a, class: s, from: "2026-11-01T00:00:00Z"}, {name: a, class: s, from: "2026-11-02T00:00:00Z"}]}`),
	})
}

const (
	aMonth     = "metadata.name must be the month, YYYY-MM; a correction has spec.corrects"
	notAMonth  = "metadata.name of a correction must not be a month: that is the name of the month's own report; call it such as 2026-11-correction-1"
	needsBoth  = "a correction needs both corrects and adjustments"
	onceFinal  = "is possible once the report is final: a draft may still change"
	neverAgain = "is final and never changes again; correct it with a LicenseReport whose spec.corrects names this one"
)

func TestCreateLicenseReport(t *testing.T) {
	testCreate(t, licenseReport, []row{
		refused(`metadata: {name: 2026-13}`, aMonth),
		refused(`metadata: {name: 2026-00}`, aMonth),
		refused(`metadata: {name: 2026-1}`, aMonth),
		refused(`metadata: {name: november}`, aMonth),
		refused(`metadata: {name: 2026-11-correction-1}`, aMonth),
		accepted(`metadata: {name: 2026-12}`),
		accepted(`spec: {}`),
		refused(`spec: {submission: {"on": "2026-12-04"}}`, `spec.submission`, onceFinal),
		refused(`spec: {adjustments: [{license: rds, quantity: 1, reason: forgotten}]}`, `spec`, needsBoth),
		accepted(`spec: {adjustments: []}`),
		refused(`spec: {month: 2026-11}`, `unknown field "spec.month"`),
	})
}

func TestCreateCorrection(t *testing.T) {
	adjustment := func(content string) string { return `spec: {adjustments: [{license: rds, ` + content + `}]}` }
	testCreate(t, correction, []row{
		refused(`metadata: {name: 2026-12}`, notAMonth),
		accepted(`metadata: {name: 2026-12-correction}`),
		accepted(`metadata: {name: 2026-13}`),
		refused(`metadata: {name: `+strings.Repeat("c", 64)+`}`, `metadata.name must be at most 63 characters`),
		accepted(`metadata: {name: ` + strings.Repeat("c", 63) + `}`),
		refused(`spec: {adjustments: null}`, `spec`, needsBoth),
		refused(`spec: {adjustments: []}`, `spec`, needsBoth),
		refused(`spec: {corrects: null}`, needsBoth),
		refused(`{metadata: {name: 2026-12}, spec: {corrects: null}}`, `spec`, needsBoth),
		refused(`spec: {corrects: {name: null}}`, `spec.corrects.name`, `Required value`),
		refused(`spec: {corrects: {name: ""}}`, `spec.corrects.name`, `at least 1`),
		refused(`spec: {submission: {"on": "2026-12-04"}}`, `spec.submission`, onceFinal),

		refused(adjustment(`quantity: 1`), `spec.adjustments[0].reason`, `Required value`),
		refused(adjustment(`quantity: 1, reason: ""`), `spec.adjustments[0].reason`, `at least 1`),
		refused(adjustment(`reason: forgotten`), `spec.adjustments[0].quantity`, `Required value`),
		refused(adjustment(`reason: forgotten, quantity: 1.5`), `spec.adjustments[0].quantity`, `must be of type integer`),
		refused(adjustment(`reason: forgotten, quantity: 10000001`), `spec.adjustments[0].quantity`, `less than or equal to 10000000`),
		refused(adjustment(`reason: forgotten, quantity: -10000001`), `spec.adjustments[0].quantity`, `greater than or equal to -10000000`),
		refused(adjustment(`reason: forgotten, quantity: 1, username: Anna`), `spec.adjustments[0].username`, aUsername),
		refused(adjustment(`reason: forgotten, quantity: 1, username: anna@jansen.example`), `spec.adjustments[0].tenant`, `is needed beside username`),
		refused(adjustment(`reason: forgotten, quantity: 2, tenant: jansen, username: anna@jansen.example`), `spec.adjustments[0].quantity`, `a user counts once`),
		refused(adjustment(`reason: forgotten, quantity: 0, tenant: jansen, username: anna@jansen.example`), `spec.adjustments[0].quantity`, `a user counts once`),
		accepted(adjustment(`reason: forgotten, quantity: 1, tenant: jansen, username: anna@jansen.example`)),
		accepted(adjustment(`reason: forgotten, quantity: -1, tenant: jansen, username: anna@jansen.example`)),
		refused(adjustment(`reason: forgotten, quantity: 1, amount: "5.25"`), `unknown field "spec.adjustments[0].amount"`),
		accepted(adjustment(`reason: forgotten, quantity: 10000000`)),
		accepted(adjustment(`reason: forgotten, quantity: -10000000`)),
		refused(`spec: {adjustments: [{quantity: 1, reason: forgotten}]}`, `spec.adjustments[0].license`, `Required value`),
		accepted(`spec: {adjustments: [{license: rds, quantity: 1, reason: forgotten}, {license: rds, quantity: 1, reason: forgotten}]}`),
	})
}
