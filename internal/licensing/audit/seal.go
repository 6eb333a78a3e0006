// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"crypto/x509"
)

// The seal is the archive's comment: over every byte of the file before it.
const (
	plainSeal  = "seal sha256:"
	signedSeal = "seal ed25519:"
)

// sealed writes a file all but for the end of it, which it holds back: that is
// where the seal goes.
type sealed struct {
	out  io.Writer
	hash hash.Hash
	held []byte
	keep int
}

func (s *sealed) Write(p []byte) (int, error) {
	s.held = append(s.held, p...)
	if free := len(s.held) - s.keep; free > 0 {
		s.hash.Write(s.held[:free])
		if _, err := s.out.Write(s.held[:free]); err != nil {
			return 0, err
		}
		s.held = append(s.held[:0], s.held[free:]...)
	}
	return len(p), nil
}

// close writes the seal instead of what was held back.
func (s *sealed) close(key ed25519.PrivateKey) error {
	_, err := s.out.Write([]byte(seal(s.hash.Sum(nil), key)))
	return err
}

func seal(sum []byte, key ed25519.PrivateKey) string {
	if key == nil {
		return plainSeal + hex.EncodeToString(sum)
	}
	return signedSeal + base64.StdEncoding.EncodeToString(ed25519.Sign(key, sealText(sum)))
}

func sealText(sum []byte) []byte {
	return []byte("werkplek.dev audit package, sealed: " + hex.EncodeToString(sum))
}

// checkSeal says what is wrong with a seal, if anything is.
func checkSeal(file io.ReaderAt, size int64, comment string, key ed25519.PublicKey) error {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(file, 0, size-int64(len(comment)))); err != nil {
		return err
	}
	sum := h.Sum(nil)
	if signature, signed := strings.CutPrefix(comment, signedSeal); signed {
		raw, err := base64.StdEncoding.Strict().DecodeString(signature)
		if err != nil || key == nil || !ed25519.Verify(key, sealText(sum), raw) {
			return errors.New("the seal was not made with the package's key over this file: the file was changed after it was signed")
		}
		return nil
	}
	if comment != plainSeal+hex.EncodeToString(sum) {
		return errors.New("the seal is not that of this file: the file was changed after it was made")
	}
	return nil
}

// ParsePrivateKey reads the provider's signing key: Ed25519, PKCS#8, PEM.
func ParsePrivateKey(data []byte) (ed25519.PrivateKey, error) {
	const advice = "make one with: openssl genpkey -algorithm ed25519 -out key.pem"
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("the signing key is not PEM; " + advice)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the signing key is not an unencrypted PKCS#8 key (%w); %s", err, advice)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the signing key is a %T, not Ed25519; %s", key, advice)
	}
	return private, nil
}

// ParsePublicKey reads a public key: Ed25519, PKIX, PEM.
func ParsePublicKey(data []byte) (ed25519.PublicKey, error) {
	const advice = "extract it with: openssl pkey -in key.pem -pubout -out public-key.pem"
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("the public key is not PEM; " + advice)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the public key cannot be read (%w); %s", err, advice)
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the public key is a %T, not Ed25519; %s", key, advice)
	}
	return public, nil
}

func encodePublicKey(key ed25519.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// Fingerprint identifies a public key to people.
func Fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}
