// Package cloudtest checks that an endpoint behaves as SQS and S3 do, through
// the AWS SDK that the application uses. Its tests run the checks on the
// embedded backend; with CLOUDWORKS_CONFORMANCE=1 also on whatever
// AWS_ENDPOINT_URL names, so that neither the backend nor the checks drift
// away from the real services.
package cloudtest
