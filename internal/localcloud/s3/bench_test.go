package s3_test

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"cloudworks/internal/localcloud/s3"
)

// The benchmarks go through the SDK, so they measure client and store.

func BenchmarkPut(b *testing.B) {
	for _, noSync := range []bool{false, true} {
		for _, writers := range []int{1, 16} {
			b.Run(fmt.Sprintf("sync=%v/writers=%d", !noSync, writers), func(b *testing.B) {
				store := open(b, func(o *s3.Options) { o.NoSync = noSync })
				defer store.Close()
				c, _ := serve(b, store)
				body := make([]byte, 1000)
				var n atomic.Int64
				b.SetParallelism(max(1, writers/2)) // of 2 processors
				run := func() {
					key := strconv.FormatInt(n.Add(1), 36)
					if _, err := c.PutObject(b.Context(), &awss3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: bytes.NewReader(body)}); err != nil {
						b.Error(err)
					}
				}
				b.ResetTimer()
				if writers == 1 {
					for range b.N {
						run()
					}
					return
				}
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						run()
					}
				})
			})
		}
	}
}

func BenchmarkGet(b *testing.B) {
	for _, size := range []int{1000, 5 << 20} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			store := open(b, nil)
			defer store.Close()
			c, _ := serve(b, store)
			put(b, c, "key", string(make([]byte, size)))
			b.SetBytes(int64(size))
			for b.Loop() {
				out, err := c.GetObject(b.Context(), &awss3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("key")})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, out.Body); err != nil {
					b.Fatal(err)
				}
				_ = out.Body.Close()
			}
		})
	}
}

func BenchmarkListPage(b *testing.B) {
	store := open(b, nil)
	defer store.Close()
	c, _ := serve(b, store)
	for i := range 1000 {
		put(b, c, fmt.Sprintf("%05d", i), "")
	}
	for b.Loop() {
		if _, err := c.ListObjectsV2(b.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String(bucket)}); err != nil {
			b.Fatal(err)
		}
	}
}
