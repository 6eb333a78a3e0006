// SPDX-License-Identifier: Apache-2.0

package reconciling

import (
	"context"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"werkplek.dev/werkplek/controllers/internal/trail"
)

// mostNote is how many bytes the API server lets an event's note have.
const mostNote = 1024

// Said is something that has changed and that people should hear of: an event on
// the object, for as long as events are kept, and a line in the log.
type Said struct {
	// Object that it is about.
	Object client.Object
	// Related is what else it is about, if anything.
	Related client.Object
	// Warning says that a person may have to act.
	Warning bool
	// Reason is one word in CamelCase: what has happened.
	Reason string
	// Action is what was being done.
	Action string
	// Message is in words, with the cause.
	Message string
}

// Tell makes the event and writes the line.
func (s Said) Tell(ctx context.Context, recorder events.EventRecorder) {
	line := []any{"object", trail.Of(s.Object), "reason", s.Reason, "action", s.Action, "why", s.Message}
	kind := corev1.EventTypeNormal
	if s.Warning {
		kind = corev1.EventTypeWarning
	}
	if s.Related == nil {
		recorder.Eventf(s.Object, nil, kind, s.Reason, s.Action, "%s", Bounded(s.Message, mostNote))
	} else {
		line = append(line, "related", trail.Of(s.Related))
		recorder.Eventf(s.Object, s.Related, kind, s.Reason, s.Action, "%s", Bounded(s.Message, mostNote))
	}
	log.FromContext(ctx).Info("changed", line...)
}

// Bounded returns the beginning of words that must not take more than so many
// bytes, and says that they go on where they do.
func Bounded(words string, most int) string {
	const more = "..."
	if len(words) <= most {
		return words
	}
	end := most - len(more)
	for end > 0 && !utf8.RuneStart(words[end]) {
		end--
	}
	return words[:end] + more
}
