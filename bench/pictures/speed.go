package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// A contender takes one JPEG file to another by a command.
type contender struct {
	name string
	argv func(in, out string) []string
}

// contenders are ours and the peers, each on one thread.
func contenders(self string) []contender {
	ours := func(way, library string) func(in, out string) []string {
		return func(in, out string) []string {
			return []string{self, "one", "-way", way, "-library", library, in, out}
		}
	}
	python := func(steps string) func(in, out string) []string {
		return func(in, out string) []string {
			return []string{"/usr/bin/python3", "-c", "import sys\nfrom PIL import Image, ImageEnhance, ImageFilter, ImageOps\n" +
				"im = Image.open(sys.argv[1])\n" + steps + "\nim.save(sys.argv[2], quality=90)", in, out}
		}
	}
	return []contender{
		{"floor: libjpeg-turbo, planes to planes", ours("floor", "turbo")},
		{"ours, auto", ours("auto", "turbo")},
		{"ours, classic", ours("classic", "turbo")},
		{"ours, auto, without the library", ours("auto", "go")},
		{"ours, classic, without the library", ours("classic", "go")},
		{"libvips, contrast", func(in, out string) []string {
			return []string{"vips", "linear", "--uchar", in, out + "[Q=90]", "1.8", "--", "-80"}
		}},
		{"Pillow, contrast", python("im = ImageEnhance.Contrast(im).enhance(1.8)")},
		{"Pillow, comparable to auto", python("im = ImageOps.autocontrast(im, 0.4)\nim = ImageEnhance.Color(im).enhance(1.2)\n" +
			"im = im.filter(ImageFilter.UnsharpMask(20, 25, 0))\nim = im.filter(ImageFilter.UnsharpMask(1, 60, 2))")},
		{"ImageMagick, contrast", func(in, out string) []string {
			return []string{"/usr/bin/convert-im6.q16", in, "-function", "polynomial", "1.8,-0.314", "-quality", "90", out}
		}},
		{"imaging.Open, AdjustContrast, Save", ours("imaging", "go")},
	}
}

// speed times the contenders by turns on pictures of the sizes asked.
func speed(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("speed", flag.ContinueOnError)
	runs := fs.Int("runs", 7, "runs of each, of which the median counts")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() != 1 || *runs < 5 {
		return errors.New("want one photograph to make the pictures of, and -runs of at least 5")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "pictures")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	all := contenders(self)
	tiny := filepath.Join(dir, "tiny.jpg")
	if err := makeBy(self, fs.Arg(0), tiny, image.Pt(16, 16)); err != nil {
		return err
	}
	starts, err := race(all, tiny, *runs)
	if err != nil {
		return err
	}
	for _, size := range []image.Point{{4000, 3000}, {8192, 6144}} {
		in := filepath.Join(dir, "in.jpg")
		if err := makeBy(self, fs.Arg(0), in, size); err != nil {
			return err
		}
		results, err := race(all, in, *runs)
		if err != nil {
			return err
		}
		print(out, size, all, results, starts)
	}
	return nil
}

// makeBy makes a picture in a process of its own: what this one holds in
// memory would count in the peak of every process that it starts.
func makeBy(self, from, to string, size image.Point) error {
	cmd := exec.Command(self, "make", "-width", strconv.Itoa(size.X), "-height", strconv.Itoa(size.Y), from, to)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make %v: %w: %s", size, err, text)
	}
	return nil
}

// result is the median of the runs.
type result struct {
	took time.Duration // of the processor, whatever else the machine does
	rss  int64         // KiB at the peak
}

// race runs all contenders by turns, so that what else the machine does falls
// on all of them. One that isn't installed is left out.
func race(all []contender, in string, runs int) ([]*result, error) {
	out := filepath.Join(filepath.Dir(in), "out.jpg")
	took, rss := make([][]time.Duration, len(all)), make([][]int64, len(all))
	for range runs {
		for i, c := range all {
			argv := c.argv(in, out)
			if _, err := exec.LookPath(argv[0]); err != nil {
				continue
			}
			cmd := exec.Command(argv[0], argv[1:]...)
			cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "VIPS_CONCURRENCY=1", "MAGICK_THREAD_LIMIT=1", "OMP_NUM_THREADS=1")
			if text, err := cmd.CombinedOutput(); err != nil {
				return nil, fmt.Errorf("%s: %w: %s", c.name, err, text)
			}
			took[i] = append(took[i], cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
			rss[i] = append(rss[i], cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
		}
	}
	results := make([]*result, len(all))
	for i := range all {
		if len(took[i]) > 0 {
			results[i] = &result{median(took[i]), median(rss[i])}
		}
	}
	return results, nil
}

func median[T cmp.Ordered](s []T) T {
	slices.Sort(s)
	return s[len(s)/2]
}

// print writes a table for docs/performance.md. The time that a program takes
// to start, known from a tiny picture, is taken off.
func print(out io.Writer, size image.Point, all []contender, results, starts []*result) {
	mp := float64(size.X*size.Y) / 1e6
	fmt.Fprintf(out, "\n| %.0f MP | CPU ms | ratio | peak RSS, MB | MB a MP |\n|---|---|---|---|---|\n", mp)
	net := func(i int) float64 { return float64((results[i].took - starts[i].took).Microseconds()) / 1000 }
	for i, c := range all {
		if results[i] == nil {
			fmt.Fprintf(out, "| %s | not installed | | | |\n", c.name)
			continue
		}
		mb := float64(results[i].rss) * 1024 / 1e6
		fmt.Fprintf(out, "| %s | %.0f | %.2f | %.0f | %.1f |\n", c.name, net(i), net(i)/math.Max(net(0), 1), mb, mb/mp)
	}
}
