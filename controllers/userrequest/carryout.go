// SPDX-License-Identifier: Apache-2.0

package userrequest

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// carryOut does what is approved, once, and says how far it is.
func (v *visit) carryOut(ctx context.Context) error {
	said := v.approved()
	switch {
	case said == nil:
		return nil
	case said.Status == metav1.ConditionFalse:
		v.Conditions.False(v1alpha1.ConditionCompleted, v1alpha1.ReasonDenied, "the request was denied: see the condition Approved")
		return nil
	case said.Status != metav1.ConditionTrue:
		v.Conditions.False(v1alpha1.ConditionCompleted, v1alpha1.ReasonAwaitingApproval, "the request waits for its answer: see the condition Approved")
		return nil
	}
	if v.request.Spec.Type == v1alpha1.RequestService {
		v.Conditions.True(v1alpha1.ConditionCompleted, v1alpha1.ReasonDone, "answered: see the condition Approved")
		return nil
	}
	if err := v.lookLive(ctx); err != nil || v.facts.tenant == nil {
		return err
	}
	done, err := v.act(ctx)
	cannot, undoable := outcome.From(err)
	switch {
	case undoable: // approved, and not to be carried out as things are now
		v.Conditions.Report(v1alpha1.ConditionCompleted, cannot)
		return nil
	case apierrors.IsInvalid(err), apierrors.IsForbidden(err), apierrors.IsBadRequest(err):
		// To ask again may help, once a person has done something about it.
		v.Conditions.False(v1alpha1.ConditionCompleted, v1alpha1.ReasonPending, "approved, but the API server refuses it: "+err.Error())
		return err
	case err != nil:
		return err
	}
	v.Conditions.True(v1alpha1.ConditionCompleted, v1alpha1.ReasonDone, done)
	return nil
}

// act does what the request asks for and returns what that came to.
func (v *visit) act(ctx context.Context) (string, error) {
	if v.request.Spec.Type == v1alpha1.RequestAddUser {
		return v.addUser(ctx)
	}
	workplaces, wrong := v.facts.concerned(v.request)
	if wrong != nil && v.request.Spec.Type == v1alpha1.RequestRemoveUser && wrong.Reason != v1alpha1.ReasonUserDiffers {
		return "nothing is left to remove; " + v.kept(), nil
	}
	if wrong != nil {
		return "", wrong.Err()
	}
	if len(workplaces) == 1 {
		v.concern(workplaces[0])
	}
	switch v.request.Spec.Type {
	case v1alpha1.RequestBlockUser:
		err := v.setAccess(ctx, workplaces, v1alpha1.AccessBlocked)
		return fmt.Sprintf("access to %s is blocked; the data stays", names(workplaces)), err
	case v1alpha1.RequestUnblockUser:
		return v.unblock(ctx, workplaces)
	case v1alpha1.RequestRemoveUser:
		return v.remove(ctx, workplaces)
	case v1alpha1.RequestChangeUser:
		return v.change(ctx, workplaces[0])
	}
	return "", fmt.Errorf("requests of type %q are not known", v.request.Spec.Type)
}

func (v *visit) concern(w *v1alpha1.Workplace) {
	v.request.Status.WorkplaceRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(w.Name)}
}

// addUser makes the user's workplace. The label says for which request it was
// made, so that an interrupted request makes no second one.
func (v *visit) addUser(ctx context.Context) (string, error) {
	made := v.facts.made(v.request)
	if made == nil {
		if wrong := v.facts.impossible(v.request); wrong != nil {
			return "", wrong.Err()
		}
		var err error
		if made, err = v.makeWorkplace(ctx); err != nil {
			return "", err
		}
	}
	v.concern(made)
	return fmt.Sprintf("workplace %s was made for %s", made.Name, made.Spec.User.Username), nil
}

// makeWorkplace makes the workplace under the first name that is free.
func (v *visit) makeWorkplace(ctx context.Context) (*v1alpha1.Workplace, error) {
	taken := map[string]bool{}
	for i := range v.facts.workplaces {
		taken[v.facts.workplaces[i].Name] = true
	}
	user := v.request.Spec.User
	// Among one more names than there are workplaces and homes, one is free.
	for n := 1; ; n++ {
		name := workplaceName(user.Username, v.facts.tenant.Name, n)
		if taken[name] {
			continue
		}
		if free, err := v.homeFree(ctx, name); err != nil {
			return nil, err
		} else if !free {
			continue
		}
		workplace := &v1alpha1.Workplace{
			ObjectMeta: metav1.ObjectMeta{
				Name: name, Namespace: v.request.Namespace,
				Labels: map[string]string{labelRequest: string(v.request.UID)},
			},
			Spec: v1alpha1.WorkplaceSpec{User: *user, ClassRef: *v.request.Spec.ClassRef, Licenses: v.request.Spec.Licenses},
		}
		err := children.Create(ctx, v.Client, workplace, "request "+v.request.Name+" asks for it")
		if apierrors.IsAlreadyExists(err) {
			existing, err := reading.Maybe(ctx, v.Live, client.ObjectKeyFromObject(workplace), &v1alpha1.Workplace{})
			if err != nil {
				return nil, err
			}
			if existing != nil && existing.Labels[labelRequest] == string(v.request.UID) {
				return existing, nil
			}
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("create workplace %s: %w", name, err)
		}
		return workplace, nil
	}
}

// homeFree reports whether a workplace of this name would get a home of its
// own: none that holds somebody else's data. The user's own old home it gets back.
func (v *visit) homeFree(ctx context.Context, name string) (bool, error) {
	key := client.ObjectKey{Namespace: v.request.Namespace, Name: desktop.ClaimName(name)}
	claim, err := reading.Maybe(ctx, v.Live, key, &corev1.PersistentVolumeClaim{})
	if err != nil || claim == nil {
		return err == nil, err
	}
	return desktop.OwnClaim(claim) && desktop.HomeOf(claim, v.request.Spec.User.Username), nil
}

// setAccess lets the users of workplaces in, or keeps them out.
func (v *visit) setAccess(ctx context.Context, workplaces []*v1alpha1.Workplace, access v1alpha1.Access) error {
	for _, w := range workplaces {
		if err := v.patch(ctx, w, func(s *v1alpha1.WorkplaceSpec) {
			if (s.Access == v1alpha1.AccessBlocked) != (access == v1alpha1.AccessBlocked) {
				s.Access = access
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

// unblock gives access back, except where the contact asked for a block later:
// requests that wait together are not carried out in the order of their arrival.
func (v *visit) unblock(ctx context.Context, workplaces []*v1alpha1.Workplace) (string, error) {
	var allowed, overruled []*v1alpha1.Workplace
	blocks, err := v.laterBlocks(ctx)
	if err != nil {
		return "", err
	}
	for _, w := range workplaces {
		if blocks(w) {
			overruled = append(overruled, w)
		} else {
			allowed = append(allowed, w)
		}
	}
	if err := v.setAccess(ctx, allowed, v1alpha1.AccessAllowed); err != nil {
		return "", err
	}
	if len(overruled) > 0 {
		return fmt.Sprintf("%s stays blocked, which was asked for later", names(overruled)), nil
	}
	return fmt.Sprintf("access to %s is given back", names(allowed)), nil
}

// laterBlocks returns which workplaces the contact asked to block after this
// request. An engineer who approved it had the last word.
func (v *visit) laterBlocks(ctx context.Context) (func(*v1alpha1.Workplace) bool, error) {
	var list v1alpha1.UserRequestList
	if v.approved().Reason == v1alpha1.ReasonByTerms {
		if err := v.Client.List(ctx, &list, client.InNamespace(v.request.Namespace), client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("list requests: %w", err)
		}
	}
	return func(w *v1alpha1.Workplace) bool {
		for i := range list.Items {
			other := &list.Items[i]
			if other.Spec.Type == v1alpha1.RequestBlockUser && other.CreationTimestamp.After(v.request.CreationTimestamp.Time) && concerns(other, w) {
				return true
			}
		}
		return false
	}, nil
}

// remove deletes the workplaces; the homes have no owner and stay. The answer is
// written first: afterwards nothing would show that there was a user to remove.
func (v *visit) remove(ctx context.Context, workplaces []*v1alpha1.Workplace) (string, error) {
	v.Conditions.False(v1alpha1.ConditionCompleted, v1alpha1.ReasonPending, "the request is being carried out")
	v.Conditions.Report(v1alpha1.ConditionAnsweredInTime, v.deadline())
	if err := v.Write(ctx); err != nil {
		return "", err
	}
	for _, w := range workplaces {
		if err := children.Delete(ctx, v.Client, w.DeepCopy(), "request "+v.request.Name+" asks for it"); err != nil {
			return "", fmt.Errorf("delete workplace %s: %w", w.Name, err)
		}
	}
	return fmt.Sprintf("removed %s; %s", names(workplaces), v.kept()), nil
}

// kept says how long the home of a removed workplace stays.
func (v *visit) kept() string {
	if t := v.facts.terms; t != nil {
		if until := t.KeptUntil(calendar.DateAt(v.Now, t.Zone)); !until.IsZero() {
			return "the home is kept until " + until.String()
		}
	}
	return "the home is kept until a person decides"
}

// change gives a workplace the user's name and address, the class and the
// licences that the request names. What it does not name stays.
func (v *visit) change(ctx context.Context, w *v1alpha1.Workplace) (string, error) {
	wanted := &v.request.Spec
	err := v.patch(ctx, w, func(s *v1alpha1.WorkplaceSpec) {
		if wanted.User != nil && wanted.User.Name != "" {
			s.User.Name = wanted.User.Name
		}
		if wanted.User != nil && wanted.User.Email != "" {
			s.User.Email = wanted.User.Email
		}
		if wanted.ClassRef != nil {
			s.ClassRef = *wanted.ClassRef
		}
		if wanted.Licenses != nil {
			s.Licenses = wanted.Licenses
		}
	})
	return fmt.Sprintf("workplace %s is changed; what its desktop is made from changes at its next restart", w.Name), err
}

// patch changes a workplace if that makes a difference.
func (v *visit) patch(ctx context.Context, seen *v1alpha1.Workplace, edit func(*v1alpha1.WorkplaceSpec)) error {
	changed := seen.DeepCopy()
	edit(&changed.Spec)
	if equality.Semantic.DeepEqual(&seen.Spec, &changed.Spec) {
		return nil
	}
	err := children.Patch(ctx, v.Client, seen, changed, "request "+v.request.Name+" asks for it")
	if apierrors.IsNotFound(err) {
		return reconciling.Again(soon) // the facts have changed
	}
	if err != nil {
		return fmt.Errorf("change workplace %s: %w", seen.Name, err)
	}
	return nil
}
