package cloud

import (
	"context"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go/middleware"
)

// Call is one try of a request to SQS or S3 and how it ended.
type Call struct {
	Service   string // SQS or S3
	Operation string // SendMessageBatch, PutObject, ...
	Took      time.Duration
	Err       error
	// Try is 1 for the first, 2 for the first retry.
	Try int
	// Entries is how many entries a batch had, and how many messages a
	// receive gave; NoEntries for what has none.
	Entries int
	// Bytes is what the messages sent or received sum up to, as SQS bills
	// them. 0 for calls to S3.
	Bytes int
}

// NoEntries is Call.Entries of a call that isn't a batch's.
const NoEntries = -1

// observe reports every try of every call. It sits behind the SDK's retries,
// so that a call that was tried twice counts twice, as on the bill.
func observe(report func(Call)) func(*middleware.Stack) error {
	begin := middleware.InitializeMiddlewareFunc("ObserveInput",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			asked := new(Call)
			asked.Entries, asked.Bytes = asks(in.Parameters)
			return next.HandleInitialize(middleware.WithStackValue(ctx, askedKey{}, asked), in)
		})
	try := middleware.FinalizeMiddlewareFunc("Observe",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			began := time.Now()
			out, meta, err := next.HandleFinalize(ctx, in)
			call := Call{Entries: NoEntries}
			if asked, ok := middleware.GetStackValue(ctx, askedKey{}).(*Call); ok {
				asked.Try++ // tries follow each other
				call = *asked
			}
			if got, ok := out.Result.(*sqs.ReceiveMessageOutput); ok && err == nil {
				call.Entries, call.Bytes = gives(got)
			}
			call.Service, call.Operation = awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
			call.Took, call.Err = time.Since(began), err
			report(call)
			return out, meta, err
		})
	return func(s *middleware.Stack) error {
		if err := s.Initialize.Add(begin, middleware.After); err != nil {
			return err
		}
		return s.Finalize.Add(try, middleware.After)
	}
}

type askedKey struct{}

// asks gives the entries of a batch, and the bytes of the messages in it.
func asks(input any) (entries, bytes int) {
	switch in := input.(type) {
	case *sqs.SendMessageBatchInput:
		for _, e := range in.Entries {
			bytes += size(e.MessageBody, e.MessageAttributes)
		}
		return len(in.Entries), bytes
	case *sqs.DeleteMessageBatchInput:
		return len(in.Entries), 0
	case *sqs.ChangeMessageVisibilityBatchInput:
		return len(in.Entries), 0
	}
	return NoEntries, 0
}

func gives(out *sqs.ReceiveMessageOutput) (entries, bytes int) {
	for _, m := range out.Messages {
		bytes += size(m.Body, m.MessageAttributes)
	}
	return len(out.Messages), bytes
}

// size is what SQS counts of a message: the body, and name, type and value of
// every attribute.
func size(body *string, attributes map[string]types.MessageAttributeValue) int {
	n := length(body)
	for name, v := range attributes {
		n += len(name) + length(v.DataType) + length(v.StringValue) + len(v.BinaryValue)
	}
	return n
}

func length(s *string) int {
	if s == nil {
		return 0
	}
	return len(*s)
}
