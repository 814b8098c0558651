package sqs

import (
	"errors"
	"fmt"
	"net/http"
)

// apiError is an answer other than success, with a name in each protocol.
type apiError struct {
	shape   string // AWS JSON: __type
	code    string // Query: Code; AWS JSON: the header x-amzn-query-error
	status  int    // of HTTP; 500 and above are the server's fault
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// senderFault tells whether the client is to blame.
func (e *apiError) senderFault() bool { return e.status < http.StatusInternalServerError }

const (
	// sqsShape precedes the names of SQS's own errors, coralShape those that
	// AWS's services share.
	sqsShape   = "com.amazonaws.sqs#"
	coralShape = "com.amazon.coral.service#"
	// oldCode precedes the names of SQS's own errors in the Query protocol.
	oldCode = "AWS.SimpleQueueService."
)

// own is an error of SQS that had another name in the Query protocol.
func own(name, code, format string, args ...any) *apiError {
	return &apiError{shape: sqsShape + name, code: code, status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

// same is an error of SQS with one name in both protocols.
func same(name, format string, args ...any) *apiError { return own(name, name, format, args...) }

func errNoQueue() *apiError {
	return own("QueueDoesNotExist", oldCode+"NonExistentQueue", "The specified queue does not exist.")
}

// errValue is for a parameter that SQS has no error of its own for.
func errValue(format string, args ...any) *apiError {
	return &apiError{
		shape: coralShape + "InvalidParameterValueException", code: "InvalidParameterValue",
		status: http.StatusBadRequest, message: fmt.Sprintf(format, args...),
	}
}

func errMissing(parameter string) *apiError {
	return &apiError{
		shape: coralShape + "MissingRequiredParameterException", code: "MissingParameter",
		status: http.StatusBadRequest, message: "The request must contain the parameter " + parameter + ".",
	}
}

func errReceipt(handle string) *apiError {
	return same("ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.", handle)
}

func errAttributeValue(name string) *apiError {
	return same("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
}

func errUnsupported(format string, args ...any) *apiError {
	return own("UnsupportedOperation", oldCode+"UnsupportedOperation", format, args...)
}

// errMalformed is for a request that can't be read.
func errMalformed(message string) *apiError {
	return &apiError{shape: coralShape + "SerializationException", code: "MalformedInput", status: http.StatusBadRequest, message: message}
}

func errThrottled() *apiError {
	return &apiError{shape: sqsShape + "RequestThrottled", code: "RequestThrottled", status: http.StatusBadRequest, message: "Request is throttled."}
}

// errInternal hides what the error log has in full.
func errInternal() *apiError {
	return &apiError{
		shape: coralShape + "InternalFailure", code: "InternalFailure", status: http.StatusInternalServerError,
		message: "The request processing has failed because of an unknown error, exception or failure.",
	}
}

// asAPIError gives the answer for any error; known is false for one that only
// the error log may see.
func asAPIError(err error) (answer *apiError, known bool) {
	if answer, ok := errors.AsType[*apiError](err); ok {
		return answer, true
	}
	return errInternal(), false
}

func errOverLimit() *apiError {
	e := same("OverLimit", "Too many messages in flight: a queue may have %d.", maxInFlight)
	e.status = http.StatusForbidden
	return e
}
