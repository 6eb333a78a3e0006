// SPDX-License-Identifier: Apache-2.0

// Package installation knows whether the operator still stands where it stood: in
// the same cluster, with the same objects. Where it does not, it is held: it acts
// only after a person has confirmed.
package installation

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/types"
)

// Record is what is written about an installation, in an object of its namespace.
type Record struct {
	// Cluster is the UID of the namespace kube-system, which no two clusters share.
	Cluster types.UID
	// Own is the UID of the object in which the record stands; empty until it is known.
	Own types.UID
	// Hold is why the operator is held; empty: it is not.
	Hold string
	// Asked is the --hold that was last obeyed: the same one holds once.
	Asked string
}

// Place is where the operator finds itself.
type Place struct {
	// Cluster is the UID of the namespace kube-system.
	Cluster types.UID
	// Own is the UID of the object in which a record was found; empty if there is none.
	Own types.UID
	// Strays say what cannot have been made here, although it is here. They are
	// looked for only where there is no record.
	Strays []string
}

// Judge returns the record that is right from now on. A hold stays until a person
// takes it away; written is nil where there is no record.
func Judge(written *Record, here Place, asked string) Record {
	is := Record{Cluster: here.Cluster, Own: here.Own, Asked: asked}
	if written != nil {
		is.Hold = written.Hold
		if asked == "" {
			is.Asked = written.Asked
		}
	}
	if is.Hold == "" {
		is.Hold = reason(written, here, asked)
	}
	return is
}

// reason returns why the operator has to be held; empty if nothing speaks for it.
func reason(written *Record, here Place, asked string) string {
	switch {
	case written == nil && len(here.Strays) > 0:
		return "nothing says that this operator has worked here before, and some objects come from elsewhere: " +
			strings.Join(here.Strays, "; ")
	case written != nil && written.Cluster != here.Cluster:
		return fmt.Sprintf("this is another cluster than the one in which it worked: "+
			"namespace kube-system has the UID %s, and had %s", here.Cluster, written.Cluster)
	case written != nil && written.Own != "" && written.Own != here.Own:
		return "its own objects were restored from a backup"
	case asked != "" && (written == nil || written.Asked != asked):
		return "it was started with --hold=" + asked
	}
	return ""
}
