package sqs

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"reflect"
)

// query is the older Query protocol: forms in, XML out.
type query struct{}

var _ protocol = query{}

const (
	formType  = "application/x-www-form-urlencoded"
	namespace = "http://queue.amazonaws.com/doc/2012-11-05/"
)

func isForm(r *http.Request) bool {
	if r.Method != http.MethodPost {
		return false
	}
	contentType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && contentType == formType
}

// operation reads the form, from the body of a POST or the URL of a GET.
func (query) operation(r *http.Request, c *call) (string, error) {
	var err error
	if c.form, err = parseForm(r, c.body); err != nil {
		return "", err
	}
	if action := c.form.Get("Action"); action != "" {
		return action, nil
	}
	return "", &apiError{
		shape: coralShape + "MissingAction", code: "MissingAction", status: http.StatusBadRequest,
		message: "The request is missing an action or a required parameter.",
	}
}

func parseForm(r *http.Request, body []byte) (url.Values, error) {
	text := r.URL.RawQuery
	if r.Method == http.MethodPost {
		text = string(body)
	}
	form, err := url.ParseQuery(text)
	if err != nil {
		return nil, errMalformed("The request isn't a valid form.")
	}
	return form, nil
}

func (query) decode(c *call, in any) error { return decodeForm(c.form, in) }

func (query) encode(c *call, out any) (string, []byte, error) {
	var b bytes.Buffer
	x := xmlWriter{&b}
	b.WriteString(`<?xml version="1.0"?><` + c.operation + `Response xmlns="` + namespace + `">`)
	if _, none := out.(*empty); !none {
		x.element(c.operation+"Result", func() { x.fields(reflect.ValueOf(out).Elem()) })
	}
	x.element("ResponseMetadata", func() { x.text("RequestId", c.requestID) })
	b.WriteString("</" + c.operation + "Response>")
	return "text/xml", b.Bytes(), nil
}

func (query) encodeError(_ http.Header, c *call, e *apiError) (string, []byte) {
	fault := "Sender"
	if !e.senderFault() {
		fault = "Receiver"
	}
	var b bytes.Buffer
	x := xmlWriter{&b}
	b.WriteString(`<?xml version="1.0"?><ErrorResponse xmlns="` + namespace + `">`)
	x.element("Error", func() {
		x.text("Type", fault)
		x.text("Code", e.code)
		x.text("Message", e.message)
		b.WriteString("<Detail/>")
	})
	x.text("RequestId", c.requestID)
	b.WriteString("</ErrorResponse>")
	return "text/xml", b.Bytes()
}
