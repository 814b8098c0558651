package jobs

import (
	"errors"
	"fmt"
)

// A Code says what kind of thing went wrong, in the terms of whoever asked.
// It travels in the attribute Code of a reply; the site has one table that
// turns codes into HTTP statuses.
type Code string

const (
	// CodeInvalid: what was sent is not what the job takes.
	CodeInvalid Code = "invalid"
	// CodeTooLarge: it is of the right kind, but over a limit.
	CodeTooLarge Code = "too_large"
	// CodeUnsupported: a format or an option that is not offered.
	CodeUnsupported Code = "unsupported"
	// CodeNotFound: no such job, or one that has expired. The two are not
	// told apart: an address that was never given out says nothing.
	CodeNotFound Code = "not_found"
	// CodeUnavailable: a service behind us does not answer; it may later.
	CodeUnavailable Code = "unavailable"
	// CodeDead: tried as often as is sensible, given to the operator.
	CodeDead Code = "dead"
	// CodeInternal: a fault of ours.
	CodeInternal Code = "internal"
)

// Error is the one kind of error whose text a person outside may see:
// Message is plain English, names what is wrong and what would be right.
// Err, when there is one, is for the log alone.
type Error struct {
	Code    Code
	Message string
	Err     error
}

// Errorf makes an Error with a formatted public message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string {
	if e.Err != nil {
		return string(e.Code) + ": " + e.Message + ": " + e.Err.Error()
	}
	return string(e.Code) + ": " + e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Poison says that the work broke down so badly, as when its process died, that
// the request itself is suspected. It is tried again like any other, but sooner,
// since there is little to wait for; and it says nothing about other requests.
type Poison struct{ Err error }

func (p *Poison) Error() string { return "poison: " + p.Err.Error() }

func (p *Poison) Unwrap() error { return p.Err }

func isPoison(err error) bool {
	_, ok := errors.AsType[*Poison](err)
	return ok
}

// Public gives the part of err that a person may see. For an error that was
// not made for them it is a general one of CodeInternal.
func Public(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: CodeInternal, Message: "Something went wrong on our side. Nothing you sent was lost; please try again.", Err: err}
}

// Permanent reports whether err will be the same however often the job is
// tried: it is then answered as failed and not tried again.
func Permanent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code != CodeUnavailable && e.Code != CodeInternal
}
