package sqs

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/localcloud/faults"
	"cloudworks/internal/localcloud/sigv4"
)

// maxBody is how big a request may be, in bytes: a batch of the largest size,
// each byte of which takes six in JSON (\u0001) at worst.
const maxBody = 6*MaxMessageSize + 1<<20

// call is a request on its way through the service.
type call struct {
	ctx       context.Context
	protocol  protocol
	operation string
	body      []byte
	form      url.Values // of the Query protocol
	path      string     // of the URL
	base      string     // of queue URLs
	requestID string
	queue     string // that it is about, for Observe
	status    int
}

// protocol is how a request is read and answered.
type protocol interface {
	// operation names what the request asks for.
	operation(r *http.Request, c *call) (string, error)
	// decode reads the input into in, a pointer to a struct.
	decode(c *call, in any) error
	// encode gives the content type and text of an answer.
	encode(c *call, out any) (contentType string, text []byte, err error)
	// encodeError does so for an error, and sets headers that belong to it.
	encodeError(header http.Header, c *call, e *apiError) (contentType string, text []byte)
}

type callKey struct{}

// callOf gives the call that ServeHTTP made of the request.
func callOf(r *http.Request) *call { return r.Context().Value(callKey{}).(*call) }

func operationOf(r *http.Request) string { return callOf(r).operation }

// IsRequest tells a request to SQS from one to another service at the same
// address: by the service that it is signed for, else by its header or form.
func IsRequest(r *http.Request) bool {
	if strings.HasPrefix(r.Header.Get("X-Amz-Target"), targetPrefix) {
		return true
	}
	if _, scope, ok := sigv4.RequestScope(r); ok {
		return scope.Service == "sqs"
	}
	return isForm(r) || r.Method == http.MethodGet && r.URL.Query().Has("Action")
}

// ServeHTTP answers a request of either protocol.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	c := &call{path: r.URL.Path, base: s.base(r), requestID: requestID(), protocol: query{}}
	if r.Header.Get("X-Amz-Target") != "" {
		c.protocol = awsJSON{}
	}
	c.ctx = context.WithValue(r.Context(), callKey{}, c)
	if s.opts.Observe != nil {
		defer func() { s.observe(r, c, time.Since(begin)) }()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		c.fail(w, errMalformed("The request's body can't be read or is too long."))
		return
	}
	c.body = body
	if err := s.admit(r, c); err != nil {
		s.failed(w, c, err)
		return
	}
	s.faults.ServeHTTP(w, r.WithContext(c.ctx))
}

// admit checks who asks, and finds out for what.
func (s *Service) admit(r *http.Request, c *call) (err error) {
	if c.operation, err = c.protocol.operation(r, c); err != nil {
		return err
	}
	if s.verifier == nil {
		return nil
	}
	err = s.verifier.Verify(r, c.body)
	if refused, ok := errors.AsType[*sigv4.Error](err); ok {
		return &apiError{shape: coralShape + refused.Code, code: refused.Code, status: refused.Status, message: refused.Message}
	}
	return err
}

// run does what an admitted request asks for.
func (s *Service) run(w http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	op, ok := operations[c.operation]
	if !ok {
		s.failed(w, c, &apiError{
			shape: coralShape + "UnknownOperationException", code: "InvalidAction", status: http.StatusBadRequest,
			message: "The action or operation requested is invalid.",
		})
		return
	}
	out, err := op(s, c)
	if err != nil {
		s.failed(w, c, err)
		return
	}
	contentType, text, err := c.protocol.encode(c, out)
	if err == nil {
		err = c.answer(w, http.StatusOK, contentType, text)
	}
	if received, ok := out.(*receiveOutput); ok && err != nil {
		s.giveBack(received.deliveries)
	}
}

// failed answers with an error and logs one that the client is told little of.
func (s *Service) failed(w http.ResponseWriter, c *call, err error) {
	if c.ctx.Err() != nil {
		return // nobody is there
	}
	answer, known := asAPIError(err)
	if !known && !errors.Is(err, errClosed) && !errors.Is(err, errDisk) {
		s.logError(err)
	}
	c.fail(w, answer)
}

func (c *call) fail(w http.ResponseWriter, e *apiError) {
	contentType, text := c.protocol.encodeError(w.Header(), c, e)
	_ = c.answer(w, e.status, contentType, text) // the client has gone
}

// answer writes the whole answer to the connection.
func (c *call) answer(w http.ResponseWriter, status int, contentType string, text []byte) error {
	c.status = status
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-Requestid", c.requestID)
	// Without it the flush would make the answer one of several chunks.
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// base begins the URLs of queues.
func (s *Service) base(r *http.Request) string {
	if s.opts.BaseURL != "" {
		return s.opts.BaseURL
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (s *Service) observe(r *http.Request, c *call, took time.Duration) {
	accessKey, _, _ := sigv4.RequestScope(r)
	s.opts.Observe(Call{Operation: c.operation, Queue: c.queue, AccessKey: accessKey, Status: c.status, Took: took})
}

// writeFault is the error of a request that a test has had go wrong.
func writeFault(w http.ResponseWriter, r *http.Request, kind faults.Kind) {
	if kind == faults.Throttle {
		callOf(r).fail(w, errThrottled())
		return
	}
	callOf(r).fail(w, errInternal())
}

func requestID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return uuid(id)
}
