package s3

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rclone/gofakes3/signature"
	"go.etcd.io/bbolt"
)

// maxLifecycle is how big a lifecycle configuration may be, in bytes.
const maxLifecycle = 1 << 20

// withLifecycle keeps the buckets' lifecycle configurations, which gofakes3
// doesn't. What there is none for goes on to gofakes3, which knows the error.
func (s *Store) withLifecycle(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket, key, _ := strings.Cut(strings.TrimLeft(r.URL.Path, "/"), "/")
		exists, err := s.backend.BucketExists(r.Context(), bucket)
		if err != nil || !exists || key != "" || !r.URL.Query().Has("lifecycle") {
			next.ServeHTTP(w, r)
			return
		}
		switch r.Method {
		case http.MethodPut:
			s.putLifecycle(w, r, bucket)
		case http.MethodDelete:
			s.answerLifecycle(w, r, s.backend.index.setLifecycle(bucket, nil), http.StatusNoContent)
		default:
			s.getLifecycle(w, r, bucket, next)
		}
	})
}

func (s *Store) putLifecycle(w http.ResponseWriter, r *http.Request, bucket string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLifecycle))
	if err == nil {
		_, err = parseLifecycle(body)
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		writeError(w, r, signature.APIError{Code: "NotImplemented", Description: err.Error(), HTTPStatusCode: http.StatusNotImplemented})
	case err != nil:
		writeError(w, r, signature.APIError{Code: "MalformedXML", Description: err.Error(), HTTPStatusCode: http.StatusBadRequest})
	default:
		s.answerLifecycle(w, r, s.backend.index.setLifecycle(bucket, body), http.StatusOK)
	}
}

func (s *Store) getLifecycle(w http.ResponseWriter, r *http.Request, bucket string, next http.Handler) {
	body, err := s.backend.index.lifecycle(bucket)
	if err == nil && body == nil {
		next.ServeHTTP(w, r)
		return
	}
	w.Header().Set(contentType, "application/xml")
	s.answerLifecycle(w, r, err, http.StatusOK)
	if err == nil {
		_, _ = w.Write(body) // the client has gone
	}
}

func (s *Store) answerLifecycle(w http.ResponseWriter, r *http.Request, err error, status int) {
	if err != nil {
		s.logError(fmt.Errorf("S3: lifecycle configuration: %w", err))
		writeError(w, r, signature.APIError{Code: "InternalError", Description: "Internal Error", HTTPStatusCode: http.StatusInternalServerError})
		return
	}
	w.WriteHeader(status)
}

// lifecycle gives a bucket's configuration, nil if it has none.
func (x *index) lifecycle(bucket string) (body []byte, err error) {
	err = x.db.View(func(tx *bbolt.Tx) error {
		if b := tx.Bucket([]byte(bucket)); b != nil && b.Get(lifecycleName) != nil {
			body = append([]byte{}, b.Get(lifecycleName)...)
		}
		return nil
	})
	return body, err
}

// setLifecycle keeps a bucket's configuration, nil for none.
func (x *index) setLifecycle(bucket string, body []byte) error {
	return x.update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		if b == nil {
			return errUnchanged // deleted meanwhile, as if afterwards
		}
		if body == nil {
			return b.Delete(lifecycleName)
		}
		return b.Put(lifecycleName, body)
	})
}

// lifecycleConfiguration is S3's XML, as far as it is understood here. What
// isn't lands in Rest, and is refused: a filter passed over would delete more
// than was asked for.
type lifecycleConfiguration struct {
	XMLName xml.Name `xml:"LifecycleConfiguration"`
	Rules   []struct {
		ID     string
		Status string
		Prefix string
		Filter struct {
			Prefix string
			Rest   []element `xml:",any"`
		}
		Expiration *struct {
			Days int
			Rest []element `xml:",any"`
		}
		// Abandoned uploads are given up after a day whatever is asked.
		AbortIncompleteMultipartUpload *element
		Rest                           []element `xml:",any"`
	} `xml:"Rule"`
}

// element is any element of XML.
type element struct{ XMLName xml.Name }

// parseLifecycle gives the rules of a configuration that are enabled. The
// error wraps errors.ErrUnsupported for one that is right but too much.
func parseLifecycle(body []byte) ([]Rule, error) {
	var config lifecycleConfiguration
	if err := xml.Unmarshal(body, &config); err != nil {
		return nil, fmt.Errorf("read lifecycle configuration: %w", err)
	}
	const maxDays = 36500 // a hundred years, so that a Duration can hold it
	var rules []Rule
	for _, rule := range config.Rules {
		rest := append(rule.Rest, rule.Filter.Rest...)
		if rule.Expiration != nil {
			rest = append(rest, rule.Expiration.Rest...)
		}
		if len(rest) > 0 {
			return nil, fmt.Errorf("lifecycle rule %q: %s: %w", rule.ID, rest[0].XMLName.Local, errors.ErrUnsupported)
		}
		if rule.Expiration == nil {
			continue
		}
		if rule.Expiration.Days < 1 || rule.Expiration.Days > maxDays {
			return nil, fmt.Errorf("lifecycle rule %q: %d days", rule.ID, rule.Expiration.Days)
		}
		if rule.Status == "Enabled" {
			rules = append(rules, Rule{rule.Prefix + rule.Filter.Prefix, time.Duration(rule.Expiration.Days) * 24 * time.Hour})
		}
	}
	return rules, nil
}
