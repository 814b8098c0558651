package cloudtest

import (
	"crypto/md5" // the ETag of S3 is an MD5
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

var objectChecks = []s3Check{
	{"object-put-get", func(t s3Test) {
		body := noise(300_000)
		t.put(t.prefix+"key", string(body))
		t.same("content", []byte(t.get(t.prefix+"key")), body)
	}},
	{"object-empty", func(t s3Test) {
		t.put(t.prefix+"key", "")
		t.has(t.prefix+"key", "")
		if got := aws.ToInt64(t.head(t.prefix + "key").ContentLength); got != 0 {
			t.Errorf("length: got %d, want 0", got)
		}
	}},
	{"object-overwrite", func(t s3Test) {
		t.put(t.prefix+"key", "the first, which is longer")
		t.put(t.prefix+"key", "the second")
		t.has(t.prefix+"key", "the second")
	}},
	{"object-etag", func(t s3Test) {
		sum := md5.Sum([]byte("body"))
		want := `"` + hex.EncodeToString(sum[:]) + `"`
		if got := t.put(t.prefix+"key", "body"); got != want {
			t.Errorf("put: got ETag %s, want %s", got, want)
		}
		if got := aws.ToString(t.head(t.prefix + "key").ETag); got != want {
			t.Errorf("head: got ETag %s, want %s", got, want)
		}
	}},
	{"object-get-missing", func(t s3Test) {
		_, err := t.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key")})
		t.refused("get a missing key", err, "NoSuchKey")
	}},
	{"object-head-missing", func(t s3Test) { t.gone(t.prefix + "key") }},
	{"object-delete", func(t s3Test) {
		t.put(t.prefix+"key", "body")
		_, err := t.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key")})
		t.ok("delete", err)
		t.gone(t.prefix + "key")
	}},
	{"object-delete-missing", func(t s3Test) {
		_, err := t.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key")})
		t.ok("delete a missing key", err)
	}},
	{"object-delete-many", func(t s3Test) { deleteMany(t, false, 3) }},
	{"object-delete-many-quiet", func(t s3Test) { deleteMany(t, true, 0) }},
	{"object-copy", func(t s3Test) {
		_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: &t.bucket, Key: aws.String(t.prefix + "from +"), Body: strings.NewReader("body"),
			ContentType: aws.String("text/x-one"), Metadata: map[string]string{"colour": "green"},
		})
		t.ok("put", err)
		copyTo(t, "kept", func(*s3.CopyObjectInput) {})
		t.has(t.prefix+"kept", "body")
		if head := t.head(t.prefix + "kept"); aws.ToString(head.ContentType) != "text/x-one" || head.Metadata["colour"] != "green" {
			t.Errorf("copy has type %q and metadata %v, want the source's", aws.ToString(head.ContentType), head.Metadata)
		}
		copyTo(t, "replaced", func(in *s3.CopyObjectInput) {
			in.MetadataDirective, in.ContentType, in.Metadata = types.MetadataDirectiveReplace, aws.String("text/x-two"), map[string]string{"size": "big"}
		})
		if head := t.head(t.prefix + "replaced"); aws.ToString(head.ContentType) != "text/x-two" || head.Metadata["colour"] != "" || head.Metadata["size"] != "big" {
			t.Errorf("copy has type %q and metadata %v, want the request's", aws.ToString(head.ContentType), head.Metadata)
		}
	}},
	{"object-copy-missing", func(t s3Test) {
		_, err := t.client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "to"), CopySource: aws.String(t.bucket + "/" + t.prefix + "from")})
		t.refused("copy a missing key", err, "NoSuchKey")
	}},
	{"object-odd-keys", func(t s3Test) {
		for _, key := range oddKeys {
			t.Run(fmt.Sprintf("%.20q", key), func(sub *testing.T) {
				s := t
				s.T = sub
				s.put(key, "content of "+key)
			})
		}
		for _, key := range oddKeys {
			t.has(key, "content of "+key)
		}
		listed := t.keys(&s3.ListObjectsV2Input{})
		for _, key := range oddKeys {
			if !slices.Contains(listed, key) {
				t.Errorf("key %.40q isn't in the listing", key)
			}
		}
	}},
	{"object-key-longest", func(t s3Test) {
		key := t.prefix + strings.Repeat("k", 1024-len(t.prefix))
		t.put(key, "long")
		t.has(key, "long")
	}},
	{"object-key-too-long", func(t s3Test) {
		key := t.prefix + strings.Repeat("k", 1025-len(t.prefix))
		_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &t.bucket, Key: &key, Body: strings.NewReader("long")})
		t.refused("put a key of 1025 bytes", err, "KeyTooLongError")
	}},
	{"object-range", func(t s3Test) {
		t.put(t.prefix+"key", "0123456789")
		for _, test := range []struct{ asked, want, header string }{
			{"bytes=0-0", "0", "bytes 0-0/10"},
			{"bytes=2-4", "234", "bytes 2-4/10"},
			{"bytes=7-", "789", "bytes 7-9/10"},
			{"bytes=-2", "89", "bytes 8-9/10"},
			{"bytes=8-100", "89", "bytes 8-9/10"},
		} {
			in := &s3.GetObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), Range: aws.String(test.asked)}
			if got := string(t.read(in)); got != test.want {
				t.Errorf("%s: got %q, want %q", test.asked, got, test.want)
			}
			out, err := t.client.GetObject(t.Context(), in)
			t.ok("get "+test.asked, err)
			_ = out.Body.Close()
			if got := aws.ToString(out.ContentRange); got != test.header {
				t.Errorf("%s: got Content-Range %q, want %q", test.asked, got, test.header)
			}
		}
	}},
	{"object-range-beyond", func(t s3Test) {
		t.put(t.prefix+"key", "0123456789")
		_, err := t.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), Range: aws.String("bytes=10-")})
		t.refused("get a range behind the end", err, "InvalidRange")
	}},
}

// oddKeys are keys that are easily mistaken for paths, queries or escapes.
var oddKeys = []string{
	"odd/späth/日本/🦊.txt", "odd/ two  spaces ", "odd/plus+and&amp=?#;,@$", "odd/percent%41%2F%zz",
	"odd/../../etc/passwd", "odd/./dot", "../odd", "..", "/odd/leading", "//odd//doubled//", "odd/trailing/",
	"odd/quote'\"<>&", "odd/back\\slash", "odd/tilde~!*()", "odd/colon:star*", "odd/UPPER", "odd/upper",
	"odd/" + strings.Repeat("é", 500),
}

func deleteMany(t s3Test, quiet bool, wantNamed int) {
	names := []string{"a", "b +&<ü>", "never there"}
	var ids []types.ObjectIdentifier
	for i, name := range names {
		if i < 2 {
			t.put(t.prefix+name, "body")
		}
		ids = append(ids, types.ObjectIdentifier{Key: aws.String(t.prefix + name)})
	}
	t.put(t.prefix+"kept", "body")
	out, err := t.client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &t.bucket, Delete: &types.Delete{Objects: ids, Quiet: &quiet}})
	t.ok("delete objects", err)
	if len(out.Errors) != 0 || len(out.Deleted) != wantNamed {
		t.Errorf("got %d errors and %d deleted, want 0 and %d", len(out.Errors), len(out.Deleted), wantNamed)
	}
	for _, name := range names {
		t.gone(t.prefix + name)
	}
	t.has(t.prefix+"kept", "body")
}

// copyTo copies the check's object "from +" to another key.
func copyTo(t s3Test, name string, change func(*s3.CopyObjectInput)) {
	t.Helper()
	in := &s3.CopyObjectInput{
		Bucket: &t.bucket, Key: aws.String(t.prefix + name),
		CopySource: aws.String(t.bucket + "/" + url.PathEscape(t.prefix+"from ") + "%2B"),
	}
	change(in)
	_, err := t.client.CopyObject(t.Context(), in)
	t.ok("copy to "+name, err)
}
