// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
)

const (
	userRequest = `
apiVersion: werkplek.dev/v1alpha1
kind: UserRequest
metadata: {name: add-anna}
spec:
  type: AddUser
  user: {name: Anna de Vries, email: anna@jansen.example, username: anna@jansen.example}
  classRef: {name: standard}
  licenses: [office]
  note: Anna starts on Monday
  requestedBy: piet@jansen.example
`
	asker = "piet@jansen.example"
	eva   = "eva@provider.example"
)

// asked reads a request in a namespace; the name that asks is Piet's.
func asked(t *testing.T, changes, namespace string) *unstructured.Unstructured {
	t.Helper()
	request := object(t, userRequest, changes, namespace)
	request.SetNamespace(namespace)
	rename(request)
	return request
}

func TestCreateUserRequest(t *testing.T) {
	t.Parallel()
	namespace := tenantNamespace(t, "jansen")
	const (
		needsUser   = "AddUser needs user and classRef, and no workplaceRef"
		namesUser   = "names the user, or one workplace with workplaceRef, and neither classRef nor licenses"
		needsChange = "ChangeUser needs workplaceRef, and user, classRef or licenses as they should become"
		needsNote   = "Service needs a note that says what is wanted"
	)
	const bare = `user: null, classRef: null, licenses: null, note: null`
	for _, row := range []row{
		accepted(""),
		accepted(`spec: {licenses: null, note: null}`),
		refused(`spec: {type: Party}`, `spec.type`, `"AddUser", "BlockUser", "UnblockUser", "RemoveUser", "ChangeUser", "Service"`),
		refused(`spec: {type: null}`, `spec.type`, `Required value`),
		refused(`spec: {requestedBy: null}`, `spec.requestedBy`, `Required value`),
		refused(`spec: {why: because}`, `unknown field "spec.why"`),
		refused(`spec: {user: {username: Anna@jansen.example}}`, `spec.user.username`, aUsername),
		refused(`spec: {licenses: [office, office]}`, `spec.licenses[1]`, `Duplicate value`),
		refused(`spec: {note: ""}`, `spec.note`, `at least 1`),
		refused(`spec: {note: `+strings.Repeat("x", 10001)+`}`, `spec.note`, `more than 10000`),

		refused(`spec: {user: null}`, `spec`, needsUser),
		refused(`spec: {classRef: null}`, `spec`, needsUser),
		refused(`spec: {workplaceRef: {name: anna}}`, `spec`, needsUser),

		accepted(`spec: {type: BlockUser, classRef: null, licenses: null}`),
		accepted(`spec: {type: UnblockUser, ` + bare + `, workplaceRef: {name: anna}}`),
		accepted(`spec: {type: RemoveUser, classRef: null, licenses: null, workplaceRef: {name: anna}}`),
		refused(`spec: {type: BlockUser, `+bare+`}`, `spec`, namesUser),
		refused(`spec: {type: UnblockUser, licenses: null}`, `spec`, namesUser),
		refused(`spec: {type: RemoveUser, classRef: null}`, `spec`, namesUser),

		accepted(`spec: {type: ChangeUser, ` + bare + `, workplaceRef: {name: anna}, licenses: []}`),
		accepted(`spec: {type: ChangeUser, user: null, licenses: null, workplaceRef: {name: anna}}`),
		accepted(`spec: {type: ChangeUser, classRef: null, licenses: null, workplaceRef: {name: anna}}`),
		refused(`spec: {type: ChangeUser}`, `spec`, needsChange),
		refused(`spec: {type: ChangeUser, `+bare+`, workplaceRef: {name: anna}}`, `spec`, needsChange),

		accepted(`spec: {type: Service, user: null, classRef: null, licenses: null}`),
		refused(`spec: {type: Service, note: null}`, `spec`, needsNote),
	} {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			by := client.WithFieldValidation(cluster.Shared().As(asker, "system:masters"), "Strict")
			expect(t, by.Create(t.Context(), asked(t, row.changes, namespace), client.DryRunAll), row.want...)
		})
	}
}

func TestRequestedByIsWhoAsks(t *testing.T) {
	t.Parallel()
	namespace := tenantNamespace(t, "jansen")
	for name, by := range map[string]client.Client{"engineer@provider.example": person(), cluster.Manager: operator()} {
		want := "spec.requestedBy piet@jansen.example is not who asks; use your own name, " + name
		expect(t, by.Create(t.Context(), asked(t, "", namespace), client.DryRunAll), want)
	}
	expect(t, person().Create(t.Context(), asked(t, `spec: {requestedBy: engineer@provider.example}`, namespace), client.DryRunAll))
}

// stored makes a request of Piet's, and gives it a status.
func stored(t *testing.T, status string) *unstructured.Unstructured {
	t.Helper()
	request := asked(t, "", tenantNamespace(t, "jansen"))
	if err := cluster.Shared().As(asker, "system:masters").Create(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if status != "" {
		if err := patchStored(t, operator(), request, status); err != nil {
			t.Fatal(err)
		}
	}
	return request
}

// approval is the condition Approved with others around it.
func approval(status, reason, message string) string {
	const at = `lastTransitionTime: "2026-11-20T08:00:00Z"`
	return `conditions: [{type: Ready, status: "True", reason: Ready, message: "", ` + at + `}, {type: Approved, status: "` + status + `", reason: ` + reason + `, message: ` + message + `, ` + at + `}]`
}

func TestAnswerUserRequest(t *testing.T) {
	t.Parallel()
	const (
		received = `receivedAt: "2026-11-20T08:00:00Z", observedGeneration: 1, `
		mine     = `, answeredBy: eva@provider.example`
		onlyOurs = "people write the condition Approved and answeredBy only; the rest is written by " + cluster.Manager
		decide   = "must become True or False, with reason ByEngineer, and status.answeredBy eva@provider.example"
		yourself = "must be who answers; use your own name, eva@provider.example"
	)
	open := stored(t, `status: {`+received+approval("Unknown", "AwaitingApproval", "waits")+`}`)
	fresh := stored(t, "")
	for _, row := range []row{
		accepted(`status: {` + approval("True", "ByEngineer", "welcome") + mine + `}`),
		accepted(`status: {` + approval("False", "ByEngineer", "sorry") + mine + `}`),
		accepted(`status: {answeredBy: eva@provider.example}`),
		refused(`status: {`+approval("True", "ByEngineer", "welcome")+`}`, "condition Approved of UserRequest "+open.GetName(), decide),
		refused(`status: {`+approval("True", "ByTerms", "welcome")+mine+`}`, decide),
		refused(`status: {`+approval("Unknown", "ByEngineer", "perhaps")+mine+`}`, decide),
		refused(`status: {conditions: null`+mine+`}`, decide),
		refused(`status: {`+approval("True", "ByEngineer", "welcome")+`, answeredBy: ed@provider.example}`, yourself),
		refused(`status: {answeredBy: ed@provider.example}`, "status.answeredBy of UserRequest "+open.GetName(), yourself),
		refused(`status: {answeredAt: "2026-11-20T08:00:00Z"}`, onlyOurs),
		refused(`status: {receivedAt: "2026-11-19T08:00:00Z"}`, onlyOurs),
		refused(`status: {receivedAt: null}`, onlyOurs),
		refused(`status: {answerDueAt: "2027-11-20T08:00:00Z"}`, onlyOurs),
		refused(`status: {workplaceRef: {name: anna}}`, onlyOurs),
		refused(`status: {observedGeneration: 2}`, onlyOurs),
		refused(`status: {conditions: [`+strings.Split(strings.TrimSuffix(approval("Unknown", "AwaitingApproval", "waits"), "]"), "}, ")[1]+`]}`, onlyOurs),
	} {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			by := cluster.Shared().As(eva, "system:masters")
			expect(t, patchStored(t, by, open, row.changes, client.DryRunAll), row.want...)
			// The operator writes what it likes, as long as there is no answer.
			expect(t, patchStored(t, operator(), open, row.changes, client.DryRunAll))
		})
	}
	t.Run("before the operator saw it", func(t *testing.T) {
		t.Parallel()
		by := cluster.Shared().As(eva, "system:masters")
		const at = `lastTransitionTime: "2026-11-20T08:00:00Z"`
		expect(t, patchStored(t, by, fresh, `status: {conditions: [{type: Approved, status: "True", reason: ByEngineer, message: fine, `+at+`}]`+mine+`}`, client.DryRunAll))
		expect(t, patchStored(t, by, fresh, `status: {conditions: [{type: Completed, status: "True", reason: Done, message: fine, `+at+`}]}`, client.DryRunAll), onlyOurs)
	})
}

func TestAnsweredUserRequest(t *testing.T) {
	t.Parallel()
	answered := stored(t, `status: {answeredAt: "2026-11-20T08:00:00Z", answeredBy: eva@provider.example, `+approval("True", "ByEngineer", "welcome")+`}`)
	const stays = " was answered at 2026-11-20T08:00:00Z: the condition Approved, answeredBy and answeredAt stay as they are; make another request"
	for _, row := range []row{
		refused(`status: {`+approval("False", "ByEngineer", "welcome")+`}`, stays),
		refused(`status: {`+approval("True", "ByTerms", "welcome")+`}`, stays),
		refused(`status: {`+approval("True", "ByEngineer", "other words")+`}`, stays),
		refused(`status: {conditions: null}`, stays),
		refused(`status: {answeredBy: null}`, stays),
		refused(`status: {answeredBy: ed@provider.example}`, stays),
		refused(`status: {answeredAt: null}`, stays),
		refused(`status: {answeredAt: "2026-11-20T07:00:00Z"}`, stays),
	} {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			expect(t, patchStored(t, operator(), answered, row.changes, client.DryRunAll), row.want...)
			expect(t, patchStored(t, cluster.Shared().As(eva, "system:masters"), answered, row.changes, client.DryRunAll), row.want...)
		})
	}
	t.Run("carried out", func(t *testing.T) {
		t.Parallel()
		expect(t, patchStored(t, operator(), answered, `status: {workplaceRef: {name: anna}}`, client.DryRunAll))
	})
	t.Run("the request itself", func(t *testing.T) {
		t.Parallel()
		expect(t, patchStored(t, person(), answered, `spec: {note: another}`, client.DryRunAll), "spec", "is immutable: make another request")
		expect(t, patchStored(t, person(), answered, `metadata: {labels: {seen: "true"}}`, client.DryRunAll))
	})
}

// What the engineers' role and the policy allow together.
func TestEngineersAnswer(t *testing.T) {
	t.Parallel()
	user, _ := bind(t, "werkplek-engineer")
	open := stored(t, `status: {`+approval("Unknown", "AwaitingApproval", "waits")+`}`)
	by := cluster.Shared().As(user)
	expect(t, patchStored(t, by, open, `status: {`+approval("True", "ByEngineer", "welcome")+`, answeredBy: `+user+`}`, client.DryRunAll))
	contact, namespace := bind(t, "werkplek-contact")
	theirs := asked(t, `spec: {requestedBy: `+contact+`}`, namespace)
	expect(t, cluster.Shared().As(contact).Create(t.Context(), theirs))
	expect(t, patchStored(t, cluster.Shared().As(contact), theirs, `status: {answeredBy: `+contact+`}`, client.DryRunAll), "forbidden", `cannot patch resource "userrequests/status"`)
}
