// Package sqs is an SQS that keeps its queues on the local disk: an
// http.Handler for one process to embed, which the AWS SDK, the AWS CLI and
// boto3 take for the real one. It has standard queues only, no FIFO.
//
// Two protocols share one core: AWS JSON 1.0 (X-Amz-Target: AmazonSQS.…), and
// the older Query protocol (a form with Action=…, answered in XML).
//
// The state is in memory; every change is written to Dir/sqs.bolt (bbolt)
// before the call that made it is answered. Changes that come while a
// transaction is being written leave together in the next one, so that many
// callers share one sync of the disk. A crash at any point keeps what was
// acknowledged; what was being received keeps its visibility time-out, its
// receive count and its receipt handle.
//
// Messages are delivered at least once and in no promised order. Groups
// (MessageGroupId) take turns, and a message without one is a group of its
// own, so that a group with thousands of messages can't starve another.
//
// The package knows nothing of what messages mean.
package sqs
