package sqs

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"
)

// targetPrefix begins the X-Amz-Target of SQS's operations.
const targetPrefix = "AmazonSQS."

// awsJSON is the protocol AWS JSON 1.0, in the variant that also tells the
// error codes of the Query protocol.
type awsJSON struct{}

var _ protocol = awsJSON{}

const jsonType = "application/x-amz-json-1.0"

func (awsJSON) operation(r *http.Request, _ *call) (string, error) {
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	if !ok {
		return "", errMalformed("The header X-Amz-Target names no operation of SQS.")
	}
	return name, nil
}

func (awsJSON) decode(c *call, in any) error { return decodeJSON(c.body, in) }

func decodeJSON(body []byte, in any) error {
	if len(body) == 0 {
		return nil
	}
	// encoding/json would put U+FFFD for what isn't UTF-8.
	if !utf8.Valid(body) {
		return errMalformed("The request isn't valid UTF-8.")
	}
	if err := json.Unmarshal(body, in); err != nil {
		return errMalformed("The request isn't the JSON of this operation: " + err.Error())
	}
	return nil
}

func (awsJSON) encode(_ *call, out any) (string, []byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	return jsonType, b.Bytes(), err
}

func (p awsJSON) encodeError(header http.Header, c *call, e *apiError) (string, []byte) {
	fault := ";Sender"
	if !e.senderFault() {
		fault = ";Receiver"
	}
	header.Set("X-Amzn-Query-Error", e.code+fault)
	contentType, text, err := p.encode(c, map[string]string{"__type": e.shape, "message": e.message})
	if err != nil {
		return contentType, nil // strings can be encoded
	}
	return contentType, text
}
