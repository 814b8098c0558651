// Package sigv4 verifies requests that are signed with AWS Signature Version 4,
// in the Authorization header or in the query (presigned), against one key
// pair. It follows the "Signature Version 4 signing process" of AWS's General
// Reference for services other than S3: the path is escaped twice and the
// body's hash is always part of what is signed. It knows no service's
// operations and no format of answers.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// Skew is how far the signer's clock may be from ours.
const Skew = 15 * time.Minute

// Verifier holds requests to one key pair, region and service. It is safe for
// concurrent use.
type Verifier struct {
	AccessKey, SecretKey, Region, Service string

	key atomic.Pointer[dayKey]
}

// dayKey is the signing key of a day, which takes four hashes to make.
type dayKey struct {
	date string
	key  []byte
}

// Error is a refusal in AWS's words.
type Error struct {
	Code    string // SignatureDoesNotMatch, InvalidClientTokenId, ...
	Message string
	Status  int // of HTTP
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(status int, code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: status}
}

// Verify checks that r with that body was signed by the verifier's key pair
// and isn't too old. An error is an *Error.
func (v *Verifier) Verify(r *http.Request, body []byte) error {
	sig, err := parse(r)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(sig.accessKey), []byte(v.AccessKey)) != 1 {
		return refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	if err := v.checkScope(sig); err != nil {
		return err
	}
	if err := sig.checkAge(time.Now()); err != nil {
		return err
	}
	if err := sig.checkCovered(r); err != nil {
		return err
	}
	canonical, err := canonicalRequest(r, sig, hexSum(body))
	if err != nil {
		return err
	}
	want := hex.EncodeToString(sum(v.signingKey(sig.scope.Date), sig.stringToSign(canonical)))
	if subtle.ConstantTimeCompare([]byte(want), []byte(sig.signature)) != 1 {
		return mismatch("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

func mismatch(message string) *Error {
	return refuse(http.StatusForbidden, "SignatureDoesNotMatch", "%s", message)
}

func (v *Verifier) checkScope(sig *signed) error {
	switch {
	case sig.scope.Region != v.Region:
		return mismatch(fmt.Sprintf("Credential should be scoped to a valid region: %q.", v.Region))
	case sig.scope.Service != v.Service:
		return mismatch(fmt.Sprintf("Credential should be scoped to correct service: %q.", v.Service))
	case sig.scope.Date != sig.time.Format(dateFormat):
		return mismatch(fmt.Sprintf("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: %q.", sig.scope.Date))
	}
	return nil
}

// checkAge refuses what was signed too long ago or lies in the future.
func (s *signed) checkAge(now time.Time) error {
	if s.time.After(now.Add(Skew)) {
		return mismatch(fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 15 min.)",
			s.time.Format(timeFormat), now.UTC().Add(Skew).Format(timeFormat), now.UTC().Format(timeFormat)))
	}
	if s.presigned && now.After(s.time.Add(s.expires)) {
		return refuse(http.StatusBadRequest, "RequestExpired", "Request has expired.")
	}
	if !s.presigned && s.time.Before(now.Add(-Skew)) {
		return mismatch(fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 15 min.)",
			s.time.Format(timeFormat), now.UTC().Add(-Skew).Format(timeFormat), now.UTC().Format(timeFormat)))
	}
	return nil
}

func (s *signed) stringToSign(canonical string) string {
	return algorithm + "\n" + s.time.Format(timeFormat) + "\n" + s.scope.String() + "\n" + hexSum([]byte(canonical))
}

func (v *Verifier) signingKey(date string) []byte {
	if k := v.key.Load(); k != nil && k.date == date {
		return k.key
	}
	key := []byte("AWS4" + v.SecretKey)
	for _, part := range []string{date, v.Region, v.Service, terminator} {
		key = sum(key, part)
	}
	v.key.Store(&dayKey{date, key})
	return key
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text)) // a hash takes any text
	return h.Sum(nil)
}

func hexSum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
