// SPDX-License-Identifier: Apache-2.0

package admission

// The objects that the tests change: each is accepted as it stands.
const (
	serviceTerms = `
apiVersion: werkplek.dev/v1alpha1
kind: ServiceTerms
metadata: {name: plain}
spec:
  timeZone: Europe/Amsterdam
  currency: EUR
  prices: ExcludingVAT
  billing: {period: P1M, paidInAdvance: true, surchargeWithoutDirectDebit: "2"}
  contract:
    minimumTerm: P1M
    renewal: P1M
    notice: {period: P1M, to: EndOfCalendarMonth, refusedDuringArrears: true}
    withdrawal: {within: P14D, forTypes: [Consumer]}
    trial: {period: P14D, atEnd: Suspend}
  arrears:
    measuredFrom: OldestUnpaidInvoice
    dateBasis: IssuedOn
    suspendAfter: P2M
    terminateAfter: P4M
    termination: Manual
    billingFreshness: P3D
  reactivation: {fee: "25.00", per: WorkplaceUser, requires: AllOpenInvoicesPaid}
  retention: {afterEnd: P30D, announce: PT24H}
  inactivity: {warnAfter: P4W, endAfter: P8W}
  priceChange: {notice: P30D, indexingMonth: 1, exitAbovePercent: "10", exitNotice: P3M}
  support:
    answerWithin: PT4H
    officeHours: {days: [Mon, Tue, Wed, Thu, Fri], from: "09:00", until: "17:00"}
    rates:
      remote: {amount: "23.75", per: PT15M}
      onSite: {amount: "25.00", per: PT15M, minimum: PT2H, callOut: "75.00"}
    sessions: {included: 12, per: P1Y, length: PT30M}
  requests: {approval: Manual}
`
	tenant = `
apiVersion: werkplek.dev/v1alpha1
kind: Tenant
metadata: {name: jansen}
spec:
  displayName: Bakkerij Jansen B.V.
  type: Business
  termsRef: {name: plain}
  resellerRef: {name: partner}
  reseller: false
  contact: {name: Piet Jansen, email: piet@jansen.example, username: piet@jansen.example}
  directDebit: true
  contract: {startsOn: "2026-01-15", noticeReceivedOn: "2026-05-12"}
  paymentArrangement: {reference: letter 2026-11-03, until: "2026-12-31", waiveReactivationFee: false}
  legalHold: {reference: court order 26/1234}
  limits: {workplaces: 50, allowedClasses: [standard], homeSize: 100Gi}
`
	billingAccount = `
apiVersion: werkplek.dev/v1alpha1
kind: BillingAccount
metadata: {name: jansen}
spec: {tenantRef: {name: jansen}, currency: EUR}
`
	workplaceClass = `
apiVersion: werkplek.dev/v1alpha1
kind: WorkplaceClass
metadata: {name: standard}
spec:
  displayName: Standard desktop
  price: {amount: "39.00", currency: EUR, per: P1M}
  licenses: [windows-rds-sal]
  desktop:
    image: registry.example/desktop:1
    port: 6080
    protocol: HTTP
    path: /
    env: [{name: LANG, value: nl_NL.UTF-8}]
    sharedMemory: 512Mi
    resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 2Gi}}
    readiness: {path: /healthz}
    securityContext: {runAsUser: 1000, fsGroup: 1000}
  home: {size: 20Gi, mountPath: /home/user}
  idle: {stopAfter: PT2H}
`
	workplace = `
apiVersion: werkplek.dev/v1alpha1
kind: Workplace
metadata: {name: anna}
spec:
  user: {name: Anna Jansen, email: anna@jansen.example, username: anna@jansen.example}
  classRef: {name: standard}
  runPolicy: OnDemand
  access: Allowed
  licenses: [office-standard-sal]
  home: {size: 40Gi}
`
	suspension = `
apiVersion: werkplek.dev/v1alpha1
kind: Suspension
metadata: {name: manual-2026-11-02}
spec: {cause: Manual, reason: "asked by the tenant, 2 November", since: "2026-11-01T23:00:00Z", lift: false}
`
	charge = `
apiVersion: werkplek.dev/v1alpha1
kind: Charge
metadata: {name: reactivation-arrears-2026-11-02}
spec:
  type: Reactivation
  "on": "2026-11-20"
  quantity: "12"
  unit: WorkplaceUser
  unitPrice: "25.00"
  amount: "300.00"
  currency: EUR
  sourceRef: {kind: Suspension, name: arrears-2026-11-02}
`
	notice = `
apiVersion: werkplek.dev/v1alpha1
kind: Notice
metadata: {name: suspension-warning-2026-11-02}
spec:
  type: SuspensionWarning
  to: [piet@jansen.example]
  language: nl
  about: {kind: Tenant, name: jansen}
  facts: {invoice: 2026-0815, suspendsOn: "2026-11-02"}
`
	license = `
apiVersion: werkplek.dev/v1alpha1
kind: License
metadata: {name: windows-rds-sal}
spec:
  displayName: Windows Server Remote Desktop Services SAL
  vendor: Microsoft
  agreement: SPLA
  enrollment: "12345678"
  partNumber: 6WC-00002
  metric: User
  prices: [{from: "2026-01-01", amount: "5.25", currency: EUR}]
  exemptions:
  - {name: provider-staff, reason: they administer the desktops, users: [beheer@provider.example], maximumUsers: 20}
  - {name: customer-trial, reason: they try the service out, trial: {upTo: P60D}}
`
	licenseOfCores = `
apiVersion: werkplek.dev/v1alpha1
kind: License
metadata: {name: windows-server-standard-core}
spec:
  metric: Core
  cores: {minimumPerNode: 16, minimumPerProcessor: 8, packSize: 2}
`
	usageRecord = `
apiVersion: werkplek.dev/v1alpha1
kind: UsageRecord
metadata:
  name: "2026-11"
  labels: {werkplek.dev/tenant: jansen, werkplek.dev/month: "2026-11"}
status:
  month: "2026-11"
  timeZone: Europe/Amsterdam
  users:
  - {license: windows-rds-sal, username: anna@jansen.example, firstAccessAt: "2026-10-31T23:00:00Z"}
  - {license: windows-rds-sal, username: piet@jansen.example, firstAccessAt: "2026-11-05T08:00:00Z",
     lastAccessAt: "2026-11-20T17:00:00Z", exemption: customer-trial}
  nodes:
  - {license: windows-server-standard-core, node: node-1, cores: 16, firstUsedAt: "2026-10-31T23:00:00Z"}
  - {license: windows-server-standard-core, node: node-2, cores: 24, firstUsedAt: "2026-11-05T08:00:00Z", lastUsedAt: "2026-11-20T17:00:00Z"}
  workplaces:
  - {name: anna, class: standard, username: anna@jansen.example, from: "2026-10-31T23:00:00Z"}
  - {name: piet, class: standard, username: piet@jansen.example, from: "2026-11-05T08:00:00Z", until: "2026-11-20T17:00:00Z"}
  conditions:
  - {type: Ready, status: "True", reason: Open, message: the record grows until the month is over, lastTransitionTime: "2026-10-31T23:00:00Z"}
`
	licenseReport = `
apiVersion: werkplek.dev/v1alpha1
kind: LicenseReport
metadata: {name: "2026-11"}
`
	correction = `
apiVersion: werkplek.dev/v1alpha1
kind: LicenseReport
metadata: {name: 2026-11-correction-1}
spec:
  corrects: {name: "2026-11"}
  adjustments:
  - {license: windows-rds-sal, tenant: jansen, username: anna@jansen.example, quantity: -1, reason: a test account of the provider}
`
	// The status of a LicenseReport, which is a draft without finalAt.
	draftReport = `
status:
  observedGeneration: 1
  month: "2026-11"
  dueOn: "2026-12-10"
  lines:
  - {license: windows-rds-sal, displayName: RDS SAL, enrollment: "12345678", partNumber: 6WC-00002, metric: User, quantity: 42, exempt: 3,
     tenants: 5, unitPrice: "5.25", priceFrom: "2026-01-01", amount: "220.50", currency: EUR, licenseGeneration: 2}
  - {license: windows-server-standard-core, metric: Core, packSize: 2, quantity: 16, tenants: 5}
  tracked:
  - {license: customer-bookkeeping, metric: User, quantity: 4, tenants: 1}
  - {license: customer-drawing, metric: User, quantity: 2, tenants: 1}
  exemptions:
  - {license: windows-rds-sal, name: provider-staff, reason: they administer the desktops, maximumUsers: 20, users: 2}
  - {license: windows-rds-sal, name: customer-trial, reason: they try the service out, users: 1}
  rows: 67
  zeroUsage: false
  digest: sha256:2f1c
  previousDigest: sha256:77a0
  conditions:
  - {type: Ready, status: "True", reason: Ready, message: "", lastTransitionTime: "2026-12-01T00:01:00Z"}
`
	// What makes a record closed, and a report final.
	closing = `status: {closedAt: "2026-11-30T23:00:30Z"}`
	final   = `status: {finalAt: "2026-12-01T00:01:00Z"}`
)
