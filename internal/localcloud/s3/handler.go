package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strings"

	"github.com/rclone/gofakes3/signature"

	"cloudworks/internal/localcloud/faults"
)

// handler puts together what a request passes through. The signature is
// checked with gofakes3's own verifier but before its handler, because the
// steps in between change headers that the signature covers.
func (s *Store) handler() http.Handler {
	next := withETags(s.gofake.Server())
	next = s.withLifecycle(next)
	next = checkPayload(next)
	return s.checkSignature(next)
}

// checkSignature refuses what isn't signed with our key pair for our region.
func (s *Store) checkSignature(next http.Handler) http.Handler {
	secret := func(accessKey string) (string, bool) { return s.opts.SecretKey, accessKey == s.opts.AccessKey }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if result := signature.V4SignVerifyWithLookup(r, secret); result != signature.ErrNone {
			writeError(w, r, signature.GetAPIError(result))
			return
		}
		if region := signedRegion(r); region != s.opts.Region {
			writeError(w, r, signature.APIError{
				Code:           "AuthorizationHeaderMalformed",
				Description:    "The authorization header is malformed; the region '" + region + "' is wrong; expecting '" + s.opts.Region + "'",
				HTTPStatusCode: http.StatusBadRequest,
			})
			return
		}
		w.Header().Set("X-Amz-Bucket-Region", s.opts.Region)
		next.ServeHTTP(w, r)
	})
}

// signedRegion gives the region from the scope of a verified signature, whose
// credential reads key/date/region/s3/aws4_request.
func signedRegion(r *http.Request) string {
	_, credential, ok := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if ok {
		credential, _, _ = strings.Cut(credential, ",")
	} else {
		credential = r.URL.Query().Get("X-Amz-Credential")
	}
	scope := strings.Split(strings.TrimSpace(credential), "/")
	if len(scope) < 5 {
		return ""
	}
	return scope[len(scope)-3]
}

// writeError answers with an error in S3's XML.
func writeError(w http.ResponseWriter, r *http.Request, e signature.APIError) {
	w.Header().Set(contentType, "application/xml")
	w.WriteHeader(e.HTTPStatusCode)
	if r.Method != http.MethodHead {
		_, _ = w.Write(signature.EncodeAPIErrorToResponse(e)) // the client has gone
	}
}

// writeFault is the error of a request that a test has had go wrong.
func writeFault(w http.ResponseWriter, r *http.Request, kind faults.Kind) {
	e := signature.APIError{
		Code: "InternalError", Description: "We encountered an internal error. Please try again.",
		HTTPStatusCode: http.StatusInternalServerError,
	}
	if kind == faults.Throttle {
		e = signature.APIError{Code: "SlowDown", Description: "Please reduce your request rate.", HTTPStatusCode: http.StatusServiceUnavailable}
	}
	writeError(w, r, e)
}

// checkPayload holds a body to the SHA-256 that its request was signed with,
// which gofakes3 leaves alone.
func checkPayload(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want, err := hex.DecodeString(r.Header.Get("X-Amz-Content-Sha256"))
		if err == nil && len(want) == sha256.Size && r.ContentLength != 0 {
			r.Body = &payload{ReadCloser: r.Body, sum: sha256.New(), want: string(want), left: r.ContentLength}
		}
		next.ServeHTTP(w, r)
	})
}

// payload is a body that fails at its end when its hash isn't as it should be.
type payload struct {
	io.ReadCloser
	sum  hash.Hash
	want string
	left int64 // bytes still to come; below 0 when that isn't known
}

func (p *payload) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.sum.Write(b[:n])
	p.left -= int64(n)
	// The end may go unread: who knows the length stops in front of it.
	if (err == io.EOF || (err == nil && p.left == 0)) && string(p.sum.Sum(nil)) != p.want {
		return n, payloadMismatch()
	}
	return n, err
}
