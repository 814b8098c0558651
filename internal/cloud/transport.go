package cloud

import (
	"bytes"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// buffering holds small request bodies in memory. Without it, a
// ReceiveMessage that meets a connection the server has just closed is
// repeated in silence, and the messages of the first try stay hidden until
// their time-out (aws-sdk-go-v2 issues 1825 and 2737).
type buffering struct{ next aws.HTTPClient }

// bufferLimit is the largest body, in bytes, that is held: an SQS batch.
const bufferLimit = 2 << 20

func (b buffering) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength <= 0 || r.ContentLength > bufferLimit {
		return b.next.Do(r)
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, body)
	if closeErr := r.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	sent := r.Clone(r.Context())
	sent.Body = io.NopCloser(bytes.NewReader(body))
	sent.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return b.next.Do(sent)
}
