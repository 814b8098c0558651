package ops

// List prices of us-east-1 in US dollars a million calls, as of November 2026: standard
// queues of SQS, S3 Standard. Free tiers and discounts are left out, and so are
// storage and what is sent to the internet.
const (
	sqsRequest = 0.40 // for each 64 KiB of messages, at least one
	s3Put      = 5.00 // PUT, COPY, POST, LIST
	s3Get      = 0.40 // GET, HEAD and all others

	sqsChunk = 64 << 10 // bytes
)

// price is what a million of such tries of calls cost, in dollars. A failed one is taken to cost the same.
func price(c Call) float64 {
	if c.Service == "SQS" {
		return sqsRequest * float64(max(1, (c.Bytes+sqsChunk-1)/sqsChunk))
	}
	switch c.Operation {
	case "PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload",
		"ListObjectsV2", "ListBuckets", "CreateBucket":
		return s3Put
	case "DeleteObject", "DeleteObjects", "AbortMultipartUpload":
		return 0
	}
	return s3Get
}
