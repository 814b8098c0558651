package s3

import "net/http"

// Operation names what a request asks for, as the SDK does.
func Operation(r *http.Request) string { return operation(r) }
