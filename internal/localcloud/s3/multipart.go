package s3

import (
	"cmp"
	"context"
	"crypto/md5" // the ETag of S3 is an MD5; it protects nothing
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rclone/gofakes3"
)

// uploads are the multipart uploads under way. They don't outlast the process,
// as gofakes3 forgets them too; what was completed does.
type uploads struct {
	mu   sync.Mutex
	byID map[gofakes3.UploadID]*upload
}

// upload is one multipart upload.
type upload struct {
	bucket, key string
	meta        map[string]string
	started     time.Time

	mu    sync.Mutex // held while it is being completed
	parts map[int]spooled
	ended bool // completed or aborted
}

// minPart is the smallest size of a part that isn't the last, in bytes.
const minPart = 5 << 20

func (u *uploads) add(up *upload) gofakes3.UploadID {
	id := gofakes3.UploadID(rand.Text())
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.byID == nil {
		u.byID = make(map[gofakes3.UploadID]*upload)
	}
	u.byID[id] = up
	return id
}

func (u *uploads) get(id gofakes3.UploadID) (*upload, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	up, ok := u.byID[id]
	if !ok {
		return nil, gofakes3.ErrNoSuchUpload
	}
	return up, nil
}

func (u *uploads) forget(id gofakes3.UploadID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.byID, id)
}

// before gives the uploads that were started before a time.
func (u *uploads) before(t time.Time) map[gofakes3.UploadID]*upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	old := make(map[gofakes3.UploadID]*upload)
	for id, up := range u.byID {
		if up.started.Before(t) {
			old[id] = up
		}
	}
	return old
}

func (b *backend) CreateMultipartUpload(_ context.Context, bucket, key string, meta map[string]string) (gofakes3.UploadID, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	return b.uploads.add(&upload{bucket: bucket, key: key, meta: meta, started: time.Now(), parts: make(map[int]spooled)}), nil
}

func (b *backend) UploadPart(_ context.Context, _, _ string, id gofakes3.UploadID, number int, size int64, body io.Reader) (etag string, err error) {
	up, err := b.uploads.get(id)
	if err != nil {
		return "", err
	}
	part, err := b.receive(body, size)
	if err != nil {
		return "", err
	}
	up.mu.Lock()
	defer up.mu.Unlock()
	if up.ended {
		b.blobs.discard(part)
		return "", gofakes3.ErrNoSuchUpload
	}
	if former, ok := up.parts[number]; ok {
		b.blobs.discard(former)
	}
	up.parts[number] = part
	return part.etag(), nil
}

// etag is a part's ETag, with quotes.
func (s spooled) etag() string { return `"` + hex.EncodeToString(s.md5[:]) + `"` }

func (b *backend) CompleteMultipartUpload(ctx context.Context, bucket, key string, id gofakes3.UploadID, in *gofakes3.CompleteMultipartUploadRequest) (_ gofakes3.VersionID, etag string, err error) {
	up, err := b.uploads.get(id)
	if err != nil {
		return "", "", err
	}
	up.mu.Lock()
	defer up.mu.Unlock()
	if up.ended {
		return "", "", gofakes3.ErrNoSuchUpload
	}
	parts, err := up.chosen(in.Parts)
	if err != nil {
		return "", "", err
	}
	content, err := b.join(parts)
	if err != nil {
		return "", "", err
	}
	r := record{meta: up.meta, md5: md5OfMD5s(parts)}
	for _, part := range parts {
		r.parts = append(r.parts, part.size)
	}
	if err := b.store(ctx, bucket, key, &r, content); err != nil {
		return "", "", err
	}
	b.end(id, up)
	return "", `"` + r.etag() + `"`, nil
}

func (b *backend) AbortMultipartUpload(_ context.Context, _, _ string, id gofakes3.UploadID) error {
	up, err := b.uploads.get(id)
	if err != nil {
		return err
	}
	up.mu.Lock()
	defer up.mu.Unlock()
	b.end(id, up)
	return nil
}

// end discards what an upload holds. The caller holds up.mu.
func (b *backend) end(id gofakes3.UploadID, up *upload) {
	for _, part := range up.parts {
		b.blobs.discard(part)
	}
	up.parts, up.ended = nil, true
	b.uploads.forget(id)
}

// chosen gives the parts that a request names, if they are there, in order
// and big enough. The caller holds up.mu.
func (up *upload) chosen(named []gofakes3.CompletedPart) ([]spooled, error) {
	if len(named) == 0 {
		return nil, gofakes3.ErrorMessage(gofakes3.ErrMalformedXML, gofakes3.ErrMalformedXML.Message())
	}
	if !slices.IsSortedFunc(named, func(a, b gofakes3.CompletedPart) int { return cmp.Compare(a.PartNumber, b.PartNumber) }) {
		return nil, gofakes3.ErrInvalidPartOrder
	}
	parts := make([]spooled, len(named))
	for i, name := range named {
		part, ok := up.parts[name.PartNumber]
		if !ok || strings.Trim(name.ETag, `"`) != strings.Trim(part.etag(), `"`) {
			return nil, gofakes3.ErrInvalidPart
		}
		if part.size < minPart && i < len(named)-1 {
			return nil, partTooSmall()
		}
		parts[i] = part
	}
	return parts, nil
}

// join makes one content of the parts, which stay as they are, so that a
// failed completion can be tried again.
func (b *backend) join(parts []spooled) (_ spooled, err error) {
	files := make([]io.Reader, len(parts))
	for i, part := range parts {
		files[i] = part.reader()
	}
	content, err := b.blobs.spool(io.MultiReader(files...))
	if err != nil {
		return spooled{}, fmt.Errorf("join %d parts: %w", len(parts), err)
	}
	return content, nil
}

// lazyFile opens its file when it is first read and closes it at its end, so
// that ten thousand parts need one open file.
type lazyFile struct {
	path string
	file *os.File
}

func (l *lazyFile) Read(p []byte) (n int, err error) {
	if l.file == nil {
		if l.file, err = os.Open(l.path); err != nil {
			return 0, err
		}
	}
	n, err = l.file.Read(p)
	if errors.Is(err, io.EOF) {
		if closing := l.file.Close(); closing != nil {
			err = closing
		}
	} else if err != nil {
		err = errors.Join(err, l.file.Close())
	}
	return n, err
}

// md5OfMD5s is what stands before the number of parts in the ETag of a
// multipart upload.
func md5OfMD5s(parts []spooled) (sum [md5.Size]byte) {
	h := md5.New()
	for _, part := range parts {
		h.Write(part.md5[:])
	}
	h.Sum(sum[:0])
	return sum
}
