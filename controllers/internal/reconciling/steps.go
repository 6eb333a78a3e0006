// SPDX-License-Identifier: Apache-2.0

package reconciling

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/tracing"
)

// Step is one thing that a pass does.
type Step struct {
	// Name says what it does, for people who read an error or a log.
	Name string
	// Needs are the steps before it that must be done: what they could not find
	// out is not known, which is another thing than "nothing".
	Needs []string
	// Run does it. An error that carries an outcome says that the step has come to
	// something that holds, and no further: what needs it is left out, and the
	// pass is no failure. The step itself has noted the outcome.
	Run func(context.Context) error
}

// Steps are what a pass does, in order.
type Steps []Step

// Check reports a table that cannot be meant: a need that is no step before the
// one that has it, a name that is there twice. Tests of each controller call it.
func (s Steps) Check() error {
	before := map[string]bool{}
	var faults []error
	for i, step := range s {
		switch {
		case step.Name == "":
			faults = append(faults, fmt.Errorf("step %d has no name", i+1))
		case step.Run == nil:
			faults = append(faults, fmt.Errorf("step %q has nothing to run", step.Name))
		case before[step.Name]:
			faults = append(faults, fmt.Errorf("there are two steps %q", step.Name))
		}
		for _, need := range step.Needs {
			if !before[need] {
				faults = append(faults, fmt.Errorf("step %q needs %q, which is no step before it", step.Name, need))
			}
		}
		before[step.Name] = true
	}
	return errors.Join(faults...)
}

// Run runs the steps. One that fails stops those that need it, and theirs; the
// others go on. What it returns names each step that failed or was left out.
func (s Steps) Run(ctx context.Context) error {
	done, settled := map[string]bool{}, map[string]bool{}
	var faults []error
	for _, step := range s {
		if missing, known := step.missing(done, settled); len(missing) > 0 {
			if settled[step.Name] = known; !known {
				faults = append(faults, fmt.Errorf("%s: not done: needs %s", step.Name, strings.Join(missing, ", ")))
			}
			continue
		}
		err := step.traced(ctx)
		if errors.Is(err, ErrGone) {
			return err // and with it whatever went wrong about it
		}
		if end := (*ending)(nil); errors.As(err, &end) {
			return &ending{after: end.after, fault: named(step.Name, end.fault), earlier: errors.Join(faults...)}
		}
		if _, holds := outcome.From(err); holds {
			settled[step.Name] = true
			continue
		}
		if err != nil {
			faults = append(faults, named(step.Name, err))
			continue
		}
		done[step.Name] = true
	}
	return errors.Join(faults...)
}

// traced runs the step as a part of the pass's trace. An outcome that holds is no
// failure, nor is the wish to look again.
func (s Step) traced(ctx context.Context) error {
	ctx, span := tracing.Begin(ctx, s.Name)
	err := s.Run(ctx)
	if why, holds := outcome.From(err); holds {
		span.Set("outcome", why.Reason)
		span.End(nil)
		return err
	}
	_, fault := Result(err)
	span.End(fault)
	return err
}

// missing returns what a step needs and does not have, and whether that is
// because of outcomes that hold, and not of faults.
func (s Step) missing(done, settled map[string]bool) (missing []string, known bool) {
	known = true
	for _, need := range s.Needs {
		if !done[need] {
			missing = append(missing, need)
			known = known && settled[need]
		}
	}
	return missing, known
}

func named(step string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", step, err)
}

// ending ends a whole pass: no further step runs, and nothing is written.
type ending struct {
	after   time.Duration
	fault   error
	earlier error
}

// Error says why.
func (e *ending) Error() string {
	if err := errors.Join(e.earlier, e.fault); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("to be looked at again in %s", e.after)
}

// Unwrap returns the fault that ended the pass, if it was one.
func (e *ending) Unwrap() []error {
	var faults []error
	for _, err := range []error{e.earlier, e.fault} {
		if err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}

// Stop ends the whole pass because of a fault that nothing may follow, such as a
// finalizer that could not be put on.
func Stop(fault error) error {
	if fault == nil {
		return nil
	}
	return &ending{fault: fault}
}

// Again ends the whole pass, quietly, and asks for another one after a time: what
// it stands on has changed, or is not known here yet.
func Again(after time.Duration) error { return &ending{after: max(after, time.Millisecond)} }

// ErrGone says that the object of a pass does not exist any more.
var ErrGone = errors.New("the object is gone")
