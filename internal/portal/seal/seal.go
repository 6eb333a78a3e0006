// SPDX-License-Identifier: Apache-2.0

// Package seal turns small values into opaque text that only this portal can
// read and nobody can change: what its cookies and hand-over codes hold. All
// replicas share the keys, so that any of them can open what another sealed.
package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/securecookie"
	"k8s.io/utils/clock"
)

// MinSecret is the least number of bytes of a secret.
const MinSecret = 32

// ErrInvalid says that a text was not sealed here for this purpose, or is too
// old. It says no more: whoever forged it learns nothing.
var ErrInvalid = errors.New("the sealed text is not valid")

// Sealer seals and opens for one purpose.
type Sealer struct {
	purpose string
	clock   clock.PassiveClock
	codecs  []securecookie.Codec
}

// New returns a sealer. What it seals cannot be opened for another purpose. The
// first secret seals; the others, older ones, still open.
func New(purpose string, clock clock.PassiveClock, secrets ...[]byte) (*Sealer, error) {
	if len(secrets) == 0 {
		return nil, errors.New("no secret to seal with")
	}
	s := &Sealer{purpose: purpose, clock: clock}
	for _, secret := range secrets {
		if len(secret) < MinSecret {
			return nil, fmt.Errorf("a secret has %d bytes and needs at least %d: make one with openssl rand -base64 48", len(secret), MinSecret)
		}
		keys, err := hkdf.Key(sha256.New, secret, nil, "werkplek portal "+purpose, 64)
		if err != nil {
			return nil, fmt.Errorf("derive the keys: %w", err)
		}
		codec := securecookie.New(keys[:32], keys[32:])
		codec.MaxAge(0) // the injected clock decides, below
		codec.SetSerializer(securecookie.JSONEncoder{})
		s.codecs = append(s.codecs, codec)
	}
	return s, nil
}

// envelope carries the moment until which a value holds, as Unix seconds.
type envelope struct {
	Until int64           `json:"u"`
	Value json.RawMessage `json:"v"`
}

// Seal returns a value as text that holds until a moment.
func (s *Sealer) Seal(value any, until time.Time) (string, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("seal for %s: %w", s.purpose, err)
	}
	text, err := s.codecs[0].Encode(s.purpose, envelope{Until: until.Unix(), Value: raw})
	if err != nil {
		return "", fmt.Errorf("seal for %s: %w", s.purpose, err)
	}
	return text, nil
}

// Open reads what Seal returned into value, or returns ErrInvalid.
func (s *Sealer) Open(text string, value any) error {
	var e envelope
	if err := securecookie.DecodeMulti(s.purpose, text, &e, s.codecs...); err != nil {
		return ErrInvalid
	}
	if s.clock.Now().Unix() >= e.Until {
		return ErrInvalid
	}
	if err := json.Unmarshal(e.Value, value); err != nil {
		return ErrInvalid
	}
	return nil
}
