package cloud

import (
	"context"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// observe reports every try of every call. It sits behind the SDK's retries,
// so that a call that was tried twice counts twice, as on the bill.
func observe(report func(Call)) func(*middleware.Stack) error {
	step := middleware.FinalizeMiddlewareFunc("Observe",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			began := time.Now()
			out, meta, err := next.HandleFinalize(ctx, in)
			report(Call{
				Service:   awsmiddleware.GetServiceID(ctx),
				Operation: awsmiddleware.GetOperationName(ctx),
				Took:      time.Since(began), Err: err,
			})
			return out, meta, err
		})
	return func(s *middleware.Stack) error { return s.Finalize.Add(step, middleware.After) }
}
