package s3

import (
	"bytes"
	"crypto/md5" // the ETag of S3 is an MD5; it protects nothing
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// blobs keeps contents in files that never change once they have their name.
type blobs struct {
	dir  string
	sync bool // whether content must be on the disk before it counts
}

// spooled is content that has arrived, in a file that a crash would discard,
// or in memory if it is small.
type spooled struct {
	path   string // "" if inline has it
	inline []byte
	size   int64
	md5    [md5.Size]byte
	crc    uint32 // CRC-32 (IEEE)
}

// inlineMax is how big content may be, in bytes, that goes into its record. A
// file of its own costs a put more than the rest of the work: its creation,
// two syncs and a rename.
const inlineMax = 4096

// shards is the number of folders that the files are spread over, so that no
// folder grows unwieldy. Each is named by the first two digits of its files.
const shards = 256

// openBlobs prepares the folders below dir and discards what was arriving
// when the last process ended.
func openBlobs(dir string, sync bool) (*blobs, error) {
	b := &blobs{dir: dir, sync: sync}
	if err := os.RemoveAll(b.spoolDir()); err != nil {
		return nil, fmt.Errorf("empty the spool: %w", err)
	}
	if err := os.MkdirAll(b.spoolDir(), 0o700); err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	for i := range shards {
		if err := os.MkdirAll(b.shard(fmt.Sprintf("%02x", i)), 0o700); err != nil {
			return nil, fmt.Errorf("make a folder for blobs: %w", err)
		}
	}
	return b, errors.Join(b.syncDir(filepath.Join(dir, "blobs")), b.syncDir(dir))
}

func (b *blobs) spoolDir() string         { return filepath.Join(b.dir, "spool") }
func (b *blobs) shard(name string) string { return filepath.Join(b.dir, "blobs", name[:2]) }
func (b *blobs) path(name string) string  { return filepath.Join(b.shard(name), name) }

// newBlobName makes a name that no other blob has.
func newBlobName() string {
	var name [16]byte
	_, _ = rand.Read(name[:]) // never fails
	return hex.EncodeToString(name[:])
}

// isBlobName reports whether name could come from newBlobName.
func isBlobName(name string) bool {
	if len(name) != 32 {
		return false
	}
	for _, c := range []byte(name) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// copyBuffers are for content on its way to the disk; their size is what a
// put costs in memory, whatever the object's.
var copyBuffers = sync.Pool{New: func() any { return new([128 << 10]byte) }}

// spool takes in content, hashing it on the way. Errors of input come back as
// they are, for they may be an answer to the client.
func (b *blobs) spool(input io.Reader) (spooled, error) {
	start, err := io.ReadAll(io.LimitReader(input, inlineMax+1))
	if err != nil {
		return spooled{}, err
	}
	if len(start) > inlineMax {
		return b.spoolFile(io.MultiReader(bytes.NewReader(start), input))
	}
	return spooled{inline: start, size: int64(len(start)), md5: md5.Sum(start), crc: crc32.ChecksumIEEE(start)}, nil
}

// spoolFile is spool into a file.
func (b *blobs) spoolFile(input io.Reader) (_ spooled, err error) {
	f, err := os.OpenFile(filepath.Join(b.spoolDir(), newBlobName()), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return spooled{}, fmt.Errorf("spool: %w", err)
	}
	defer func() {
		if closing := f.Close(); err == nil && closing != nil {
			err = fmt.Errorf("spool: %w", closing)
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	sum, crc := md5.New(), crc32.NewIEEE()
	source := &inputReader{inner: input}
	buffer := copyBuffers.Get().(*[128 << 10]byte)
	size, err := io.CopyBuffer(io.MultiWriter(f, sum, crc), source, buffer[:])
	copyBuffers.Put(buffer)
	if source.err != nil {
		return spooled{}, source.err
	}
	if err != nil {
		return spooled{}, fmt.Errorf("spool: %w", err)
	}
	s := spooled{path: f.Name(), size: size, crc: crc.Sum32()}
	sum.Sum(s.md5[:0])
	return s, nil
}

// inputReader remembers the error that ended the input, so that it can be
// told from one of the disk.
type inputReader struct {
	inner io.Reader
	err   error
}

func (r *inputReader) Read(p []byte) (int, error) {
	n, err := r.inner.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// keep gives spooled content its name, under which it outlasts a crash. What
// has no file gets no name.
func (b *blobs) keep(s spooled) (name string, err error) {
	if s.path == "" {
		return "", nil
	}
	name = newBlobName()
	if b.sync {
		err = syncPath(s.path)
	}
	if err == nil {
		err = os.Rename(s.path, b.path(name))
	}
	if err != nil {
		b.discard(s)
		return "", fmt.Errorf("keep spooled content: %w", err)
	}
	if err := b.syncDir(b.shard(name)); err != nil {
		b.remove(name)
		return "", fmt.Errorf("keep spooled content: %w", err)
	}
	return name, nil
}

// discard removes spooled content. A file that stays is gone at the next start.
func (b *blobs) discard(s spooled) {
	if s.path != "" {
		_ = os.Remove(s.path)
	}
}

// remove removes a blob; "" is none. A file that stays is gone at the next
// start.
func (b *blobs) remove(name string) {
	if name != "" {
		_ = os.Remove(b.path(name))
	}
}

// contents are an object's, to be read or skipped through.
type contents interface {
	io.ReadSeeker
	io.Closer
}

// open opens a record's content for reading.
func (b *blobs) open(r record) (contents, error) {
	if r.blob == "" {
		return inMemory{bytes.NewReader(r.inline)}, nil
	}
	return os.Open(b.path(r.blob))
}

// inMemory are contents that take no closing.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// reader gives spooled content again; it need not be closed if it is read to
// its end.
func (s spooled) reader() io.Reader {
	if s.path == "" {
		return bytes.NewReader(s.inline)
	}
	return &lazyFile{path: s.path}
}

// collect removes the blobs that live doesn't have, and tells how many.
func (b *blobs) collect(live map[string]struct{}) (removed int, err error) {
	err = filepath.WalkDir(filepath.Join(b.dir, "blobs"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if _, ok := live[entry.Name()]; ok {
			return nil
		}
		removed++
		return os.Remove(path)
	})
	if err != nil {
		return removed, fmt.Errorf("remove orphaned blobs: %w", err)
	}
	return removed, nil
}

// syncDir makes the names in dir outlast a loss of power.
func (b *blobs) syncDir(dir string) error {
	if !b.sync {
		return nil
	}
	return syncPath(dir)
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
