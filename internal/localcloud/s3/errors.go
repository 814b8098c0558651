package s3

import (
	"errors"

	"github.com/rclone/gofakes3"
)

// answer is an error for the client that gofakes3 has no code for: its own
// code, with the HTTP status of one that gofakes3 knows.
type answer struct {
	gofakes3.ErrorResponse
	like gofakes3.ErrorCode
}

// ErrorCode is where gofakes3 takes the HTTP status from.
func (a *answer) ErrorCode() gofakes3.ErrorCode { return a.like }

func newAnswer(code string, like gofakes3.ErrorCode, message string) error {
	return &answer{gofakes3.ErrorResponse{Code: gofakes3.ErrorCode(code), Message: message}, like}
}

func bucketExists() error {
	return newAnswer("BucketAlreadyOwnedByYou", gofakes3.ErrBucketAlreadyExists,
		"Your previous request to create the named bucket succeeded and you already own it.")
}

func partTooSmall() error {
	return newAnswer("EntityTooSmall", gofakes3.ErrInvalidRequest,
		"Your proposed upload is smaller than the minimum allowed object size.")
}

func payloadMismatch() error {
	return newAnswer("XAmzContentSHA256Mismatch", gofakes3.ErrInvalidRequest,
		"The provided 'x-amz-content-sha256' header does not match what was computed.")
}

// isAnswer reports whether err is meant for the client, not a failure of ours.
func isAnswer(err error) bool {
	coded, ok := errors.AsType[interface {
		error
		ErrorCode() gofakes3.ErrorCode
	}](err)
	return ok && coded.ErrorCode() != gofakes3.ErrInternal
}
