// SPDX-License-Identifier: Apache-2.0

// Package report is what the program that copies a home leaves behind for the
// operator, as the termination message of its container.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// limit is how much the kubelet reads of a termination message.
const limit = 4096

// Report says what became of the copy of one home.
type Report struct {
	// Reason why it failed, one of the reasons of this package; empty: it is done.
	Reason string `json:"reason,omitempty"`
	// Message in words for a person.
	Message string `json:"message,omitempty"`
	// Files and Bytes that are in the bucket.
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
	// Sent is how many files and parts this run sent; the others were there already.
	Sent int64 `json:"sent"`
	// SHA256 of the manifest, in hexadecimal digits.
	SHA256 string `json:"sha256,omitempty"`
}

// Why a copy failed. They become reasons of the condition Completed.
const (
	CredentialsRefused  = "CredentialsRefused"
	BucketNotFound      = "BucketNotFound"
	EndpointUnreachable = "EndpointUnreachable"
	EndpointRefused     = "EndpointRefused"
	Unreadable          = "HomeUnreadable"
	InUse               = "HomeInUse"
	Interrupted         = "Interrupted"
	Failed              = "CopyFailed"
)

// Done reports whether the home is in the bucket.
func (r Report) Done() bool { return r.Reason == "" && r.SHA256 != "" }

// Encode returns the termination message.
func (r Report) Encode() ([]byte, error) {
	for {
		data, err := json.Marshal(r)
		if err != nil || len(data) <= limit {
			return data, err
		}
		cut := len(r.Message) / 2
		for cut > 0 && !utf8.RuneStart(r.Message[cut]) {
			cut--
		}
		r.Message = r.Message[:cut]
	}
}

// Decode reads a termination message. What a container left behind that did not
// get as far as reporting is an error.
func Decode(message string) (Report, error) {
	var r Report
	if err := json.Unmarshal([]byte(message), &r); err != nil {
		return Report{}, fmt.Errorf("read the report of a copy: %w", err)
	}
	if r.Reason == "" && r.SHA256 == "" {
		return Report{}, errors.New("read the report of a copy: it says neither that it is done nor why it is not")
	}
	return r, nil
}
