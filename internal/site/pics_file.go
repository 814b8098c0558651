package site

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"

	"github.com/go-chi/chi/v5"
)

var variants = []cloudpic.Variant{cloudpic.VariantOriginal, cloudpic.VariantEnhanced, cloudpic.VariantBefore, cloudpic.VariantAfter}

// extensions are those that a format's files are given.
var extensions = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif"}

// picsFile answers GET /pics/{batch}/{n}/{variant}: one file, full ones as a
// download.
func (s *Site) picsFile(w http.ResponseWriter, r *http.Request) {
	batch, variant := chi.URLParam(r, "batch"), cloudpic.Variant(chi.URLParam(r, "variant"))
	noteOf(r).job = batch
	n, err := pictureNumber(r)
	if err == nil && !slices.Contains(variants, variant) {
		err = errorOf(jobs.CodeNotFound, "No page has this address.")
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	name := ""
	if variant == cloudpic.VariantOriginal || variant == cloudpic.VariantEnhanced {
		if name, err = s.pictureName(r.Context(), batch, n); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	o, err := s.opts.Pics.Open(r.Context(), batch, n, variant)
	if err != nil {
		s.fail(w, r, missing(err))
		return
	}
	defer o.Body.Close()
	s.sendObject(w, r, o, name, variant)
}

// missing turns the store's own word for it into a public one.
func missing(err error) error {
	if errors.Is(err, jobs.ErrNoObject) && !isPublic(err) {
		return &jobs.Error{Code: jobs.CodeNotFound, Message: "There is no such picture, or it has been deleted.", Err: err}
	}
	return err
}

// pictureName is the file name that a picture came with.
func (s *Site) pictureName(ctx context.Context, batch string, n int) (string, error) {
	b, err := s.opts.Pics.Batch(ctx, batch)
	if err != nil {
		return "", err
	}
	for _, p := range b.Pictures {
		if p.Number == n {
			return p.Name, nil
		}
	}
	return "", errorOf(jobs.CodeNotFound, "There is no such picture, or it has been deleted.")
}

// sendObject sends a visitor's file. The sandbox keeps one that a browser
// takes for a page from doing anything.
func (s *Site) sendObject(w http.ResponseWriter, r *http.Request, o jobs.Object, name string, v cloudpic.Variant) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cache-Control", "private, no-cache")
	if r.URL.Query().Get("v") != "" || v == cloudpic.VariantOriginal {
		// The address names the attempt: what it answers never changes.
		h.Set("Cache-Control", "private, max-age="+strconv.Itoa(int(s.opts.Retention.Seconds()))+", immutable")
	}
	kind := o.ContentType
	if _, ok := extensions[kind]; !ok {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	if name != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(name, kind, v)}))
	}
	if o.ETag != "" {
		etag := `"` + strings.Trim(o.ETag, `"`) + `"`
		h.Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if o.Size > 0 {
		h.Set("Content-Length", strconv.FormatInt(o.Size, 10))
	}
	if r.Method == http.MethodHead {
		return
	}
	if _, err := io.Copy(patient(w), o.Body); err != nil {
		noteOf(r).err = fmt.Errorf("send %q: %w", o.Key, err)
		panic(http.ErrAbortHandler) // a cut-off file must not look whole
	}
}

// fileName names a download after the file that was uploaded:
// "holiday.png" becomes "holiday-enhanced.png".
func fileName(name, kind string, v cloudpic.Variant) string {
	if v == cloudpic.VariantOriginal {
		return name
	}
	stem := strings.TrimSuffix(name, path.Ext(name))
	if stem == "" {
		stem = "picture"
	}
	return stem + "-enhanced" + extensions[kind]
}

// patientWriter moves the write deadline on as long as the visitor reads.
type patientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

func patient(w http.ResponseWriter) io.Writer {
	return &patientWriter{w, http.NewResponseController(w)}
}

func (p *patientWriter) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(stall)) // none in tests
	return p.ResponseWriter.Write(b)
}

// picsZip answers GET /pics/{batch}/zip: all results in one file, streamed.
// Pictures are compressed already, so they are only stored.
func (s *Site) picsZip(w http.ResponseWriter, r *http.Request) {
	batch := chi.URLParam(r, "batch")
	noteOf(r).job = batch
	b, err := s.opts.Pics.Batch(r.Context(), batch)
	if err == nil && count(b, jobs.StateDone) == 0 {
		err = errorOf(codeConflict, "No picture of this batch is ready yet.")
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="cloudpic-`+b.Created.UTC().Format("2006-01-02-150405")+`.zip"`)
	private(w)
	if r.Method == http.MethodHead {
		return
	}
	if err := s.writeZip(r.Context(), patient(w), b); err != nil {
		noteOf(r).err = fmt.Errorf("zip of batch %q: %w", batch, err)
		panic(http.ErrAbortHandler) // a cut-off archive must not look whole
	}
}

// writeZip has one object open at a time.
func (s *Site) writeZip(ctx context.Context, w io.Writer, b cloudpic.Batch) error {
	z := zip.NewWriter(w)
	used := make(map[string]bool)
	for _, p := range b.Pictures {
		if p.State != jobs.StateDone || p.Result == nil {
			continue
		}
		name := unused(used, fileName(p.Name, p.Result.ContentType, cloudpic.VariantEnhanced))
		if err := s.addToZip(ctx, z, b, p, name); err != nil {
			return err
		}
	}
	return z.Close()
}

func (s *Site) addToZip(ctx context.Context, z *zip.Writer, b cloudpic.Batch, p cloudpic.Picture, name string) error {
	o, err := s.opts.Pics.Open(ctx, b.ID, p.Number, cloudpic.VariantEnhanced)
	if err != nil {
		return err
	}
	defer o.Body.Close()
	f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: p.Answered})
	if err != nil {
		return err
	}
	_, err = io.Copy(f, o.Body)
	return err
}

// unused gives a name that the archive doesn't have yet.
func unused(used map[string]bool, name string) string {
	ext := path.Ext(name)
	stem, try := strings.TrimSuffix(name, ext), name
	for i := 2; used[strings.ToLower(try)] && i <= cloudpic.MaxPictures+1; i++ {
		try = stem + " (" + strconv.Itoa(i) + ")" + ext
	}
	used[strings.ToLower(try)] = true
	return try
}
