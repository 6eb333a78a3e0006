// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"slices"
	"time"
)

// Failure is the view of the page "error".
type Failure struct {
	Status  int
	Key     string // of the words that say what happened
	Message string // instead, in the program's own words
	// Correlation finds the request in the logs, for who asks support about it.
	Correlation string
}

// Workplaces is the view of a user's own page.
type Workplaces struct {
	Asking     []Session
	Workplaces []Workplace
	// Line is measured once per sign-in (TD-16).
	MeasureLine          bool
	SlowLine             bool
	DownKbit, UpKbit     int
	NeedDownKbit, NeedUp int
}

// Workplace is one of them.
type Workplace struct {
	Name, Tenant, Class, URL string
	// Organisation is the tenant's own name; empty: Tenant is shown.
	Organisation string
	// State is running, stopped, starting or unavailable; Reason a condition's.
	State, Reason, Message string
	CanOpen, CanRestart    bool
	// Moving says that the node under the desktop is to be emptied.
	Moving     bool
	RestartURL string
	Watching   []Session
}

// Session is a support session as its user or its agent sees it.
type Session struct {
	Agent, Workplace, Tenant, User, Mode, Reason string
	// State is asked, active, refused, revoked, lapsed or ended.
	State               string
	Until               time.Time
	AnswerURL           string
	ViewURL, EndURL     string
	CanEnd, CanSee      bool
	StartedAt, EndedAt  time.Time
	Charges             int
	CoveredByAgreement  bool
	MaximumLengthMinute int
}

// Starting is the view of a desktop that is not ready.
type Starting struct {
	Name, StateURL, PortalURL string
	HomeReady                 bool
	// Reason and Message say what keeps it from starting, if anything does.
	Reason, Message string
	Failing         bool
}

// Denied is the view of a refusal on a workplace's host.
type Denied struct {
	Reason, Message, Workplace, PortalURL string
	// Since is when a suspension began, if that is known.
	Since time.Time
	// Invoices are the open ones, and TenantURL leads to them: for the contact only.
	Invoices  []Invoice
	TenantURL string
}

// Tenant is the view of an organisation, for its contact.
type Tenant struct {
	// State is a TenantState; empty: what the other fields tell.
	Name, Title, State string
	Suspensions        []Suspension
	Invoices           []Invoice
	// Reactivation is what coming back costs, if that is known.
	Reactivation     *Reactivation
	Arrears          bool
	SuspendsOn       string
	Workplaces       int
	Running          int
	Licences         []Licence
	Month            string
	Charges          []Charge
	UsersURL, AskURL string
	RequestsURL      string
}

// Reactivation is what is charged for coming back after a suspension.
type Reactivation struct {
	// Fee is charged for each of Users; zero: once.
	Fee, Total, Currency string
	Users                int
}

// Suspension is one that is in force.
type Suspension struct {
	Cause, Reason string
	Since         time.Time
	OfReseller    bool
}

// Invoice is one that is open.
type Invoice struct{ Number, IssuedOn, DueOn, Outstanding, Currency string }

// Licence is one that was used this month.
type Licence struct {
	Name  string
	Users int
}

// Charge is one that was made. Quantity and UnitPrice may be empty; so may VAT, which
// is ExcludingVAT or IncludingVAT where the charge says it.
type Charge struct{ On, Description, Amount, Currency, Invoice, Quantity, UnitPrice, VAT string }

// Users is the view of an organisation's users.
type Users struct {
	Name, Title, AskURL string
	Users               []User
}

// User is one workplace and its user.
type User struct {
	Name, Email, Username, Workplace, Class, State, Reason string
	LastUsed                                               time.Time
	Blocked                                                bool
	BlockURL, UnblockURL, RemoveURL, ChangeURL             string
}

// Request is the view of the form that asks for something.
type Request struct {
	Type, Tenant, Title, Action, Once, Back string
	// Wrong says what is wrong with a field (name, email, username, class,
	// licence, note), or under "" with all of it, in the API server's words.
	Wrong                           map[string]string
	UserName, Email, Username, Note string
	Workplace, Class                string
	Classes                         []Choice
	Licences                        []Choice
	KeptUntil                       string
	FromMail                        string
	// From names the request that came by mail; sent along with the form.
	From string
}

// Shows reports whether the form has a field.
func (r Request) Shows(field string) bool {
	add, change := r.Type == "AddUser", r.Type == "ChangeUser"
	switch field {
	case "name", "email":
		return add || change
	case "username":
		return add
	case "class":
		return (add || change) && len(r.Classes) > 0
	case "licence":
		return (add || change) && len(r.Licences) > 0
	}
	return field == "note"
}

// Priced reports whether a class to choose says its price.
func (r Request) Priced() bool {
	return slices.ContainsFunc(r.Classes, func(c Choice) bool { return c.Price != nil })
}

// Choice is something to choose.
type Choice struct {
	Value, Label string
	Chosen       bool
	// Price is what it costs; nil: nothing is said of that.
	Price *Price
}

// Price is an amount for each period, such as P1M.
type Price struct{ Amount, Currency, Per string }

// Requests is the view of what was asked for.
type Requests struct {
	Name, Title, AskURL, ServiceURL string
	Requests                        []Asked
}

// Asked is one request.
type Asked struct {
	Name, URL, Type, Who, Note string
	// State is waiting, approved, done, denied or late.
	State, Answer                     string
	RequestedBy, AnsweredBy           string
	ReceivedAt, AnswerDueAt, Answered time.Time
	ByMail                            bool
	TurnURL                           string
}

// OneRequest is the view of the page "asked": all of one request.
type OneRequest struct {
	Asked
	Title, RequestsURL string
}

// Support is the view of an agent.
type Support struct {
	Sessions []Session
	Action   string
	Wrong    string
	Once     string
	// Filled is what a refused form held, to be corrected.
	Filled Filled
}

// Filled is a form for a support session as it was sent.
type Filled struct {
	Tenant, Workplace, Reason, Mode, Length string
	NotCovered                              bool
	// Wrong says what is wrong with a field (tenant, workplace, reason, mode, length).
	Wrong map[string]string
}

// Shows reports whether the form has a field.
func (Filled) Shows(field string) bool { return field != "" }
