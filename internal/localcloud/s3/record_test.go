package s3

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// records are examples for the tests of the codec.
func records() map[string]record {
	blob := strings.Repeat("0a", 16)
	at := time.Date(2026, 11, 24, 1, 2, 3, 456789, time.UTC)
	return map[string]record{
		"bare": {blob: blob, modified: at, meta: map[string]string{}},
		"full": {
			blob: blob, size: 1 << 40, md5: [16]byte{1, 2, 3, 15: 255}, modified: at, parts: []int64{5 << 20, 0, 1},
			meta: map[string]string{"Content-Type": "image/jpeg", "X-Amz-Meta-Name": "\xff\x00not UTF-8", "": ""},
		},
		"inline":      {inline: []byte("content"), size: 7, modified: at, meta: map[string]string{}},
		"before 1970": {blob: blob, modified: time.Unix(-5, 0).UTC(), meta: map[string]string{}},
	}
}

func TestRecordRoundTrip(t *testing.T) {
	for name, want := range records() {
		t.Run(name, func(t *testing.T) {
			got, err := decodeRecord(want.encode())
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestRecordETag(t *testing.T) {
	r := records()["full"]
	if got, want := r.etag(), "010203000000000000000000000000ff-3"; got != want {
		t.Errorf("multipart: got %s, want %s", got, want)
	}
	r.parts = nil
	if got, want := r.etag(), "010203000000000000000000000000ff"; got != want {
		t.Errorf("whole: got %s, want %s", got, want)
	}
}

func TestRecordMalformed(t *testing.T) {
	good := records()["full"].encode()
	for n := range good {
		if _, err := decodeRecord(good[:n]); !errors.Is(err, errRecord) {
			t.Errorf("first %d of %d bytes: got %v, want errRecord", n, len(good), err)
		}
	}
	path := record{blob: "../../../../../../../../etc/pass", meta: map[string]string{}}
	huge := append(bytes.Repeat([]byte{recordVersion}, 1), bytes.Repeat([]byte{0xff}, 9)...)
	for name, bad := range map[string][]byte{
		"a byte too many":   append(bytes.Clone(good), 0),
		"another version":   append([]byte{2}, good[1:]...),
		"a path for a blob": path.encode(),
		"no content":        record{size: 1}.encode(),
		"content twice":     record{blob: strings.Repeat("0a", 16), inline: []byte("a"), size: 1}.encode(),
		"a huge length":     append(huge, 1),
	} {
		if _, err := decodeRecord(bad); !errors.Is(err, errRecord) {
			t.Errorf("%s: got %v, want errRecord", name, err)
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	for _, r := range records() {
		f.Add(r.encode())
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			if !errors.Is(err, errRecord) {
				t.Errorf("got %v, want errRecord", err)
			}
			return
		}
		if r.blob != "" && !isBlobName(r.blob) || r.size < 0 || r.size == math.MaxInt64 {
			t.Errorf("accepted blob %q of %d bytes", r.blob, r.size)
		}
		again, err := decodeRecord(r.encode())
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("encoded again: got %+v (%v), want %+v", again, err, r)
		}
	})
}

func FuzzParseLifecycle(f *testing.F) {
	f.Add([]byte(`<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix>a/</Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>`))
	f.Add([]byte(`<LifecycleConfiguration><Rule><Filter><Tag><Key>a</Key></Tag></Filter></Rule></LifecycleConfiguration>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		rules, err := parseLifecycle(body)
		for _, rule := range rules {
			if err != nil || rule.After < 24*time.Hour {
				t.Errorf("got rule %+v with error %v", rule, err)
			}
		}
	})
}
