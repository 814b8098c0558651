package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/cloudpic/codec/codectest"
	"cloudworks/internal/cloudpic/enhance"
	"cloudworks/internal/jobs"
)

const (
	// room is what a picture may take beyond its estimate: the collector's
	// garbage, which the estimate leaves to the process as a whole.
	room = 16 << 20
	// bigClaims is how many pictures there are for one whose header claims to be
	// large: the memory it gets is what its admission allows for.
	bigClaims = 251
	// heavy is an estimate from which on memory is tidied first.
	heavy = 8 << 20
)

// originals are the pictures that are damaged: Go's own and ours.
func originals() ([][]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("find Go's pictures: %w", err)
	}
	var out [][]byte
	for _, pattern := range []string{
		filepath.Join(strings.TrimSpace(string(root)), "src/image/testdata/*.*"),
		"internal/cloudpic/codec/testdata/*.webp",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("no pictures %s: run it at the top of the repository", pattern)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			out = append(out, data)
		}
	}
	return out, nil
}

// task is one damaged picture and how it is to be enhanced.
type task struct {
	data    []byte
	library string
	options cloudpic.Options
}

func taskOf(files [][]byte, seed, i int) task {
	rng := rand.New(rand.NewPCG(uint64(seed), uint64(i))) // #nosec G115 G404 -- repeatable on purpose
	file := files[rng.IntN(len(files))]
	if i%bigClaims == 0 {
		file = codectest.Enlarge(rng, file, 8000)
	}
	t := task{data: codectest.Mutate(rng, file)}
	t.library = []string{"turbo", "go"}[i&1]
	t.options = cloudpic.Options{Preset: []enhance.Preset{enhance.Auto, enhance.Classic}[i>>1&1], Strength: enhance.MaxStrength}
	return t
}

// estimate is what the worker's admission reckons with, in bytes.
func (t task) estimate() int64 {
	h, err := codec.ReadHeader(bytes.NewReader(t.data), int64(len(t.data)))
	if err != nil {
		return 0
	}
	mode := codec.Planes
	if t.options.Preset == enhance.Classic {
		mode = codec.RGB
	}
	return h.CostIn(mode) + int64(len(t.data))
}

// tally counts what became of the pictures.
type tally struct {
	done, refused, heavy, above int
	most                        float64 // of memory, as a part of estimate and room
	worst                       string
}

func work(seed, n int, progress string, out io.Writer) error {
	files, err := originals()
	if err != nil {
		return err
	}
	count, err := os.Create(progress)
	if err != nil {
		return err
	}
	defer count.Close()
	// As in the worker's child: garbage counts little against a picture.
	debug.SetGCPercent(50)
	began := time.Now()
	var sum tally
	for i := range n {
		if _, err := count.WriteAt([]byte(name(seed, i)+" "), 0); err != nil {
			return err
		}
		if err := sum.add(taskOf(files, seed, i), name(seed, i), out); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "seed %d: %d pictures in %v: %d enhanced, %d refused; %d of them above %d MB by estimate; most memory %.2f of what is allowed (%s); %d above\n",
		seed, n, time.Since(began).Round(time.Second), sum.done, sum.refused, sum.heavy, heavy>>20, sum.most, sum.worst, sum.above)
	if sum.above > 0 {
		return fmt.Errorf("%d pictures took more memory than allowed", sum.above)
	}
	return nil
}

func name(seed, i int) string { return strconv.Itoa(seed) + "/" + strconv.Itoa(i) }

// add enhances a picture and looks at the memory that it took.
func (s *tally) add(t task, name string, out io.Writer) error {
	if err := codec.Select(t.library); err != nil {
		return err
	}
	estimate := t.estimate()
	if estimate > heavy {
		s.heavy++
		tidy()
	}
	if err := resetPeak(); err != nil {
		return err
	}
	before, _, err := resident()
	if err != nil {
		return err
	}
	_, err = cloudpic.Enhance(t.data, t.options)
	_, peak, failed := resident()
	if failed != nil {
		return failed
	}
	if err == nil {
		s.done++
	} else if _, ok := errors.AsType[*jobs.Error](err); ok {
		s.refused++
	} else {
		return fmt.Errorf("%s: %w, which isn't for people", name, err)
	}
	if part := float64(peak-before) / float64(estimate+room); part > s.most {
		s.most, s.worst = part, name
	}
	if peak-before > estimate+room {
		s.above++
		fmt.Fprintf(out, "%s by %s, %s: %d MB, estimate %d MB\n", name, t.library, t.options.Preset, (peak-before)>>20, estimate>>20)
	}
	if estimate > heavy {
		tidy()
	}
	return nil
}

// write gives one of the pictures.
func write(name string, out io.Writer) error {
	files, err := originals()
	if err != nil {
		return err
	}
	var seed, i int
	if _, err := fmt.Sscanf(name, "%d/%d", &seed, &i); err != nil {
		return fmt.Errorf("name %q, not seed/number: %w", name, err)
	}
	_, err = out.Write(taskOf(files, seed, i).data)
	return err
}
