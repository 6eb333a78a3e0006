// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// row is a change to an object, and what the refusal must say; nothing, where
// the object is still accepted.
type row struct {
	changes string
	want    []string
}

func accepted(changes string) row                { return row{changes: changes} }
func refused(changes string, want ...string) row { return row{changes: changes, want: want} }

// testCreate creates an object with each change, on trial.
func testCreate(t *testing.T, document string, rows []row) {
	t.Helper()
	t.Parallel()
	namespace := tenantNamespace(t, "jansen")
	for _, row := range append(rows, accepted("")) {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			err := operator().Create(t.Context(), object(t, document, row.changes, namespace), client.DryRunAll)
			expect(t, err, row.want...)
		})
	}
}

// What the messages of the shared types say.
const (
	aPeriod    = "must be an ISO 8601 period of calendar parts (P1M, P14D, P4W, P1Y) or of clock parts (PT4H, PT15M), never both"
	aPrice     = "must be a decimal amount that is not negative, with at most 12 digits before and 4 after the point, such as 25.00"
	anAmount   = "must be a decimal amount with at most 12 digits before and 4 after the point, such as 25.00"
	aCurrency  = "must be an ISO 4217 currency code of three capitals, such as EUR"
	aUsername  = "must be lower case and without spaces, exactly as the identity provider reports it"
	aZone      = "must be an IANA time zone, such as Europe/Amsterdam"
	notNothing = "must be longer than nothing"
	aHostName  = "metadata.name must be at most 40 lower-case letters, digits and single hyphens"
)

func TestCreateServiceTerms(t *testing.T) {
	testCreate(t, serviceTerms, []row{
		refused(`spec: {prices: Excluding}`, `spec.prices`, `Unsupported value`, `"ExcludingVAT", "IncludingVAT"`),
		refused(`spec: {arrears: {measuredFrom: LastInvoice}}`, `spec.arrears.measuredFrom`, `"OldestUnpaidInvoice", "LastSentInvoice"`),
		refused(`spec: {arrears: {dateBasis: SentOn}}`, `spec.arrears.dateBasis`, `"IssuedOn", "DueOn"`),
		refused(`spec: {arrears: {termination: Sometimes}}`, `spec.arrears.termination`, `"Manual", "Automatic"`),
		refused(`spec: {contract: {notice: {to: EndOfYear}}}`, `spec.contract.notice.to`, `"EndOfTerm", "EndOfCalendarMonth"`),
		refused(`spec: {contract: {trial: {atEnd: Delete}}}`, `spec.contract.trial.atEnd`, `"Suspend", "End"`),
		refused(`spec: {contract: {withdrawal: {forTypes: [Firm]}}}`, `spec.contract.withdrawal.forTypes[0]`, `"Business", "Consumer"`),
		refused(`spec: {reactivation: {per: Desktop}}`, `spec.reactivation.per`, `"WorkplaceUser", "Tenant"`),
		refused(`spec: {reactivation: {requires: Nothing}}`, `spec.reactivation.requires`, `"AllOpenInvoicesPaid", "OverdueInvoicesPaid"`),
		refused(`spec: {requests: {approval: Never}}`, `spec.requests.approval`, `"Manual", "Automatic"`),
		refused(`spec: {support: {officeHours: {days: [Monday]}}}`, `spec.support.officeHours.days[0]`, `"Mon"`),
		refused(`spec: {support: {officeHours: {days: [Mon, Mon]}}}`, `spec.support.officeHours.days[1]`, `Duplicate value`),
		accepted(`spec: {support: {officeHours: {days: [Sat, Sun]}}}`),

		refused(`spec: {arrears: {suspendafter: P2M}}`, `unknown field "spec.arrears.suspendafter"`),
		refused(`spec: {tax: "21"}`, `unknown field "spec.tax"`),
		refused(`spec: {timeZone: null}`, `spec.timeZone`, `Required value`),
		refused(`spec: {arrears: {suspendAfter: null}}`, `spec.arrears.suspendAfter`, `Required value`),
		accepted(`spec: {billing: null, contract: null, arrears: null, reactivation: null, retention: null, inactivity: null, priceChange: null, support: null, requests: null}`),

		refused(`spec: {reactivation: {fee: "-25.00"}}`, `spec.reactivation.fee`, aPrice),
		refused(`spec: {reactivation: {fee: "25.00001"}}`, `spec.reactivation.fee`, aPrice),
		refused(`spec: {reactivation: {fee: "25,00"}}`, `spec.reactivation.fee`, aPrice),
		refused(`spec: {reactivation: {fee: "25."}}`, `spec.reactivation.fee`, aPrice),
		refused(`spec: {reactivation: {fee: "1234567890123"}}`, `spec.reactivation.fee`, aPrice),
		refused(`spec: {reactivation: {fee: 25}}`, `spec.reactivation.fee`, `must be of type string`),
		refused(`spec: {support: {rates: {onSite: {callOut: "-75"}}}}`, `spec.support.rates.onSite.callOut`, aPrice),
		refused(`spec: {billing: {surchargeWithoutDirectDebit: "-2"}}`, `spec.billing.surchargeWithoutDirectDebit`, `must be a percentage that is not negative`),
		refused(`spec: {priceChange: {exitAbovePercent: "10%"}}`, `spec.priceChange.exitAbovePercent`, `must be a percentage`),
		accepted(`spec: {reactivation: {fee: "0"}}`),
		accepted(`spec: {reactivation: {fee: "999999999999.9999"}}`),

		refused(`spec: {currency: eur}`, `spec.currency`, aCurrency),
		refused(`spec: {currency: EURO}`, `spec.currency`, `more than 3`),
		accepted(`spec: {currency: CHF}`),

		refused(`spec: {billing: {period: P1MT4H}}`, `spec.billing.period`, aPeriod),
		refused(`spec: {billing: {period: P1D1M}}`, `spec.billing.period`, aPeriod),
		refused(`spec: {billing: {period: P1.5M}}`, `spec.billing.period`, aPeriod),
		refused(`spec: {billing: {period: -P1M}}`, `spec.billing.period`, aPeriod),
		refused(`spec: {billing: {period: a month}}`, `spec.billing.period`, aPeriod),
		refused(`spec: {billing: {period: ""}}`, `spec.billing.period`, aPeriod),
		refused(`spec: {billing: {period: P}}`, `spec.billing.period`, `at least 3`),
		refused(`spec: {billing: {period: PT}}`, `spec.billing.period`, `at least 3`),
		refused(`spec: {arrears: {suspendAfter: PT48H}}`, `spec.arrears.suspendAfter`, `must be a calendar period, such as P2M`),
		refused(`spec: {arrears: {terminateAfter: PT48H}}`, `spec.arrears.terminateAfter`, `must be a calendar period, such as P4M`),
		accepted(`spec: {billing: {period: P1Y6M}}`),
		refused(`spec: {billing: {period: P0M}}`, `spec.billing.period`, notNothing),
		refused(`spec: {contract: {renewal: P0Y0M}}`, `spec.contract.renewal`, notNothing),
		refused(`spec: {arrears: {billingFreshness: PT0S}}`, `spec.arrears.billingFreshness`, notNothing),
		refused(`spec: {support: {rates: {remote: {per: PT0M}}}}`, `spec.support.rates.remote.per`, notNothing),
		refused(`spec: {support: {sessions: {per: P0D}}}`, `spec.support.sessions.per`, notNothing),
		accepted(`spec: {contract: {minimumTerm: P0D, renewal: P10D, notice: {period: P0D}}, retention: {afterEnd: P0D}}`),
		accepted(`spec: {arrears: {suspendAfter: P4W, terminateAfter: P60D}}`),

		refused(`spec: {timeZone: Europe/Amsterdm}`, `spec.timeZone`, aZone),
		refused(`spec: {timeZone: Local}`, `spec.timeZone`, aZone),
		refused(`spec: {timeZone: "+01:00"}`, `spec.timeZone`, aZone),
		refused(`spec: {timeZone: ../Amsterdam}`, `spec.timeZone`, aZone),
		accepted(`spec: {timeZone: UTC}`),
		accepted(`spec: {timeZone: America/Argentina/Buenos_Aires}`),

		refused(`spec: {support: {officeHours: {from: "17:00"}}}`, `spec.support.officeHours`, `from must be before until`),
		refused(`spec: {support: {officeHours: {until: "25:00"}}}`, `spec.support.officeHours.until`, `must be a time of day, HH:MM`),
		accepted(`spec: {support: {officeHours: {until: "24:00"}}}`),
		refused(`spec: {priceChange: {indexingMonth: 13}}`, `spec.priceChange.indexingMonth`, `less than or equal to 12`),
		refused(`spec: {support: {sessions: {included: -1}}}`, `spec.support.sessions.included`, `greater than or equal to 0`),
	})
}

func TestCreateTenant(t *testing.T) {
	testCreate(t, tenant, []row{
		refused(`spec: {type: Company}`, `spec.type`, `"Business", "Consumer"`),
		refused(`spec: {termsRef: null}`, `spec.termsRef`, `Required value`),
		refused(`spec: {suspended: true}`, `unknown field "spec.suspended"`),

		refused(`spec: {contract: {startsOn: "2026-02-30"}}`, `spec.contract.startsOn`, `must be of type date`),
		refused(`spec: {contract: {startsOn: "2027-02-29"}}`, `spec.contract.startsOn`, `must be of type date`),
		refused(`spec: {contract: {startsOn: "15-01-2026"}}`, `spec.contract.startsOn`, `must be of type date`),
		refused(`spec: {contract: {startsOn: "2026-1-15"}}`, `spec.contract.startsOn`, `must be of type date`),
		refused(`spec: {contract: {startsOn: "2026-01-15T00:00:00Z"}}`, `spec.contract.startsOn`, `more than 10`),
		accepted(`spec: {contract: {startsOn: "2028-02-29", noticeReceivedOn: null}}`),
		refused(`spec: {contract: {noticeReceivedOn: "2026-01-14"}}`, `spec.contract`, `noticeReceivedOn must not be before startsOn`),
		accepted(`spec: {contract: {noticeReceivedOn: "2026-01-15"}}`),
		refused(`spec: {paymentArrangement: {until: "2026-11-31"}}`, `spec.paymentArrangement.until`, `must be of type date`),
		refused(`spec: {paymentArrangement: {until: null}}`, `spec.paymentArrangement.until`, `Required value`),
		refused(`spec: {paymentArrangement: {reference: ""}}`, `spec.paymentArrangement.reference`, `at least 1`),
		refused(`spec: {legalHold: {reference: ""}}`, `spec.legalHold.reference`, `at least 1`),

		refused(`spec: {contact: {username: Piet@jansen.example}}`, `spec.contact.username`, aUsername),
		refused(`spec: {contact: {username: piet jansen}}`, `spec.contact.username`, aUsername),
		refused(`spec: {contact: {email: piet}}`, `spec.contact.email`, `must be an e-mail address`),
		refused(`spec: {contact: {username: Érik}}`, `spec.contact.username`, aUsername),
		refused(`spec: {contact: {username: "piet\u00a0jansen"}}`, `spec.contact.username`, aUsername),
		refused(`spec: {contact: {username: "piet\u200bjansen"}}`, `spec.contact.username`, aUsername),
		refused(`spec: {contact: {username: "piet\n"}}`, `spec.contact.username`, aUsername),
		accepted(`spec: {contact: {username: piët, email: Piet@Jansen.example}}`),
		accepted(`spec: {contact: {username: "oidc:9b1d_x/42|李"}}`),

		refused(`spec: {resellerRef: {name: jansen}}`, `spec.resellerRef.name: Invalid value`, `must name another tenant`),
		accepted(`spec: {resellerRef: {name: jansen-zonen}}`),
		refused(`spec: {limits: {workplaces: -1}}`, `spec.limits.workplaces`, `greater than or equal to 0`),
		accepted(`spec: {limits: {workplaces: 0}}`),
		refused(`spec: {limits: {allowedClasses: [standard, standard]}}`, `spec.limits.allowedClasses[1]`, `Duplicate value`),
		refused(`spec: {limits: {homeSize: "-1Gi"}}`, `spec.limits.homeSize`, `must not be negative`),
		refused(`spec: {limits: {cpu: "-1"}}`, `spec.limits.cpu`, `must not be negative`),
		refused(`spec: {limits: {memory: "-1"}}`, `spec.limits.memory`, `must not be negative`),
		refused(`spec: {limits: {storage: "-1"}}`, `spec.limits.storage`, `must not be negative`),
		accepted(`spec: {limits: {homeSize: 0, cpu: 4, memory: 0.5Gi, storage: "0"}}`),

		refused(`metadata: {name: jansen--zonen}`, aHostName),
		refused(`metadata: {name: jansen.bv}`, aHostName),
		refused(`metadata: {name: Jansen}`, `metadata.name`, `lower case`),
		refused(`metadata: {name: `+strings.Repeat("a", 41)+`}`, aHostName),
		accepted(`metadata: {name: ` + strings.Repeat("a", 40) + `}`),
		accepted(`metadata: {name: jansen-zonen-2}`),
	})
}

func TestCreateBillingAccount(t *testing.T) {
	testCreate(t, billingAccount, []row{
		refused(`spec: {currency: euro}`, `spec.currency`, `more than 3`),
		refused(`spec: {currency: E1R}`, `spec.currency`, aCurrency),
		refused(`spec: {tenantRef: {name: ""}}`, `spec.tenantRef.name`, `at least 1`),
		refused(`spec: {tenantRef: null}`, `spec.tenantRef`, `Required value`),
		refused(`spec: {iban: NL00BANK0123456789}`, `unknown field "spec.iban"`),
	})
}

func TestCreateWorkplaceClass(t *testing.T) {
	testCreate(t, workplaceClass, []row{
		refused(`spec: {desktop: {protocol: VNC}}`, `spec.desktop.protocol`, `"HTTP", "HTTPS"`),
		refused(`spec: {desktop: {port: 70000}}`, `spec.desktop.port`, `less than or equal to 65535`),
		refused(`spec: {desktop: {path: desktop}}`, `spec.desktop.path`, `should match`),
		refused(`spec: {desktop: {image: ""}}`, `spec.desktop.image`, `at least 1`),
		refused(`spec: {desktop: {privileged: true}}`, `unknown field "spec.desktop.privileged"`),
		refused(`spec: {desktop: {env: [{name: A=B}]}}`, `spec.desktop.env[0].name`, `must not contain an equals sign`),
		refused(`spec: {desktop: {env: [{name: A}, {name: A}]}}`, `spec.desktop.env[1]`, `Duplicate value`),
		accepted(`spec: {desktop: {env: [{name: A}, {name: B}]}}`),
		refused(`spec: {desktop: {securityContext: {level: Root}}}`, `spec.desktop.securityContext.level`, `"Restricted", "Baseline", "Privileged"`),
		refused(`spec: {desktop: {securityContext: {runAsUser: 0}}}`, `spec.desktop.securityContext`, `runAsUser 0 needs level Baseline or Privileged`),
		refused(`spec: {desktop: {securityContext: {runAsUser: -1}}}`, `spec.desktop.securityContext.runAsUser`, `greater than or equal to 0`),
		accepted(`spec: {desktop: {securityContext: {runAsUser: 0, level: Baseline}}}`),
		refused(`spec: {desktop: {sharedMemory: lots}}`, `spec.desktop.sharedMemory`, `should match`),
		refused(`spec: {desktop: {sharedMemory: "-1Mi"}}`, `spec.desktop.sharedMemory`, `must not be negative`),
		refused(`spec: {home: {size: "-20Gi"}}`, `spec.home.size`, `must be more than zero`),
		refused(`spec: {home: {size: "0"}}`, `spec.home.size`, `must be more than zero`),
		refused(`spec: {home: {size: null}}`, `spec.home.size`, `Required value`),
		refused(`spec: {home: {mountPath: home}}`, `spec.home.mountPath`, `should match`),
		accepted(`spec: {home: {size: 1500M}}`),
		refused(`spec: {idle: {stopAfter: P1D}}`, `spec.idle.stopAfter`, `must be a clock period, such as PT2H`),
		refused(`spec: {price: {amount: "-39"}}`, `spec.price.amount`, aPrice),
		refused(`spec: {price: {per: month}}`, `spec.price.per`, aPeriod),
		refused(`spec: {licenses: [windows-rds-sal, windows-rds-sal]}`, `spec.licenses[1]`, `Duplicate value`),
		refused(`spec: {price: {per: P0M}}`, `spec.price.per`, notNothing),
		refused(`spec: {idle: {stopAfter: PT0S}}`, `spec.idle.stopAfter`, notNothing),
		accepted(`spec: {idle: {stopAfter: PT1S}}`),
		refused(`metadata: {name: `+strings.Repeat("a", 64)+`}`, `metadata.name must be at most 63 characters`),
		accepted(`metadata: {name: ` + strings.Repeat("a", 63) + `}`),
		accepted(`metadata: {name: standard-2.1}`),
	})
}

func TestCreateWorkplace(t *testing.T) {
	testCreate(t, workplace, []row{
		refused(`spec: {runPolicy: Sometimes}`, `spec.runPolicy`, `"OnDemand", "Always", "Stopped"`),
		refused(`spec: {access: Denied}`, `spec.access`, `"Allowed", "Blocked"`),
		refused(`spec: {class: standard}`, `unknown field "spec.class"`),
		refused(`spec: {user: {username: Anna@jansen.example}}`, `spec.user.username`, aUsername),
		refused(`spec: {user: {username: null}}`, `spec.user.username`, `Required value`),
		refused(`spec: {classRef: null}`, `spec.classRef`, `Required value`),
		refused(`spec: {home: {size: a lot}}`, `spec.home.size`, `should match`),
		refused(`spec: {home: {size: "-40Gi"}}`, `spec.home.size`, `must be more than zero`),
		refused(`spec: {home: {size: 0}}`, `spec.home.size`, `must be more than zero`),
		accepted(`spec: {home: null, licenses: null, runPolicy: null, access: null}`),
		refused(`metadata: {name: anna--jansen}`, aHostName),
		refused(`metadata: {name: anna.jansen}`, aHostName),
		refused(`metadata: {name: Anna}`, `metadata.name`, `lower case`),
		refused(`metadata: {name: `+strings.Repeat("a", 41)+`}`, aHostName),
		accepted(`metadata: {name: ` + strings.Repeat("a", 40) + `}`),
	})
}

func TestCreateSuspension(t *testing.T) {
	testCreate(t, suspension, []row{
		refused(`spec: {cause: Late}`, `spec.cause`, `"Arrears", "TrialEnded", "Abuse", "CourtOrder", "Manual"`),
		refused(`spec: {reason: ""}`, `spec.reason`, `at least 1`),
		refused(`spec: {until: "2026-12-01"}`, `unknown field "spec.until"`),
		refused(`spec: {since: "2026-11-02"}`, `spec.since`, `must be of type date-time`),
		refused(`spec: {cause: Arrears, lift: true}`, `spec`, `lift does not apply to arrears: they lift on payment, or with spec.paymentArrangement of the Tenant`),
		accepted(`spec: {cause: Arrears}`),
		accepted(`spec: {since: null, lift: null}`),
		refused(`metadata: {name: `+strings.Repeat("a", 201)+`}`, `metadata.name must be at most 200 characters`),
		accepted(`metadata: {name: ` + strings.Repeat("a", 200) + `}`),
	})
}

func TestCreateCharge(t *testing.T) {
	testCreate(t, charge, []row{
		refused(`spec: {type: Fine}`, `spec.type`, `"Reactivation"`),
		refused(`spec: {"on": "2026-11-31"}`, `spec.on`, `must be of type date`),
		refused(`spec: {amount: "-300.00"}`, `spec.amount`, `must not be negative, except of a Credit`),
		refused(`spec: {unitPrice: "-25.00"}`, `spec.unitPrice`, `must not be negative, except of a Credit`),
		refused(`spec: {quantity: "-12"}`, `spec.quantity`, `must not be negative, except of a Credit`),
		accepted(`spec: {type: Credit, unitPrice: "-25.00", amount: "-300.00"}`),
		accepted(`spec: {type: Credit, quantity: "-12", amount: "-300.00"}`),
		refused(`spec: {amount: "300.00000"}`, `spec.amount`, anAmount),
		refused(`spec: {amount: "3e2"}`, `spec.amount`, anAmount),
		refused(`spec: {unitPrice: "€25"}`, `spec.unitPrice`, anAmount),
		refused(`spec: {quantity: twelve}`, `spec.quantity`, anAmount),
		refused(`spec: {currency: "€"}`, `spec.currency`, `at least 3`),
		refused(`spec: {tax: "63.00"}`, `unknown field "spec.tax"`),
		accepted(`spec: {quantity: "12.25", amount: "306.2500"}`),
		accepted(`spec: {subject: {kind: Suspension, name: arrears-2026-11-02}}`),
		accepted(`spec: {subject: {kind: WorkplaceClass, name: office}, group: {kind: WorkplacesAdded, billingPeriod: "2026-11-01", "on": "2026-11-20"}}`),
		refused(`spec: {subject: {kind: Workplace}}`, `spec.subject.kind`, `"WorkplaceClass"`),
		refused(`spec: {subject: {name: office}}`, `spec.subject.kind`, `Required value`),
		refused(`spec: {group: {kind: Month}}`, `spec.group.kind`, `"BillingPeriod"`),
		refused(`spec: {group: {billingPeriod: "2026-11-01"}}`, `spec.group.kind`, `Required value`),
		refused(`spec: {group: {kind: BillingPeriod, billingPeriod: "2026-11-31"}}`, `spec.group.billingPeriod`, `must be of type date`),
	})
}

func TestCreateNotice(t *testing.T) {
	const anAddress = "must be an e-mail address, such as piet@jansen.example"
	testCreate(t, notice, []row{
		refused(`spec: {type: Greeting}`, `spec.type`, `"SuspensionWarning"`),
		refused(`spec: {type: null}`, `spec.type`, `Required value`),
		refused(`spec: {to: []}`, `spec.to`, `at least 1`),
		refused(`spec: {to: null}`, `spec.to`, `Required value`),
		refused(`spec: {to: [piet]}`, `spec.to[0]`, anAddress),
		refused(`spec: {to: ["piet@jansen.example\nBcc: all@example.com"]}`, `spec.to[0]`, anAddress),
		refused(`spec: {to: [piet@jansen.example, piet@jansen.example]}`, `spec.to[1]`, `Duplicate value`),
		refused(`spec: {language: de}`, `spec.language`, `"nl", "en", "da", "nb"`),
		refused(`spec: {facts: {invoice: 3}}`, `spec.facts.invoice`, `string`),
		refused(`spec: {text: hello}`, `unknown field "spec.text"`),
		accepted(`spec: {language: null, facts: null, about: null}`),
		accepted(`spec: {to: [piet@jansen.example, els@jansen.example]}`),
	})
}
