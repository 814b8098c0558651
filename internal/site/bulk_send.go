package site

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
	"cloudworks/templates"
)

const (
	// maxBulk is the largest file of lists, in bytes, with what a form puts
	// around it.
	maxBulk = 64 << 20
	// maxBulkParts bounds the parts of the form; ours has two.
	maxBulkParts = 10
	bulkPath     = "/calc/bulk/"
	bulkText     = "lists" // the name of the text area
)

// sendBulk answers POST /calc/bulk: a file in the part "file", text in the
// part "lists", or a CSV as the whole body. It is streamed on as it comes.
func (s *Site) sendBulk(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > maxBulk {
		s.refuseBulk(w, r, &http.MaxBytesError{Limit: maxBulk})
		return
	}
	csv, name, err := openBulk(w, r)
	if err != nil {
		s.refuseBulk(w, r, err)
		return
	}
	id, err := s.opts.Calc.SubmitBulk(r.Context(), s.owner(w, r), csv)
	if err != nil {
		s.refuseBulk(w, r, err)
		return
	}
	noteOf(r).job = id
	s.remember(w, r, bulkMark+id, name)
	at := bulkPath + id
	if wantsJSON(r) {
		w.Header().Set("Location", at)
		s.sendJSON(w, r, http.StatusAccepted, accepted{ID: id, URL: s.base(r) + at})
		return
	}
	http.Redirect(w, r, at, http.StatusSeeOther)
}

// openBulk finds the lists in a request's body, and their file's name.
func openBulk(w http.ResponseWriter, r *http.Request) (csv io.Reader, name string, err error) {
	control := http.NewResponseController(w)
	switch mediaType(r) {
	case "text/csv", "text/plain":
		return &steady{r.Body, control}, "", nil
	case "multipart/form-data":
		parts, err := r.MultipartReader()
		if err != nil {
			return nil, "", &jobs.Error{Code: jobs.CodeInvalid, Message: "The form could not be read.", Err: err}
		}
		return bulkPart(parts, control)
	default:
		return nil, "", errorOf(codeMedia, "A file of lists is taken as text/csv or as multipart/form-data.")
	}
}

// bulkPart gives the first of the form's parts that holds lists. Of a file
// input and a text area one is mostly empty.
func bulkPart(parts *multipart.Reader, control *http.ResponseController) (io.Reader, string, error) {
	for range maxBulkParts {
		hurry(control, stall)
		part, err := parts.NextPart()
		hurry(control, 0)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, "", err
		}
		if part.FormName() != "file" && part.FormName() != bulkText {
			continue
		}
		csv := bufio.NewReader(&steady{part, control})
		switch _, err := csv.Peek(1); {
		case errors.Is(err, io.EOF):
			continue
		case err != nil:
			return nil, "", err
		case part.FileName() == "":
			return csv, "", nil
		}
		return csv, cloudpic.CleanName(part.FileName()), nil
	}
	return nil, "", errorOf(jobs.CodeInvalid, "Choose a file or paste lists, then send.")
}

// refuseBulk says why a file isn't taken: the form again, or JSON. What of
// the body is still to come is read first, for browsers show no answer to a
// form that they couldn't send whole.
func (s *Site) refuseBulk(w http.ResponseWriter, r *http.Request, err error) {
	err = badBulk(err)
	p, a := public(err)
	if p.Code != jobs.CodeTooLarge && p.Code != codeSlow {
		_, _ = io.Copy(io.Discard, &steady{r.Body, http.NewResponseController(w)}) // as far as it comes
	}
	known := p.Code == jobs.CodeInvalid || p.Code == jobs.CodeTooLarge
	if wantsJSON(r) || !known || r.ContentLength > maxBulk {
		s.fail(w, r, err)
		return
	}
	noteOf(r).err = err
	w.Header().Set("Cache-Control", "no-store")
	f := s.calcForm(typed{})
	f.Bulk.Error, f.Bulk.Open = p.Message, true
	f.Summary = &templates.Summary{Title: p.Message, Items: []templates.Link{{URL: "#bulk-file", Text: "Go to the file of lists"}}}
	s.showHome(w, r, a.status, f, s.picsForm())
}

// badBulk says what kept a file from being read; what is public already stays
// as it is.
func badBulk(err error) error {
	switch {
	case tooLarge(err):
		return errorOf(jobs.CodeTooLarge, "A file of lists may have up to 64 MB; please send it in parts.")
	case isPublic(err):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &jobs.Error{Code: codeSlow, Message: "The rest of the file didn't come, so nothing of it counts.", Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, multipart.ErrMessageTooLarge), errors.Is(err, context.Canceled):
		return &jobs.Error{Code: jobs.CodeInvalid, Message: "The file broke off, so nothing of it counts.", Err: err}
	}
	return err
}
