package s3_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestMemory has 100 MB pass through a store's process, whole and in parts,
// without its memory growing with them.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("moves 400 MB")
	}
	const (
		size   = 100 << 20
		growth = 32 << 20 // bytes
	)
	child := start(t, t.TempDir())
	c := client(t, child.url)
	if _, err := c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	put(t, c, "small", "body")
	before := peak(t, child)
	body := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	if _, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("whole"), Body: bytes.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	manager := transfermanager.New(c)
	if _, err := manager.UploadObject(t.Context(), &transfermanager.UploadObjectInput{Bucket: aws.String(bucket), Key: aws.String("parts"), Body: bytes.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"whole", "parts"} {
		out, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String(bucket), Key: &key})
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		_, err = io.Copy(sum, out.Body)
		_ = out.Body.Close()
		if want := sha256.Sum256(body); err != nil || !bytes.Equal(sum.Sum(nil), want[:]) {
			t.Errorf("%s: came back changed (%v)", key, err)
		}
	}
	after := peak(t, child)
	t.Logf("peak memory: %d MB before, %d MB after", before>>20, after>>20)
	if after-before > growth {
		t.Errorf("memory grew by %d MB for objects of %d MB, want at most %d MB", (after-before)>>20, size>>20, growth>>20)
	}
}

// peak gives the most memory that a process has had resident, in bytes.
func peak(t *testing.T, p *process) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		t.Skipf("this system doesn't tell a process's memory: %v", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest + " ?")[0])
	if err != nil {
		t.Skipf("this system doesn't tell a process's memory: %v", err)
	}
	return kilobytes << 10
}
