package e2e

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sys/unix"
)

// diskFull takes all the room on the backend's disk, and gives it back once
// the backend has refused what it was given for a while. Visitors may notice
// nothing: those who have sent a list wait for its answer.
//
// Every second time the disk is full for the backend alone, whose files can't
// be written to; so it is each time where a small disk can't be mounted, for
// which one must be root.
func diskFull(t *testing.T, d dose) *trial {
	disk, mounted := smallDisk(t)
	tr := apart(t, filepath.Join(disk, "data"))
	tr.dose = d
	client := newLab(tr.s)
	ballast := filepath.Join(disk, "ballast")
	tr.endure(func(i int) {
		full, room := func() error { return limitFiles(tr.host, 0) }, func() error { return limitFiles(tr.host, math.MaxUint64) }
		if mounted && i%2 == 0 {
			full, room = func() error { return fill(ballast) }, func() error { return os.Remove(ballast) }
		}
		if err := full(); err != nil {
			t.Errorf("fill the disk: %v", err)
			return
		}
		refused := 0
		eventually(t, time.Minute, "the backend refuses", func() error {
			object := &s3.PutObjectInput{Bucket: client.bucket, Key: aws.String("probe"), Body: bytes.NewReader(make([]byte, 64<<10))}
			if _, err := client.s3.PutObject(t.Context(), object); err != nil {
				refused++
			}
			if refused < 3 {
				return errNotYet
			}
			return nil
		})
		if err := room(); err != nil {
			t.Errorf("empty the disk: %v", err)
		}
	})
	return tr
}

// smallDisk mounts a disk of 128 MB. Where that isn't allowed it gives a plain
// folder.
func smallDisk(t *testing.T) (dir string, mounted bool) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128m"); err != nil {
		t.Logf("no disk of the test's own can be mounted: %v", err)
		return dir, false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir, true
}

// fill writes until the disk takes no more.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 1 << 12, 1} {
		for block := make([]byte, size); err == nil; {
			_, err = f.Write(block)
		}
		err = nil
	}
	return nil
}

// limitFiles keeps a process from writing beyond so many bytes of any file. The
// limit can be lifted again up to what it was at first.
func limitFiles(p *process, bytes uint64) error {
	var limit unix.Rlimit
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &limit); err != nil {
		return err
	}
	limit.Cur = min(bytes, limit.Max)
	return unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil)
}
