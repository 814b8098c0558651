package s3_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"cloudworks/internal/localcloud/s3"
)

// childDir is the variable that has the test binary serve a store instead of
// testing.
const childDir = "LOCALCLOUD_S3_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(serveForParent(dir))
	}
	os.Exit(m.Run())
}

// serveForParent serves the store in dir, prints its address, and ends with
// its standard input.
func serveForParent(dir string) int {
	store, err := s3.Open(s3.Options{
		Dir: dir, AccessKey: keyPair, SecretKey: keyPair, Region: region,
		ErrorLog: func(err error) { fmt.Fprintln(os.Stderr, err) },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	server := httptest.NewServer(store)
	fmt.Println(server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent
	server.Close()
	if err := store.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// process is a store in a process of its own.
type process struct {
	*exec.Cmd
	url   string
	stdin io.Closer
}

func start(t *testing.T, dir string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), childDir+"="+dir), os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: cmd, stdin: stdin}
	t.Cleanup(p.kill)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the store's process said %q: %v", line, err)
	}
	p.url = strings.TrimSpace(line)
	return p
}

// kill is kill -9.
func (p *process) kill() {
	if p.ProcessState == nil {
		_ = p.Process.Kill()
		_ = p.Wait() // killed, as it should be
	}
}

// history is what a key may hold: what was acknowledged last, or anything
// tried since, for a try may have worked without our hearing of it. The empty
// string stands for no object.
type history struct{ allowed []string }

// TestKill kills the process under a load of puts and deletes, again and
// again. What was acknowledged must be there, and nothing that no key names.
func TestKill(t *testing.T) {
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	dir := t.TempDir()
	keys := make(map[string]*history)
	var acknowledged int
	for round := range rounds {
		child := start(t, dir)
		acknowledged += load(t, child, round, keys)
		child.kill()
	}
	store := open(t, func(o *s3.Options) { o.Dir = dir })
	defer store.Close()
	c, _ := serve(t, store)
	inFiles, lost := 0, 0
	for key, h := range keys {
		got, err := get(t.Context(), c, key)
		if err != nil && code(err) != "NoSuchKey" {
			t.Fatal(err)
		}
		if len(got) > inlineMax {
			inFiles++
		}
		if !h.permits(got) {
			lost++
			t.Errorf("%s: got %.40q, want one of %.40q", key, got, h.allowed)
		}
	}
	if blobs := files(t, dir, "blobs"); len(blobs) != inFiles {
		t.Errorf("%d blobs for %d objects", len(blobs), inFiles)
	}
	if spool := files(t, dir, "spool"); len(spool) != 0 {
		t.Errorf("%d files in the spool", len(spool))
	}
	t.Logf("%d kills, %d writes acknowledged, %d keys, %d of them in files, %d lost", rounds, acknowledged, len(keys), inFiles, lost)
}

func (h *history) permits(content string) bool {
	for _, allowed := range h.allowed {
		if content == allowed {
			return true
		}
	}
	return false
}

// load writes until the store is killed, which it does itself after a random
// number of acknowledged writes, and gives their number.
func load(t *testing.T, child *process, round int, keys map[string]*history) int {
	const writers = 8
	random := rand.New(rand.NewPCG(uint64(round), 1))
	enough := int64(30 + random.IntN(100))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c := client(t, child.url, config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
	_, _ = c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String(bucket)}) // ours already
	var (
		all   sync.WaitGroup
		mu    sync.Mutex // guards keys
		acked atomic.Int64
	)
	for w := range writers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(round), uint64(w)))
			for n := 0; ctx.Err() == nil; n++ {
				key, content := next(random, round, w, n)
				mu.Lock()
				h := keys[key]
				if h == nil {
					h = &history{allowed: []string{""}}
					keys[key] = h
				}
				mu.Unlock()
				h.allowed = append(h.allowed, content) // each writer has its own keys
				if write(ctx, c, key, content) != nil {
					stop()
					return
				}
				h.allowed = []string{content}
				if acked.Add(1) == enough {
					_ = child.Process.Kill()
				}
			}
		})
	}
	all.Wait()
	return int(acked.Load())
}

// next gives a writer's next write: mostly to a new key, at times to one of a
// few that it overwrites and deletes again and again.
func next(random *rand.Rand, round, writer, n int) (key, content string) {
	key = fmt.Sprintf("round %d/writer %d/%d", round, writer, n)
	if random.IntN(3) == 0 {
		key = fmt.Sprintf("again/writer %d/%d", writer, random.IntN(3))
		if random.IntN(4) == 0 {
			return key, "" // a delete
		}
	}
	size := 1 + random.IntN(2*inlineMax)
	if random.IntN(10) == 0 {
		size *= 20
	}
	mark := fmt.Sprintf("%s in round %d, write %d ", key, round, n)
	return key, strings.Repeat(mark, 1+size/len(mark))
}

func write(ctx context.Context, c *awss3.Client, key, content string) error {
	if content == "" {
		_, err := c.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: aws.String(bucket), Key: &key})
		return err
	}
	_, err := c.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader(content)})
	return err
}
