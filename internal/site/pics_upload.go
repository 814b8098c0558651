package site

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"time"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
)

const (
	// maxParts bounds the parts of a body: the pictures, the few fields, and
	// as many left out as are worth naming.
	maxParts = cloudpic.MaxPictures + 100
	// maxField is how long a field beside the pictures may be, in bytes.
	maxField = 1 << 10
	// stall is how long a visitor's line may be silent in the middle of an
	// upload or a download.
	stall = 30 * time.Second
)

// upload is one request to POST /pics on its way.
type upload struct {
	site   *Site
	w      http.ResponseWriter
	r      *http.Request
	owner  string
	batch  string
	whole  bool // the batch is this request's own, so it goes if this fails
	number int  // that the next picture gets
	fields map[string]string
	taken  []cloudpic.Picture
	left   []leftOut
}

// upload answers POST /pics. A plain form sends all its pictures at once. A
// script sends each on its own, with the fields "batch" and "n" before it.
// Parts are streamed on as they come; the body is never held.
func (s *Site) upload(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > maxUpload {
		s.fail(w, r, badUpload(&http.MaxBytesError{Limit: maxUpload}))
		return
	}
	parts, err := r.MultipartReader()
	if err != nil {
		s.fail(w, r, errorOf(codeMedia, "Pictures are taken as multipart/form-data."))
		return
	}
	u := &upload{site: s, w: w, r: r, owner: s.owner(w, r), number: 1, fields: make(map[string]string)}
	if err := u.take(parts); err != nil {
		u.undo()
		s.fail(w, r, err)
		return
	}
	noteOf(r).job = u.batch
	s.remember(w, r, u.batch, u.hint())
	u.answer()
}

// take reads the body to its end and sends off what was in it.
func (u *upload) take(parts *multipart.Reader) error {
	control := http.NewResponseController(u.w)
	for range maxParts {
		hurry(control, stall)
		part, err := parts.NextPart()
		hurry(control, 0)
		if errors.Is(err, io.EOF) {
			return u.send()
		}
		if err == nil {
			err = u.part(part, control)
		}
		if err != nil {
			return badUpload(err)
		}
	}
	return errorOf(jobs.CodeInvalid, "A batch takes up to %d pictures; this form has far more.", cloudpic.MaxPictures)
}

// badUpload says what kept an upload from being read; what is public already
// stays as it is.
func badUpload(err error) error {
	switch {
	case tooLarge(err):
		return errorOf(jobs.CodeTooLarge, "All the pictures together may have up to 500 MB.")
	case isPublic(err):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &jobs.Error{Code: codeSlow, Message: "The rest of the upload didn't come, so nothing of it was kept.", Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, multipart.ErrMessageTooLarge):
		return &jobs.Error{Code: jobs.CodeInvalid, Message: "The upload broke off, so nothing of it was kept.", Err: err}
	}
	return err
}

// part takes one part in: a field, or a picture.
func (u *upload) part(part *multipart.Part, control *http.ResponseController) error {
	if part.FormName() != "pictures" {
		b, err := io.ReadAll(io.LimitReader(part, maxField))
		u.fields[part.FormName()] = string(b)
		return err
	}
	if part.FileName() == "" {
		return nil // a form that was sent with no file chosen
	}
	if err := u.begin(); err != nil {
		return err
	}
	n := u.number
	u.number++
	name := cloudpic.CleanName(part.FileName())
	if n > cloudpic.MaxPictures {
		u.left = append(u.left, leftOut{Number: n, Name: name})
		return nil
	}
	body := &steady{part, control}
	p, err := u.site.opts.Pics.Add(u.r.Context(), u.batch, n, u.owner, name, body)
	if err != nil {
		return err
	}
	u.taken = append(u.taken, p)
	return nil
}

// begin settles, at the first picture, which batch it belongs to.
func (u *upload) begin() error {
	if u.batch != "" {
		return nil
	}
	if _, err := cloudpic.ParseOptions(u.fields["preset"], u.fields["strength"]); err != nil {
		return err
	}
	batch := u.fields["batch"]
	if batch == "" {
		u.batch, u.whole = u.site.opts.Pics.Begin(), true
		return nil
	}
	if _, ok := jobs.IDTime(batch); !ok {
		return errorOf(jobs.CodeNotFound, "There is no such batch, or it has expired.")
	}
	if text := u.fields["n"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return errorOf(jobs.CodeInvalid, "“n” may be a whole number from 1 to %d.", cloudpic.MaxPictures)
		}
		u.number = n
	}
	u.batch = batch
	return nil
}

// send asks for the enhancement of what was taken.
func (u *upload) send() error {
	o, err := cloudpic.ParseOptions(u.fields["preset"], u.fields["strength"])
	if err != nil {
		return err
	}
	if len(u.taken)+len(u.left) == 0 {
		return errorOf(jobs.CodeInvalid, "Choose at least one picture, then send.")
	}
	var numbers []int
	for _, p := range u.taken {
		if !p.State.Final() {
			numbers = append(numbers, p.Number)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	return u.site.opts.Pics.Send(u.r.Context(), u.batch, u.owner, numbers, o)
}

// undo removes what a failed form has stored, though its visitor may be gone.
func (u *upload) undo() {
	if !u.whole || len(u.taken) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.r.Context()), 10*time.Second)
	defer cancel()
	// Not found is well: what was refused by the queue is removed already.
	if err := u.site.opts.Pics.Delete(ctx, u.batch); err != nil && jobs.Public(err).Code != jobs.CodeNotFound {
		u.site.opts.Log.Error().AnErr("error", err).Str("job", u.batch).Msg("remove a failed upload")
	}
}

// hint names the batch for the list of recent jobs.
func (u *upload) hint() string {
	if len(u.taken) == 0 {
		return ""
	}
	return u.taken[0].Name
}

func (u *upload) answer() {
	at := "/pics/" + u.batch
	if !wantsJSON(u.r) {
		u.site.keepLeftOut(u.w, u.r, u.batch, u.left)
		http.Redirect(u.w, u.r, at, http.StatusSeeOther)
		return
	}
	out := acceptedPics{accepted: accepted{ID: u.batch, URL: u.site.base(u.r) + at}, Pictures: []pictureJSON{}}
	for _, p := range u.taken {
		out.Pictures = append(out.Pictures, u.site.pictureJSON(u.r, u.batch, p))
	}
	for _, l := range u.left {
		out.Pictures = append(out.Pictures, pictureJSON{
			ID: u.batch + "." + strconv.Itoa(l.Number), Number: l.Number, Name: l.Name,
			State: jobs.StateFailed, Error: leftOutReason,
		})
	}
	u.w.Header().Set("Location", at)
	u.site.sendJSON(u.w, u.r, http.StatusAccepted, out)
}

type acceptedPics struct {
	accepted
	Pictures []pictureJSON `json:"pictures"`
}

// steady moves the read deadline on as long as something comes. Between
// reads there is none: one that passes while a handler works would end it.
type steady struct {
	io.Reader
	control *http.ResponseController
}

func (s *steady) Read(b []byte) (int, error) {
	hurry(s.control, stall)
	defer hurry(s.control, 0)
	return s.Reader.Read(b)
}
