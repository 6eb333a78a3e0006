// SPDX-License-Identifier: Apache-2.0

package pages

import "time"

// Failure is the view of the page "error".
type Failure struct {
	Status  int
	Key     string // of the words that say what happened
	Message string // instead, in the program's own words
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
	// State is running, stopped, starting or unavailable; Reason a condition's.
	State, Reason, Message string
	CanOpen, CanRestart    bool
	RestartURL             string
	Watching               []Session
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
}

// Tenant is the view of an organisation, for its contact.
type Tenant struct {
	Name, Title, State string
	Suspensions        []Suspension
	Invoices           []Invoice
	Arrears            bool
	SuspendsOn         string
	Workplaces         int
	Running            int
	Licences           []Licence
	Month              string
	Charges            []Charge
	UsersURL, AskURL   string
	RequestsURL        string
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

// Charge is one that was made.
type Charge struct{ On, Description, Amount, Currency, Invoice string }

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
	// Wrong says what is wrong with a field, in the API server's words.
	Wrong                           map[string]string
	UserName, Email, Username, Note string
	Workplace, Class                string
	Classes                         []Choice
	Licences                        []Choice
	KeptUntil                       string
	FromMail                        string
}

// Choice is something to choose.
type Choice struct {
	Value, Label string
	Chosen       bool
}

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
	ReceivedAt, AnswerDueAt, Answered time.Time
	ByMail                            bool
	TurnURL                           string
}

// Support is the view of an agent.
type Support struct {
	Sessions []Session
	Action   string
	Wrong    string
	Once     string
}
