package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
)

// begin tells of every call as a whole, in front of the SDK's retries.
func begin(tell func(ctx context.Context, service, operation, key string) (context.Context, func(error))) func(*middleware.Stack) error {
	step := middleware.InitializeMiddlewareFunc("Begin",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			ctx, end := tell(ctx, awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), objectKey(in.Parameters))
			out, meta, err := next.HandleInitialize(ctx, in)
			told := err
			if err != nil {
				told = objectError(queueError(err))
			}
			end(told)
			return out, meta, err
		})
	return func(s *middleware.Stack) error { return s.Initialize.Add(step, middleware.After) }
}

// objectKey gives the key of the object that a call is about.
func objectKey(input any) string {
	switch in := input.(type) {
	case *s3.PutObjectInput:
		return aws.ToString(in.Key)
	case *s3.GetObjectInput:
		return aws.ToString(in.Key)
	case *s3.HeadObjectInput:
		return aws.ToString(in.Key)
	}
	return ""
}
