package sigv4

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	timeFormat = "20060102T150405Z"
	dateFormat = "20060102"
	// maxExpires is how long a presigned request may be good for, in seconds.
	maxExpires = 7 * 24 * 3600
)

// Scope is what a signature is good for.
type Scope struct{ Date, Region, Service string }

func (s Scope) String() string {
	return s.Date + "/" + s.Region + "/" + s.Service + "/" + terminator
}

// signed is what a request says of its signature.
type signed struct {
	accessKey string
	scope     Scope
	headers   []string // signed, in lower case and sorted
	signature string
	time      time.Time // UTC
	presigned bool
	expires   time.Duration // of a presigned request
}

// RequestScope gives the access key and the scope that a request claims to be
// signed for, unverified; ok is false when it is signed in no way known here.
func RequestScope(r *http.Request) (accessKey string, scope Scope, ok bool) {
	sig, err := parse(r)
	if err != nil {
		return "", Scope{}, false
	}
	return sig.accessKey, sig.scope, true
}

func parse(r *http.Request) (*signed, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		return parseHeader(header, r.Header)
	}
	query := r.URL.Query()
	if query.Has("X-Amz-Algorithm") || query.Has("X-Amz-Signature") {
		return parseQuery(query)
	}
	return nil, refuse(http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token")
}

func incomplete(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "IncompleteSignature", format, args...)
}

// parseHeader reads
//
//	AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX
func parseHeader(authorization string, header http.Header) (*signed, error) {
	rest, ok := strings.CutPrefix(authorization, algorithm)
	if !ok {
		return nil, incomplete("Authorization header requires the algorithm %s.", algorithm)
	}
	fields := make(map[string]string)
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = strings.TrimSpace(value)
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if fields[name] == "" {
			return nil, incomplete("Authorization header requires '%s' parameter.", name)
		}
	}
	s := &signed{signature: fields["Signature"]}
	if err := s.setCredential(fields["Credential"]); err != nil {
		return nil, err
	}
	s.setHeaders(fields["SignedHeaders"])
	if err := s.setTime(header); err != nil {
		return nil, err
	}
	return s, nil
}

// setTime takes X-Amz-Date or, where that is missing, Date.
func (s *signed) setTime(header http.Header) error {
	var err error
	if text := header.Get("X-Amz-Date"); text != "" {
		if s.time, err = time.Parse(timeFormat, text); err != nil {
			return incomplete("Date must be in ISO-8601 'basic format'. Got %q.", text)
		}
		return nil
	}
	if s.time, err = http.ParseTime(header.Get("Date")); err != nil {
		return incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	s.time = s.time.UTC()
	return nil
}

// parseQuery reads the parameters of a presigned request.
func parseQuery(query map[string][]string) (*signed, error) {
	get := func(name string) string {
		if values := query["X-Amz-"+name]; len(values) == 1 {
			return values[0]
		}
		return ""
	}
	for _, name := range []string{"Algorithm", "Credential", "SignedHeaders", "Signature", "Date", "Expires"} {
		if get(name) == "" {
			return nil, incomplete("AWS query-string parameters must include one 'X-Amz-%s'.", name)
		}
	}
	if get("Algorithm") != algorithm {
		return nil, incomplete("Unsupported AWS 'algorithm': %q.", get("Algorithm"))
	}
	s := &signed{signature: get("Signature"), presigned: true}
	if err := s.setCredential(get("Credential")); err != nil {
		return nil, err
	}
	s.setHeaders(get("SignedHeaders"))
	when, err := time.Parse(timeFormat, get("Date"))
	if err != nil {
		return nil, incomplete("Date must be in ISO-8601 'basic format'. Got %q.", get("Date"))
	}
	seconds, err := strconv.Atoi(get("Expires"))
	if err != nil || seconds < 1 || seconds > maxExpires {
		return nil, incomplete("X-Amz-Expires must be between 1 and %d seconds.", maxExpires)
	}
	s.time, s.expires = when, time.Duration(seconds)*time.Second
	return s, nil
}

// setCredential reads KEY/DATE/REGION/SERVICE/aws4_request.
func (s *signed) setCredential(credential string) error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || slices.Contains(parts, "") || parts[4] != terminator {
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/%s, got %q.", terminator, credential)
	}
	s.accessKey, s.scope = parts[0], Scope{Date: parts[1], Region: parts[2], Service: parts[3]}
	return nil
}

func (s *signed) setHeaders(list string) {
	s.headers = strings.Split(strings.ToLower(list), ";")
	slices.Sort(s.headers)
}
