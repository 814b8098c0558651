package sqs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// recordVersion is the first byte of an encoded content.
const recordVersion = 1

var errRecord = errors.New("malformed record")

// encode gives the content's bytes: the version and the id, then the other
// fields in the order of the struct; numbers and times (UnixNano) as varints,
// strings and lists behind their length.
func (c *content) encode() []byte {
	b := make([]byte, 0, 128+len(c.body))
	b = append(b, recordVersion)
	b = append(b, c.id[:]...)
	b = binary.AppendVarint(b, c.sent.UnixNano())
	b = binary.AppendVarint(b, c.firstDue.UnixNano())
	for _, s := range []string{c.sender, c.group, c.dedup, c.trace, c.source} {
		b = appendString(b, s)
	}
	b = binary.AppendUvarint(b, uint64(c.before))
	b = appendString(b, c.body)
	b = binary.AppendUvarint(b, uint64(len(c.attributes)))
	for _, a := range c.attributes {
		b = appendString(b, a.name)
		b = appendString(b, a.dataType)
		b = appendString(b, a.value)
		kind := byte(0)
		if a.binary {
			kind = 1
		}
		b = append(b, kind)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeContent reads what encode wrote. It keeps no reference to b. An error
// wraps errRecord.
func decodeContent(b []byte) (*content, error) {
	d := decoder{rest: b}
	if version := d.bytes(1); d.err == nil && version[0] != recordVersion {
		return nil, fmt.Errorf("%w: version %d", errRecord, version[0])
	}
	c := &content{}
	copy(c.id[:], d.bytes(len(c.id)))
	c.sent, c.firstDue = d.time(), d.time()
	for _, s := range []*string{&c.sender, &c.group, &c.dedup, &c.trace, &c.source} {
		*s = d.string()
	}
	c.before = uint32(d.uvarint())
	c.body = d.string()
	c.attributes = d.attributes()
	if d.err == nil && len(d.rest) > 0 {
		d.err = fmt.Errorf("%w: %d bytes too many", errRecord, len(d.rest))
	}
	if d.err != nil {
		return nil, d.err
	}
	c.seal()
	return c, nil
}

// seal computes what follows from the rest.
func (c *content) seal() {
	c.bodyMD5, c.allMD5 = textMD5(c.body), attributesMD5(c.attributes)
}

// stateSize is the size of an encoded state in bytes. Older ones end before the
// time at which they were written.
const (
	oldStateSize = 8 + 4 + 4 + 8
	stateSize    = oldStateSize + 8
)

// encodeState gives what changes about a message: when it is visible, how
// often and when first it was received, its newest receipt, and when all that
// was so: now.
func (m *message) encodeState(now time.Time) []byte {
	b := make([]byte, 0, stateSize)
	b = binary.BigEndian.AppendUint64(b, uint64(m.visibleAt.UnixNano()))
	b = binary.BigEndian.AppendUint32(b, m.received)
	b = binary.BigEndian.AppendUint32(b, m.handout)
	b = binary.BigEndian.AppendUint64(b, uint64(m.firstReceived.UnixNano()))
	return binary.BigEndian.AppendUint64(b, uint64(now.UnixNano()))
}

// decodeState also gives when the state was written, the zero time if unknown.
func (m *message) decodeState(b []byte) (at time.Time, err error) {
	if len(b) != stateSize && len(b) != oldStateSize {
		return at, fmt.Errorf("%w: state of %d bytes", errRecord, len(b))
	}
	m.visibleAt = time.Unix(0, int64(binary.BigEndian.Uint64(b)))
	m.received = binary.BigEndian.Uint32(b[8:])
	m.handout = binary.BigEndian.Uint32(b[12:])
	m.firstReceived = time.Unix(0, int64(binary.BigEndian.Uint64(b[16:])))
	if len(b) == stateSize {
		at = time.Unix(0, int64(binary.BigEndian.Uint64(b[oldStateSize:])))
	}
	return at, nil
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

// took moves past a varint of n bytes, where 0 and less mean that it was cut
// short or too big.
func (d *decoder) took(n int) bool {
	if n <= 0 {
		n = len(d.rest) + 1
	}
	d.bytes(n)
	return d.err == nil
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if d.took(n) {
		return v
	}
	return 0
}

func (d *decoder) time() time.Time {
	v, n := binary.Varint(d.rest)
	if d.took(n) {
		return time.Unix(0, v)
	}
	return time.Time{}
}

func (d *decoder) string() string {
	n := d.uvarint()
	return string(d.bytes(int(min(n, uint64(len(d.rest))+1))))
}

func (d *decoder) attributes() []attribute {
	n := d.uvarint()
	if n > maxAttributes && d.err == nil {
		d.err = fmt.Errorf("%w: %d attributes", errRecord, n)
	}
	if n == 0 || d.err != nil {
		return nil
	}
	list := make([]attribute, n)
	for i := range list {
		list[i] = attribute{name: d.string(), dataType: d.string(), value: d.string()}
		kind := d.bytes(1)
		list[i].binary = len(kind) == 1 && kind[0] == 1
	}
	return list
}
