// Command hostile has damaged pictures enhanced as the worker does it, and
// watches that none takes the process down or more memory than its admission
// allows for. It is run by hand, on Linux.
//
//	go run ./bench/hostile -n 1000000
//	go run ./bench/hostile -from 1/12345 > picture   # one of them
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	fs := flag.NewFlagSet("hostile", flag.ContinueOnError)
	fs.SetOutput(errs)
	n := fs.Int("n", 20_000, "damaged files, over all processes")
	processes := fs.Int("j", runtime.NumCPU(), "processes at once")
	seed := fs.Int("seed", 0, "a process's own seed: it is then one that does the work")
	progress := fs.String("progress", "", "file in which a process keeps count")
	from := fs.String("from", "", "write one damaged file, named seed/number as in a report")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	var err error
	switch {
	case *from != "":
		err = write(*from, out)
	case *seed > 0:
		err = work(*seed, *n, *progress, out)
	default:
		err = spread(*n, *processes, out)
	}
	if err != nil {
		fmt.Fprintln(errs, "hostile:", err)
		return 1
	}
	return 0
}

// spread has processes share the work, and tells of each that died where it was.
func spread(n, processes int, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "hostile")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var all sync.WaitGroup
	said, failed := make([]bytes.Buffer, processes), make([]error, processes)
	for i := range processes {
		all.Go(func() {
			progress := filepath.Join(dir, strconv.Itoa(i))
			cmd := exec.Command(self, "-n", strconv.Itoa(n/processes), "-seed", strconv.Itoa(i+1), "-progress", progress)
			cmd.Stdout, cmd.Stderr = &said[i], &said[i]
			if err := cmd.Run(); err != nil {
				at, _ := os.ReadFile(progress)
				failed[i] = fmt.Errorf("process %d: %w, at %s", i+1, err, at)
			}
		})
	}
	all.Wait()
	for i := range said {
		fmt.Fprint(out, said[i].String())
		if failed[i] != nil {
			err = failed[i]
		}
	}
	return err
}
