package s3

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestOperation(t *testing.T) {
	for _, test := range []struct{ method, target, copySource, want string }{
		{http.MethodGet, "/", "", "ListBuckets"},
		{http.MethodPut, "/bucket", "", "CreateBucket"},
		{http.MethodHead, "/bucket/", "", "HeadBucket"},
		{http.MethodDelete, "/bucket", "", "DeleteBucket"},
		{http.MethodGet, "/bucket", "", "ListObjects"},
		{http.MethodGet, "/bucket?list-type=2&prefix=a", "", "ListObjectsV2"},
		{http.MethodGet, "/bucket?location", "", "GetBucketLocation"},
		{http.MethodPost, "/bucket?delete", "", "DeleteObjects"},
		{http.MethodPut, "/bucket?lifecycle", "", "PutBucketLifecycleConfiguration"},
		{http.MethodGet, "/bucket?uploads", "", "ListMultipartUploads"},
		{http.MethodGet, "/bucket/a/b", "", "GetObject"},
		{http.MethodHead, "/bucket//a", "", "HeadObject"},
		{http.MethodPut, "/bucket/a", "", "PutObject"},
		{http.MethodPut, "/bucket/a", "bucket/b", "CopyObject"},
		{http.MethodDelete, "/bucket/a", "", "DeleteObject"},
		{http.MethodPut, "/bucket/a?tagging", "", "PutObjectTagging"},
		{http.MethodPost, "/bucket/a?uploads", "", "CreateMultipartUpload"},
		{http.MethodPut, "/bucket/a?uploadId=x&partNumber=1", "", "UploadPart"},
		{http.MethodPost, "/bucket/a?uploadId=x", "", "CompleteMultipartUpload"},
		{http.MethodDelete, "/bucket/a?uploadId=x", "", "AbortMultipartUpload"},
		{http.MethodGet, "/bucket/a?uploadId=x", "", "ListParts"},
	} {
		r := httptest.NewRequest(test.method, test.target, nil)
		if test.copySource != "" {
			r.Header.Set("X-Amz-Copy-Source", test.copySource)
		}
		if got := operation(r); got != test.want {
			t.Errorf("%s %s: got %s, want %s", test.method, test.target, got, test.want)
		}
	}
}
