package localcloud

import (
	"net/http"
	"strings"
	"time"

	"cloudworks/internal/localcloud/s3"
	"cloudworks/internal/localcloud/sigv4"
	"cloudworks/internal/localcloud/sqs"
)

// observeSQS makes SQS's calls ours.
func observeSQS(observe func(Call)) func(sqs.Call) {
	if observe == nil {
		return nil
	}
	return func(c sqs.Call) {
		observe(Call{Service: "SQS", Operation: c.Operation, Resource: c.Queue, AccessKey: c.AccessKey, Status: c.Status, Took: c.Took})
	}
}

// observeS3 serves a request to S3 and tells of it, even when the connection
// is dropped on purpose.
func (s *Server) observeS3(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	noted := &statusWriter{ResponseWriter: w}
	// Handlers may change the request.
	call := Call{Service: "S3", Operation: s3.Operation(r), Resource: strings.TrimPrefix(r.URL.Path, "/")}
	call.AccessKey, _, _ = sigv4.RequestScope(r)
	defer func() {
		call.Status, call.Took = noted.status, time.Since(begin)
		s.opts.Observe(call)
	}()
	s.s3.ServeHTTP(noted, r)
	if noted.status == 0 {
		noted.status = http.StatusOK // as net/http then sends
	}
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is beneath.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
