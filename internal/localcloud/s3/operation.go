package s3

import (
	"net/http"
	"net/url"
	"strings"
)

// operation names what a request asks for, as the SDK does. What it doesn't
// know is named by its method and sub-resource.
func operation(r *http.Request) string {
	bucket, key, _ := strings.Cut(strings.TrimLeft(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	switch {
	case bucket == "":
		return "ListBuckets"
	case key == "":
		return bucketOperation(r.Method, query)
	default:
		return objectOperation(r, query)
	}
}

func objectOperation(r *http.Request, query url.Values) string {
	method := r.Method
	switch {
	case query.Has("tagging"):
		return titles[method] + "ObjectTagging"
	case query.Has("uploads"):
		return "CreateMultipartUpload"
	case query.Has("uploadId"):
		return map[string]string{
			http.MethodPut: "UploadPart", http.MethodPost: "CompleteMultipartUpload",
			http.MethodDelete: "AbortMultipartUpload", http.MethodGet: "ListParts",
		}[method]
	case method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "":
		return "CopyObject"
	default:
		return titles[method] + "Object"
	}
}

func bucketOperation(method string, query url.Values) string {
	switch {
	case query.Has("delete"):
		return "DeleteObjects"
	case query.Has("location"):
		return "GetBucketLocation"
	case query.Has("lifecycle"):
		return titles[method] + "BucketLifecycleConfiguration"
	case query.Has("uploads"):
		return "ListMultipartUploads"
	case query.Get("list-type") == "2":
		return "ListObjectsV2"
	case method == http.MethodGet:
		return "ListObjects"
	case method == http.MethodPut:
		return "CreateBucket"
	default:
		return titles[method] + "Bucket"
	}
}

// titles are the verbs of operations.
var titles = map[string]string{
	http.MethodGet: "Get", http.MethodPut: "Put", http.MethodHead: "Head",
	http.MethodDelete: "Delete", http.MethodPost: "Post",
}
