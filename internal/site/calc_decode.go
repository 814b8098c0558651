package site

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
)

// submission is a list as it came, and what is wrong with it.
type submission struct {
	list  cloudcal.List
	typed typed
	wrong []cloudcal.FieldError
}

// decodeList reads a list from a form, from plain text or from JSON. What was
// typed comes back with every error, so that it can be shown again.
func decodeList(r *http.Request) (submission, error) {
	switch mediaType(r) {
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return submission{}, badForm(err)
		}
		return decodeForm(r.PostForm["n"], r.PostForm["numbers"])
	case "text/plain":
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return submission{}, badForm(err)
		}
		return decodeText(string(b))
	case "application/json":
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return submission{}, badForm(err)
		}
		return decodeJSON(b)
	default:
		return submission{}, errorOf(codeMedia, "Numbers are taken as a form, as plain text or as JSON.")
	}
}

// badForm says what kept a body from being read.
func badForm(err error) error {
	if tooLarge(err) {
		return errorOf(jobs.CodeTooLarge, "A form may have up to 16 KiB.")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &jobs.Error{Code: codeSlow, Message: "The rest of the form didn't come.", Err: err}
	}
	return &jobs.Error{Code: jobs.CodeInvalid, Message: "The form could not be read.", Err: err}
}

func decodeForm(fields, texts []string) (submission, error) {
	if len(fields) == 0 && len(texts) > 0 {
		return decodeText(texts[0])
	}
	sub := submission{typed: typed{fields: fields}}
	var err error
	sub.list, sub.wrong, err = cloudcal.ParseFields(fields)
	return sub, err
}

func decodeText(text string) (submission, error) {
	sub := submission{typed: typed{text: text, asText: true}}
	var err error
	sub.list, err = cloudcal.ParseText(text)
	return sub, err
}

// decodeJSON reads {"numbers":[…]}. Each number is read from its own digits,
// never by way of a float, so that all 64 bits arrive.
func decodeJSON(body []byte) (submission, error) {
	var in struct {
		Numbers *[]json.RawMessage `json:"numbers"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return submission{}, &jobs.Error{Code: jobs.CodeInvalid, Message: `That isn't JSON of the form {"numbers":[1,2,…,20]}.`, Err: err}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return submission{}, errorOf(jobs.CodeInvalid, "There is more after the JSON value.")
	}
	if in.Numbers == nil {
		return submission{}, errorOf(jobs.CodeInvalid, `"numbers" is missing: a list of 20 whole numbers.`)
	}
	raw := *in.Numbers
	sub := submission{}
	for i, v := range raw {
		n, message := decodeNumber(string(v))
		if message != "" {
			sub.wrong = append(sub.wrong, cloudcal.FieldError{Field: i + 1, Message: message})
			continue
		}
		if i < cloudcal.Count {
			sub.list[i] = n
		}
	}
	switch {
	case len(sub.wrong) > 0:
		return sub, errorOf(jobs.CodeInvalid, "Number %d %s", sub.wrong[0].Field, sub.wrong[0].Message)
	case len(raw) != cloudcal.Count:
		return sub, errorOf(jobs.CodeInvalid, "A list has 20 numbers; this one has %d.", len(raw))
	}
	return sub, nil
}

// decodeNumber reads one JSON value as a signed 64-bit integer, or says what
// is wrong with it.
func decodeNumber(v string) (n int64, wrong string) {
	switch c := v[0]; {
	case c == '"':
		return 0, "is a string; take the quotes away."
	case c != '-' && (c < '0' || c > '9'):
		return 0, "is not a number."
	}
	if strings.ContainsAny(v, ".eE") {
		return 0, "is not written as a whole number; fractions and exponents aren't taken."
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, "is out of range; whole numbers go from -9223372036854775808 to 9223372036854775807."
	}
	return n, ""
}
