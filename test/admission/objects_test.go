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
)
