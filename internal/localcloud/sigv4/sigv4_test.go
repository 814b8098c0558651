package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"cloudworks/internal/localcloud/sigv4"
)

// AWS's published examples use this key pair at this time.
const (
	exampleKey    = "AKIDEXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var exampleTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// at runs f at a time of the past: synctest's clock begins at midnight UTC
// 2000-01-01.
func at(t *testing.T, when time.Time, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(when))
		f(t)
	})
}

// The vectors are from AWS's Signature Version 4 test suite and, the first,
// from the signing example of the IAM documentation.
func TestPublishedVectors(t *testing.T) {
	tests := []struct {
		name, service, request, headers, signature string
	}{
		{"iam-list-users", "iam",
			"GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\r\nHost: iam.amazonaws.com\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\nX-Amz-Date: 20150830T123600Z\r\n",
			"content-type;host;x-amz-date", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
		{"get-vanilla", "service",
			"GET / HTTP/1.1\r\nHost:example.amazonaws.com\r\nX-Amz-Date:20150830T123600Z\r\n",
			"host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla-query-order-key-case", "service",
			"GET /?Param2=value2&Param1=value1 HTTP/1.1\r\nHost:example.amazonaws.com\r\nX-Amz-Date:20150830T123600Z\r\n",
			"host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"post-vanilla", "service",
			"POST / HTTP/1.1\r\nHost:example.amazonaws.com\r\nX-Amz-Date:20150830T123600Z\r\n",
			"host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"post-x-www-form-urlencoded", "service",
			"POST / HTTP/1.1\r\nContent-Type:application/x-www-form-urlencoded\r\nHost:example.amazonaws.com\r\nX-Amz-Date:20150830T123600Z\r\n\r\nParam1=value1",
			"content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			at(t, exampleTime, func(t *testing.T) {
				head, body, _ := strings.Cut(test.request, "\r\n\r\n")
				r := read(t, head)
				r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+exampleKey+"/20150830/us-east-1/"+test.service+"/aws4_request, SignedHeaders="+test.headers+", Signature="+test.signature)
				v := &sigv4.Verifier{AccessKey: exampleKey, SecretKey: exampleSecret, Region: "us-east-1", Service: test.service}
				if err := v.Verify(r, []byte(body)); err != nil {
					t.Errorf("got %v, want a good signature", err)
				}
				if err := v.Verify(r, []byte(body+"!")); code(err) != "SignatureDoesNotMatch" {
					t.Errorf("with another body: got %v, want a mismatch", err)
				}
			})
		})
	}
}

// read makes a request of its head.
func read(t *testing.T, head string) *http.Request {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(head, "\r\n"), "\r\n")
	method, rest, _ := strings.Cut(lines[0], " ")
	target, _, _ := strings.Cut(rest, " ")
	r := httptest.NewRequest(method, target, nil)
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); name == "Host" {
			r.Host = value
		} else {
			r.Header.Add(name, value)
		}
	}
	return r
}

func code(err error) string {
	if e, ok := errors.AsType[*sigv4.Error](err); ok {
		return e.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func verifier() *sigv4.Verifier {
	return &sigv4.Verifier{AccessKey: "cloudworks", SecretKey: "secret", Region: "us-east-1", Service: "sqs"}
}

// request is what a client is about to sign, and who it says it is.
type request struct {
	method, url, body string
	header            map[string]string
	key, secret       string
	region, service   string
	age               time.Duration
	presign           bool
	expires           string              // of a presigned request, in seconds
	after             func(*http.Request) // changes it on its way
	receivedBody      *string
}

// sign has the SDK sign a request and gives it as a server gets it.
func sign(t *testing.T, q request) (*http.Request, []byte) {
	t.Helper()
	r, err := http.NewRequest(q.method, q.url, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	sum := sha256.Sum256([]byte(q.body))
	hash := hex.EncodeToString(sum[:])
	who := aws.Credentials{AccessKeyID: q.key, SecretAccessKey: q.secret}
	when := time.Now().Add(-q.age)
	if q.presign {
		values := r.URL.Query()
		values.Set("X-Amz-Expires", q.expires)
		r.URL.RawQuery = values.Encode()
		signed, _, err := v4.NewSigner().PresignHTTP(context.Background(), who, r, hash, q.service, q.region, when)
		if err != nil {
			t.Fatal(err)
		}
		if r, err = http.NewRequest(q.method, signed, strings.NewReader(q.body)); err != nil {
			t.Fatal(err)
		}
	} else if err := v4.NewSigner().SignHTTP(context.Background(), who, r, hash, q.service, q.region, when); err != nil {
		t.Fatal(err)
	}
	if q.after != nil {
		q.after(r)
	}
	body := []byte(q.body)
	if q.receivedBody != nil {
		body = []byte(*q.receivedBody)
	}
	return serverSide(t, r, body), body
}

// serverSide sends the request through net/http's own writer and reader.
func serverSide(t *testing.T, r *http.Request, body []byte) *http.Request {
	t.Helper()
	var got *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }))
	defer server.Close()
	r = r.Clone(context.Background())
	r.Body, r.ContentLength = http.NoBody, int64(len(body))
	if len(body) > 0 {
		r.Body = struct {
			*bytes.Reader
			nopCloser
		}{bytes.NewReader(body), nopCloser{}}
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.URL.Host = strings.TrimPrefix(server.URL, "http://")
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return got
}

type nopCloser struct{}

func (nopCloser) Close() error { return nil }

func TestVerify(t *testing.T) {
	base := request{method: "POST", url: "http://127.0.0.1:4566/", body: `{"a":1}`, key: "cloudworks", secret: "secret", region: "us-east-1", service: "sqs",
		header: map[string]string{"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"}}
	other := `{"a":2}`
	tests := []struct {
		name   string
		change func(*request)
		want   string
	}{
		{"good", func(*request) {}, ""},
		{"empty body", func(q *request) { q.body = "" }, ""},
		{"path", func(q *request) { q.url += "000000000000/queue%20name/späth+" }, ""},
		{"query", func(q *request) { q.url += "?b=2&a=1&a=0&c=%2F+~&d" }, ""},
		{"spaces in a header", func(q *request) { q.header["X-Note"] = "a   b  c" }, ""},
		{"old, but not too old", func(q *request) { q.age = 14 * time.Minute }, ""},
		{"early, but not too early", func(q *request) { q.age = -14 * time.Minute }, ""},
		{"too old", func(q *request) { q.age = 16 * time.Minute }, "SignatureDoesNotMatch"},
		{"too early", func(q *request) { q.age = -16 * time.Minute }, "SignatureDoesNotMatch"},
		{"unknown key", func(q *request) { q.key = "somebody" }, "InvalidClientTokenId"},
		{"wrong secret", func(q *request) { q.secret = "guess" }, "SignatureDoesNotMatch"},
		{"wrong region", func(q *request) { q.region = "eu-central-1" }, "SignatureDoesNotMatch"},
		{"wrong service", func(q *request) { q.service = "s3" }, "SignatureDoesNotMatch"},
		{"another body", func(q *request) { q.receivedBody = &other }, "SignatureDoesNotMatch"},
		{"another target", func(q *request) {
			q.after = func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonSQS.DeleteQueue") }
		}, "SignatureDoesNotMatch"},
		{"an unsigned X-Amz header", func(q *request) {
			q.after = func(r *http.Request) { r.Header.Set("X-Amz-Added", "1") }
		}, "SignatureDoesNotMatch"},
		{"another path", func(q *request) { q.after = func(r *http.Request) { r.URL.Path = "/other" } }, "SignatureDoesNotMatch"},
		{"another query", func(q *request) { q.after = func(r *http.Request) { r.URL.RawQuery = "a=1" } }, "SignatureDoesNotMatch"},
		{"another host", func(q *request) { q.after = func(r *http.Request) { r.Host = "example.com" } }, "SignatureDoesNotMatch"},
		{"another hash", func(q *request) {
			q.after = func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", strings.Repeat("0", 64)) }
		}, "SignatureDoesNotMatch"},
		{"unsigned", func(q *request) { q.after = func(r *http.Request) { r.Header.Del("Authorization") } }, "MissingAuthenticationToken"},
		{"another scheme", func(q *request) {
			q.after = func(r *http.Request) { r.Header.Set("Authorization", "Bearer cloudworks") }
		}, "IncompleteSignature"},
		{"no date", func(q *request) { q.after = func(r *http.Request) { r.Header.Del("X-Amz-Date") } }, "IncompleteSignature"},
		{"presigned", func(q *request) { q.presigned("60") }, ""},
		{"presigned, still good", func(q *request) { q.presigned("3600"); q.age = 50 * time.Minute }, ""},
		{"presigned, expired", func(q *request) { q.presigned("60"); q.age = 2 * time.Minute }, "RequestExpired"},
		{"presigned for too long", func(q *request) { q.presigned("604801") }, "IncompleteSignature"},
		{"presigned, tampered with", func(q *request) {
			q.presigned("60")
			q.after = func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "ListQueues", "Other", 1) }
		}, "SignatureDoesNotMatch"},
		{"presigned, prolonged", func(q *request) {
			q.presigned("60")
			q.after = func(r *http.Request) {
				r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "Expires=60", "Expires=600", 1)
			}
		}, "SignatureDoesNotMatch"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := base
			q.header = map[string]string{}
			for name, value := range base.header {
				q.header[name] = value
			}
			test.change(&q)
			r, body := sign(t, q)
			if got := code(verifier().Verify(r, body)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// presigned makes it a signed address, such as one opens in a browser.
func (q *request) presigned(expires string) {
	q.method, q.url, q.body, q.header = "GET", "http://127.0.0.1:4566/?Action=ListQueues&QueueNamePrefix=a+b", "", nil
	q.presign, q.expires = true, expires
}

// The signing key is kept for a day and made anew for the next.
func TestNextDay(t *testing.T) {
	v := verifier()
	for day := range 3 {
		at(t, exampleTime.AddDate(0, 0, day), func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
			sum := sha256.Sum256(nil)
			who := aws.Credentials{AccessKeyID: "cloudworks", SecretAccessKey: "secret"}
			if err := v4.NewSigner().SignHTTP(context.Background(), who, r, hex.EncodeToString(sum[:]), "sqs", "us-east-1", time.Now()); err != nil {
				t.Fatal(err)
			}
			if err := v.Verify(r, nil); err != nil {
				t.Errorf("day %d: %v", day, err)
			}
		})
	}
}

// No header makes the parser panic, and none is taken for a good signature.
func FuzzAuthorization(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=cloudworks/20150830/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=5d67", "20150830T123600Z", "X-Amz-Date=1")
	f.Add("AWS4-HMAC-SHA256 Credential=////,SignedHeaders=;,Signature==", "", "a=%zz&;")
	f.Add("", "x", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=cloudworks/20150830/us-east-1/sqs/aws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=9&X-Amz-SignedHeaders=host&X-Amz-Signature=0")
	f.Fuzz(func(t *testing.T, authorization, date, query string) {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", nil)
		r.URL.RawQuery = query
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Date", date)
		if err := verifier().Verify(r, nil); code(err) == "" {
			t.Errorf("took %q for a good signature", authorization)
		}
		r.Header.Del("Authorization")
		if err := verifier().Verify(r, nil); code(err) == "" {
			t.Errorf("took %q for a good signature", query)
		}
	})
}
