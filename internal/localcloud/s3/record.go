package s3

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// record is what the index keeps of an object.
type record struct {
	blob     string            // name of the file with the content; "" if inline has it
	inline   []byte            // the content of a small object
	size     int64             // bytes
	md5      [16]byte          // of the content; of the parts' MD5s for a multipart upload
	modified time.Time         // when it was acknowledged
	parts    []int64           // sizes of the parts of a multipart upload, else nil
	meta     map[string]string // header names in canonical form, with their values
}

// recordVersion is the first byte of an encoded record.
const recordVersion = 1

var errRecord = errors.New("malformed index record")

// etag is the object's ETag in the form that S3 gives it, without quotes: for
// a multipart upload the number of parts stands behind the hash.
func (r record) etag() string {
	sum := hex.EncodeToString(r.md5[:])
	if len(r.parts) == 0 {
		return sum
	}
	return fmt.Sprintf("%s-%d", sum, len(r.parts))
}

// encode gives the record's bytes: the version, then each field in the order
// of the struct; numbers as varints, strings and lists behind their length.
// Equal records have equal bytes.
func (r record) encode() []byte {
	b := []byte{recordVersion}
	b = appendString(b, r.blob)
	b = appendString(b, string(r.inline))
	b = binary.AppendUvarint(b, uint64(r.size))
	b = append(b, r.md5[:]...)
	b = binary.AppendVarint(b, r.modified.UnixNano())
	b = binary.AppendUvarint(b, uint64(len(r.parts)))
	for _, size := range r.parts {
		b = binary.AppendUvarint(b, uint64(size))
	}
	b = binary.AppendUvarint(b, uint64(len(r.meta)))
	for _, name := range slices.Sorted(maps.Keys(r.meta)) {
		b = appendString(b, name)
		b = appendString(b, r.meta[name])
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeRecord reads what encode wrote. The content in it is a part of b, so
// that a listing doesn't copy it. An error wraps errRecord.
func decodeRecord(b []byte) (record, error) {
	d := decoder{rest: b}
	if version := d.bytes(1); d.err == nil && version[0] != recordVersion {
		return record{}, fmt.Errorf("%w: version %d", errRecord, version[0])
	}
	r := record{blob: d.string()}
	if n := d.count(); n > 0 {
		r.inline = d.bytes(n)
	}
	r.size = d.size()
	copy(r.md5[:], d.bytes(len(r.md5)))
	r.modified = time.Unix(0, d.varint()).UTC()
	if n := d.count(); n > 0 {
		r.parts = make([]int64, n)
		for i := range r.parts {
			r.parts[i] = d.size()
		}
	}
	n := d.count()
	r.meta = make(map[string]string, n)
	for range n {
		name := d.string()
		r.meta[name] = d.string()
	}
	if d.err == nil && len(d.rest) > 0 {
		d.err = fmt.Errorf("%w: %d bytes too many", errRecord, len(d.rest))
	}
	if d.err == nil && !r.hasContent() {
		d.err = fmt.Errorf("%w: blob name %q, %d of %d bytes", errRecord, r.blob, len(r.inline), r.size)
	}
	if d.err != nil {
		return record{}, d.err
	}
	return r, nil
}

// hasContent reports whether the content is in a file or, whole, in the record.
func (r record) hasContent() bool {
	if r.blob == "" {
		return int64(len(r.inline)) == r.size
	}
	return isBlobName(r.blob) && len(r.inline) == 0
}

// decoder takes fields off the front of rest. After an error it gives zeros.
type decoder struct {
	rest []byte
	err  error
}

// bytes gives the next n bytes; they belong to the input.
func (d *decoder) bytes(n int) []byte {
	if d.err == nil && (n < 0 || n > len(d.rest)) {
		d.err = fmt.Errorf("%w: cut short", errRecord)
	}
	if d.err != nil {
		return nil
	}
	field := d.rest[:n]
	d.rest = d.rest[n:]
	return field
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if d.took(n) {
		return v
	}
	return 0
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	if d.took(n) {
		return v
	}
	return 0
}

// took moves past a varint of n bytes, where 0 and less mean that it was cut
// short or too big.
func (d *decoder) took(n int) bool {
	if n <= 0 {
		n = len(d.rest) + 1
	}
	d.bytes(n)
	return d.err == nil
}

// size gives a number of bytes.
func (d *decoder) size() int64 {
	v := d.uvarint()
	if d.err == nil && v > 1<<62 {
		d.err = fmt.Errorf("%w: size %d", errRecord, v)
		return 0
	}
	return int64(v)
}

// count gives the length of a list, each item of which takes a byte at least:
// a bigger one is refused before memory is set aside for it.
func (d *decoder) count() int {
	v := d.uvarint()
	if d.err == nil && v > uint64(len(d.rest)) {
		d.err = fmt.Errorf("%w: %d items in %d bytes", errRecord, v, len(d.rest))
	}
	if d.err != nil {
		return 0
	}
	return int(v)
}

func (d *decoder) string() string { return string(d.bytes(d.count())) }
