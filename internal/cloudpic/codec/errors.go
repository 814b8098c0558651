package codec

import (
	"errors"
	"fmt"
	"io"

	"cloudworks/internal/jobs"
)

// errCutOff marks a file that ends too early.
var errCutOff = fmt.Errorf("cut off: %w", io.ErrUnexpectedEOF)

// damaged is the answer to a file of a known format that can't be read.
func damaged(f Format, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &jobs.Error{
			Code:    jobs.CodeInvalid,
			Message: fmt.Sprintf("The %s file ends too early: a part of it is missing. Please send the whole file.", f),
			Err:     err,
		}
	}
	return &jobs.Error{
		Code:    jobs.CodeInvalid,
		Message: fmt.Sprintf("The %s file is damaged and can't be read. Saving it anew in a picture editor may help.", f),
		Err:     err,
	}
}

// unsupported is the answer to a rare kind of a known format.
func unsupported(format string, args ...any) error {
	return jobs.Errorf(jobs.CodeUnsupported, format, args...)
}

// rescue turns a decoder's panic into an error. It is deferred.
func rescue(f Format, err *error) {
	if p := recover(); p != nil {
		*err = damaged(f, fmt.Errorf("decoder panicked: %v", p))
	}
}
