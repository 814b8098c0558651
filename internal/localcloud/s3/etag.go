package s3

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// gofakes3 knows an ETag as the bytes of a hash. That of a multipart upload
// has the number of parts behind it, as in "9b2c…-3", which withETags adds to
// answers and takes off the conditions of requests.

// partCountKey is the context key for a *int with the parts of the object that
// an answer is about.
type partCountKey struct{}

// notePartCount tells the handler of a request how many parts the object has.
func notePartCount(ctx context.Context, parts int) {
	if count, ok := ctx.Value(partCountKey{}).(*int); ok {
		*count = parts
	}
}

// conditions are the request headers that hold ETags.
var conditions = []string{"If-Match", "If-None-Match", "X-Amz-Copy-Source-If-Match", "X-Amz-Copy-Source-If-None-Match"}

// multipartETag matches the ETag of a multipart upload, split before its
// number of parts.
var multipartETag = regexp.MustCompile(`\b([0-9a-f]{32})-[0-9]+\b`)

func withETags(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range conditions {
			if value := r.Header.Get(name); value != "" {
				r.Header.Set(name, multipartETag.ReplaceAllString(value, "$1"))
			}
		}
		out := &etagWriter{ResponseWriter: w}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			r = r.WithContext(context.WithValue(r.Context(), partCountKey{}, &out.parts))
		}
		next.ServeHTTP(out, r)
		out.finish()
	})
}

// etagWriter adds the number of parts to the ETag of an answer.
type etagWriter struct {
	http.ResponseWriter
	parts int
	begun bool
}

func (w *etagWriter) finish() {
	if w.begun {
		return
	}
	w.begun = true
	etag := w.Header().Get("ETag")
	if w.parts > 0 && etag != "" {
		w.Header().Set("ETag", fmt.Sprintf(`"%s-%d"`, strings.Trim(etag, `"`), w.parts))
	}
}

func (w *etagWriter) WriteHeader(status int) {
	w.finish()
	w.ResponseWriter.WriteHeader(status)
}

func (w *etagWriter) Write(p []byte) (int, error) {
	w.finish()
	return w.ResponseWriter.Write(p)
}

// ReadFrom lets the server send a file without copying it through memory.
func (w *etagWriter) ReadFrom(r io.Reader) (int64, error) {
	w.finish()
	return io.Copy(w.ResponseWriter, r)
}

// Unwrap is for http.ResponseController.
func (w *etagWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
