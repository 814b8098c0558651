package cloudpic

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"cloudworks/internal/cloudpic/enhance"
	"cloudworks/internal/jobs"
)

// Request is what a message on the inbox asks for.
type Request struct {
	Key     string // of the picture
	Options Options
	Attempt int
	// Batch and Number are set unless the request is a bare one.
	Batch  string
	Number int
}

// resultKeys gives the place of one of the request's results.
func (r Request) resultKey(name string) string {
	if r.Batch == "" {
		return labResults + r.Key + "/" + name
	}
	return resultKey(r.Batch, r.Number, name)
}

// FormatRequest writes a request: the body "key bucket", and attributes.
func FormatRequest(r Request, bucket string) (body string, attrs map[string]string) {
	return r.Key + " " + bucket, map[string]string{
		jobs.AttrPreset:   string(r.Options.Preset),
		jobs.AttrStrength: strconv.Itoa(r.Options.Strength),
		jobs.AttrAttempt:  strconv.Itoa(r.Attempt),
	}
}

// ParseRequest reads a request. One that names another bucket, or a picture
// that isn't its own job's, is refused.
func ParseRequest(job jobs.Job, bucket string) (Request, error) {
	body := strings.TrimRight(job.Body, "\r\n")
	at := strings.LastIndexByte(body, ' ')
	if at < 1 {
		return Request{}, jobs.Errorf(jobs.CodeInvalid, "A request is a picture's key, a space, and the bucket's name.")
	}
	r := Request{Key: body[:at], Attempt: 1}
	if named := body[at+1:]; named != bucket {
		return r, &jobs.Refused{Why: fmt.Sprintf("bucket %q is not this system's", named)}
	}
	var err error
	if r.Options, err = parseOptions(job.Attributes); err != nil {
		return r, err
	}
	if job.Bare() {
		if strings.HasPrefix(r.Key, "logs/") || strings.HasPrefix(r.Key, "state/") {
			return r, &jobs.Refused{Why: fmt.Sprintf("key %q is no picture's", r.Key)}
		}
		return r, nil
	}
	batch, n, ok := splitJobID(job.ID)
	if !ok {
		return r, &jobs.Refused{Why: fmt.Sprintf("JobID %q has not the form of an id", job.ID)}
	}
	if r.Key != uploadKey(batch, n, originalName) {
		return r, &jobs.Refused{Why: fmt.Sprintf("key %q is not the upload of job %s", r.Key, job.ID)}
	}
	r.Batch, r.Number = batch, n
	if a := job.Attributes[jobs.AttrAttempt]; a != "" {
		if r.Attempt, err = strconv.Atoi(a); err != nil || r.Attempt < 1 {
			return r, &jobs.Refused{Why: fmt.Sprintf("Attempt %q is no number from 1", a)}
		}
	}
	return r, nil
}

// parseOptions reads preset and strength; what is missing has its default.
func parseOptions(attrs map[string]string) (Options, error) {
	return ParseOptions(attrs[jobs.AttrPreset], attrs[jobs.AttrStrength])
}

// DefaultOptions are those of a request that names none.
func DefaultOptions() Options { return Options{Preset: enhance.Auto, Strength: 30} }

// ParseOptions reads preset and strength as a form or a message gives them;
// an empty text means the default.
func ParseOptions(preset, strength string) (Options, error) {
	o := DefaultOptions()
	switch p := enhance.Preset(preset); p {
	case "":
	case enhance.Auto, enhance.Classic:
		o.Preset = p
	default:
		return o, jobs.Errorf(jobs.CodeInvalid, "“%s” is no preset; choose auto or classic.", shorten(preset))
	}
	if strength = strings.TrimSpace(strength); strength != "" {
		n, err := strconv.Atoi(strength)
		if err != nil || n < 0 || n > enhance.MaxStrength {
			return o, jobs.Errorf(jobs.CodeInvalid, "A strength of “%s” is not possible; choose a whole number from 0 to %d per cent.", shorten(strength), enhance.MaxStrength)
		}
		o.Strength = n
	}
	return o, nil
}

func shorten(s string) string {
	r := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	return string(r[:min(len(r), 40)])
}

// message makes the queue's message of a request.
func message(r Request, bucket, owner string) jobs.Message {
	body, attrs := FormatRequest(r, bucket)
	return jobs.Message{Body: body, Attributes: maps.Clone(attrs), Group: owner}
}
