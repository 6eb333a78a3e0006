// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/restored"
)

// answer is an engineer's answer to a contact's request.
type answer struct {
	key     client.ObjectKey
	approve bool
	message string
	at      time.Time
}

// requestCommands list and answer what contacts ask for.
func requestCommands(c *connection) []*cobra.Command {
	return []*cobra.Command{requestsCommand(c), answerCommand(c, true), answerCommand(c, false)}
}

func answerCommand(c *connection, approve bool) *cobra.Command {
	a := answer{approve: approve}
	command := &cobra.Command{
		Use: "deny NAME -n NAMESPACE --message TEXT", Short: "Deny what a tenant's contact asks for",
		Args:              exactly("NAME"),
		ValidArgsFunction: argument(c.requests),
		RunE: func(command *cobra.Command, arguments []string) error {
			namespace, err := c.namespace()
			if err != nil {
				return err
			}
			cluster, _, err := c.open()
			if err != nil {
				return err
			}
			a.key.Namespace, a.key.Name, a.at = namespace, arguments[0], c.clock.Now()
			return a.give(command.Context(), cluster, command.OutOrStdout())
		},
	}
	if approve {
		command.Use, command.Short = "approve NAME -n NAMESPACE [--message TEXT]", "Approve what a tenant's contact asks for"
	}
	command.Flags().StringVar(&a.message, "message", "", "words for the contact; needed to deny")
	return command
}

// give writes the answer, unless there is one already, and says what happens now.
func (a answer) give(ctx context.Context, c client.Client, out io.Writer) error {
	switch {
	case !a.approve && a.message == "":
		return errors.New("tell the contact why, with --message")
	case len(a.message) > messageAtMost:
		return fmt.Errorf("the message has %d bytes and at most %d fit; shorten it", len(a.message), messageAtMost)
	}
	who, err := whoAmI(ctx, c)
	if err != nil {
		return err
	}
	message := cmp.Or(a.message, "approved by "+who)
	request := &v1alpha1.UserRequest{}
	err = retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		if err := c.Get(ctx, a.key, request); apierrors.IsNotFound(err) && !unknownKind(err) {
			return fmt.Errorf("there is no UserRequest %s in namespace %s; "+
				"kubectl werkplek requests -A lists them, and -n names the namespace", a.key.Name, a.key.Namespace)
		} else if err != nil {
			return err
		}
		if err := unanswered(request); err != nil {
			return err
		}
		base := request.DeepCopy()
		status := metav1.ConditionFalse
		if a.approve {
			status = metav1.ConditionTrue
		}
		meta.SetStatusCondition((*[]metav1.Condition)(&request.Status.Conditions), metav1.Condition{
			Type: v1alpha1.ConditionApproved, Status: status, ObservedGeneration: request.Generation,
			LastTransitionTime: metav1.NewTime(a.at.UTC().Truncate(time.Second)), Reason: v1alpha1.ReasonByEngineer, Message: message,
		})
		request.Status.AnsweredBy = v1alpha1.Username(who)
		// The operator may have answered in the meantime: then there is a conflict, and the answer stands.
		return c.Status().Patch(ctx, request, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, a.consequence(request))
	return err
}

// messageAtMost is how long a condition's message may be.
const messageAtMost = 32768

// unanswered says who answered a request, if somebody did.
func unanswered(r *v1alpha1.UserRequest) error {
	said := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionApproved)
	if r.Status.AnsweredAt == nil && (said == nil || said.Status == metav1.ConditionUnknown) {
		return nil
	}
	by := cmp.Or(string(r.Status.AnsweredBy), "the terms")
	what := "answered"
	if said != nil && said.Status == metav1.ConditionTrue {
		what = "approved"
	} else if said != nil {
		what = "denied"
	}
	words := ""
	if said != nil && said.Message != "" {
		words = ": " + said.Message
	}
	return fmt.Errorf("the request %s was %s already by %s%s; an answer stays, so ask the contact for another request", r.Name, what, by, words)
}

// consequence says what happens now.
func (a answer) consequence(r *v1alpha1.UserRequest) string {
	if !a.approve {
		return fmt.Sprintf("denied: nothing changes, and %s reads why", r.Spec.RequestedBy)
	}
	whom := ""
	if r.Spec.User != nil {
		whom = "all workplaces of " + string(r.Spec.User.Username)
	}
	if r.Spec.WorkplaceRef != nil {
		whom = "workplace " + string(r.Spec.WorkplaceRef.Name)
	}
	what := map[v1alpha1.UserRequestType]string{
		v1alpha1.RequestBlockUser:   "the operator blocks access to " + whom,
		v1alpha1.RequestUnblockUser: "the operator gives back access to " + whom,
		v1alpha1.RequestRemoveUser:  "the operator removes " + whom + "; the homes are kept as long as the terms say",
		v1alpha1.RequestChangeUser:  "the operator changes " + whom + " as asked",
		v1alpha1.RequestService:     "the operator changes nothing: what is asked for is yours to do",
	}[r.Spec.Type]
	if r.Spec.Type == v1alpha1.RequestAddUser {
		what = fmt.Sprintf("the operator makes a workplace of class %s for %s", r.Spec.ClassRef.Name, r.Spec.User.Username)
	}
	return fmt.Sprintf("approved: %s; follow it with kubectl get userrequest %s -n %s", what, r.Name, r.Namespace)
}

// whoAmI returns the caller's name as the API server knows it.
func whoAmI(ctx context.Context, c client.Client) (string, error) {
	if err := authenticationv1.AddToScheme(c.Scheme()); err != nil {
		return "", err
	}
	review := &authenticationv1.SelfSubjectReview{}
	if err := c.Create(ctx, review); err != nil {
		return "", fmt.Errorf("ask the API server who you are: %w", err)
	}
	return review.Status.UserInfo.Username, nil
}

func requestsCommand(c *connection) *cobra.Command {
	var all bool
	command := &cobra.Command{
		Use: "requests [-n NAMESPACE | -A]", Short: "List what tenants' contacts ask for and nobody answered yet",
		Long: `List what tenants' contacts ask for and nobody answered yet, those due first at
the top: of all tenants, or of the one whose namespace -n names.`,
		Args: cobra.NoArgs,
	}
	command.Flags().BoolVarP(&all, "all-namespaces", "A", false, "requests of all tenants, as without -n")
	o := outputFlag(command, asTable, asJSON, asYAML, asName)
	command.RunE = func(command *cobra.Command, _ []string) error {
		namespace := c.overrides.Context.Namespace
		if all {
			namespace = ""
		}
		cluster, _, err := c.open()
		if err != nil {
			return err
		}
		open, err := openRequests(command.Context(), cluster, namespace)
		if err != nil {
			return err
		}
		return writeObjects(o, command.OutOrStdout(), open, func(out io.Writer) error { return listRequests(open, c.clock.Now(), out) })
	}
	return command
}

// openRequests returns the requests that have no answer, those due first at the front.
func openRequests(ctx context.Context, c client.Reader, namespace string) ([]*v1alpha1.UserRequest, error) {
	var open []*v1alpha1.UserRequest
	var list v1alpha1.UserRequestList
	err := pages(ctx, c, &list, func() error {
		for i := range list.Items {
			if r := &list.Items[i]; r.Status.AnsweredAt == nil && restored.Of(r) != restored.History {
				open = append(open, r.DeepCopy())
			}
		}
		return nil
	}, client.InNamespace(namespace))
	slices.SortFunc(open, func(a, b *v1alpha1.UserRequest) int {
		return cmp.Or(
			dueAt(a).Compare(dueAt(b)), a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
			cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name),
		)
	})
	return open, err
}

// listRequests writes requests for people.
func listRequests(open []*v1alpha1.UserRequest, now time.Time, out io.Writer) error {
	if len(open) == 0 {
		_, err := fmt.Fprintln(out, "Every request has its answer.")
		return err
	}
	return columns(out, "NAMESPACE|NAME|TYPE|USER|WORKPLACE|BY|ANSWER DUE|WAITS FOR", func(row func(...any)) {
		for _, r := range open {
			user, workplace, due, why := "-", "-", "-", "the operator"
			if r.Spec.User != nil {
				user = string(r.Spec.User.Username)
			}
			if r.Spec.WorkplaceRef != nil {
				workplace = string(r.Spec.WorkplaceRef.Name)
			}
			if at := r.Status.AnswerDueAt; at != nil {
				due = at.Local().Format("2006-01-02 15:04")
				if now.After(at.Time) {
					due += " OVERDUE"
				}
			}
			said := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionApproved)
			if said != nil && said.Status == metav1.ConditionUnknown {
				why = said.Message
			}
			row(r.Namespace, r.Name, r.Spec.Type, user, workplace, r.Spec.RequestedBy, due, why)
		}
	})
}

// dueAt returns when the answer is due; what has no deadline comes last.
func dueAt(r *v1alpha1.UserRequest) time.Time {
	if at := r.Status.AnswerDueAt; at != nil {
		return at.Time
	}
	return time.Unix(1<<40, 0)
}
