package sqs_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"cloudworks/internal/localcloud/sqs"
)

// synced runs a benchmark with and without syncing the disk.
func synced(b *testing.B, f func(b *testing.B, client *awssqs.Client, queue *string)) {
	for name, noSync := range map[string]bool{"sync": false, "nosync": true} {
		b.Run(name, func(b *testing.B) {
			_, url := serve(b, sqs.Options{NoSync: noSync})
			client := newClient(b, url)
			queue := create(b, client, "q")
			b.ReportAllocs()
			b.ResetTimer()
			f(b, client, queue)
		})
	}
}

func send(b testing.TB, client *awssqs.Client, queue *string) {
	if _, err := client.SendMessage(context.Background(), &awssqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")}); err != nil {
		b.Error(err)
	}
}

func sendTen(b testing.TB, client *awssqs.Client, queue *string) {
	entries := make([]types.SendMessageBatchRequestEntry, 10)
	for i := range entries {
		entries[i] = types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")}
	}
	if _, err := client.SendMessageBatch(context.Background(), &awssqs.SendMessageBatchInput{QueueUrl: queue, Entries: entries}); err != nil {
		b.Error(err)
	}
}

// receiveTen receives up to ten messages and deletes them.
func receiveTen(b testing.TB, client *awssqs.Client, queue *string) int {
	out, err := client.ReceiveMessage(context.Background(), &awssqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 10})
	if err != nil {
		b.Error(err)
		return 0
	}
	if len(out.Messages) == 0 {
		return 0
	}
	entries := make([]types.DeleteMessageBatchRequestEntry, len(out.Messages))
	for i, m := range out.Messages {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle}
	}
	if _, err := client.DeleteMessageBatch(context.Background(), &awssqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: entries}); err != nil {
		b.Error(err)
	}
	return len(entries)
}

// One client, one message at a time.
func BenchmarkSend(b *testing.B) {
	synced(b, func(b *testing.B, client *awssqs.Client, queue *string) {
		for b.Loop() {
			send(b, client, queue)
		}
	})
}

// 32 clients for each processor.
func BenchmarkSendParallel(b *testing.B) {
	synced(b, func(b *testing.B, client *awssqs.Client, queue *string) {
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				send(b, client, queue)
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}

func BenchmarkSendBatchParallel(b *testing.B) {
	synced(b, func(b *testing.B, client *awssqs.Client, queue *string) {
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				sendTen(b, client, queue)
			}
		})
		b.ReportMetric(float64(10*b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}

func BenchmarkReceiveDeleteParallel(b *testing.B) {
	synced(b, func(b *testing.B, client *awssqs.Client, queue *string) {
		for range b.N {
			sendTen(b, client, queue)
		}
		b.ResetTimer()
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				receiveTen(b, client, queue)
			}
		})
		b.ReportMetric(float64(10*b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}

// From the beginning of a send to the answer of the poll that waits for it.
func BenchmarkWake(b *testing.B) {
	synced(b, func(b *testing.B, client *awssqs.Client, queue *string) {
		var took []time.Duration
		for b.Loop() {
			woken := make(chan time.Time, 1)
			go func() {
				out, err := client.ReceiveMessage(context.Background(), &awssqs.ReceiveMessageInput{QueueUrl: queue, WaitTimeSeconds: 20})
				if err != nil || len(out.Messages) != 1 {
					b.Errorf("got %v and %v, want a message", out, err)
				}
				woken <- time.Now()
			}()
			<-time.After(5 * time.Millisecond) // the poll arrives
			begin := time.Now()
			send(b, client, queue)
			took = append(took, (<-woken).Sub(begin))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	})
}

// 32 clients that send and 32 that receive and delete, one message at a time.
func BenchmarkEndToEnd(b *testing.B) {
	synced(b, func(b *testing.B, client *awssqs.Client, queue *string) {
		var left atomic.Int64
		left.Store(int64(b.N))
		var done atomic.Int64
		var clients sync.WaitGroup
		for range 32 {
			clients.Go(func() {
				for left.Add(-1) >= 0 {
					send(b, client, queue)
				}
			})
			clients.Go(func() {
				for done.Load() < int64(b.N) {
					done.Add(receiveOne(b, client, queue))
				}
			})
		}
		clients.Wait()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}

// receiveOne waits up to a second for a message and deletes it.
func receiveOne(b testing.TB, client *awssqs.Client, queue *string) int64 {
	out, err := client.ReceiveMessage(context.Background(), &awssqs.ReceiveMessageInput{QueueUrl: queue, WaitTimeSeconds: 1})
	if err != nil || len(out.Messages) == 0 {
		return 0
	}
	if _, err := client.DeleteMessage(context.Background(), &awssqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: out.Messages[0].ReceiptHandle}); err != nil {
		b.Error(err)
	}
	return 1
}
