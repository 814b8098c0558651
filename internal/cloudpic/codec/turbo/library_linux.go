//go:build linux && (amd64 || arm64)

package turbo

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// names are those under which distributions have the library.
var names = []string{"libturbojpeg.so.0", "libturbojpeg.so"}

// Library is the loaded library.
type Library struct {
	name string

	initDecompress func() uintptr
	initCompress   func() uintptr
	destroy        func(handle uintptr) int32
	errorText      func(handle uintptr) string
	errorCode      func(handle uintptr) int32
	free           func(buffer uintptr)
	header         func(handle uintptr, jpeg *byte, size uint64, width, height, subsampling, colour *int32) int32
	decompress     func(handle uintptr, jpeg *byte, size uint64, pixels *byte, width, pitch, height, format, flags int32) int32
	toPlanes       func(handle uintptr, jpeg *byte, size uint64, planes *[3]unsafe.Pointer, width int32, strides *[3]int32, height, flags int32) int32
	compress       func(handle uintptr, pixels *byte, width, pitch, height, format int32, jpeg *uintptr, size *uint64, subsampling, quality, flags int32) int32
	fromPlanes     func(handle uintptr, planes *[3]unsafe.Pointer, width int32, strides *[3]int32, height, subsampling int32, jpeg *uintptr, size *uint64, quality, flags int32) int32
}

// Load opens the library. It is opened once; later calls give the same answer.
var Load = sync.OnceValues(load)

func load() (*Library, error) {
	var problems []string
	for _, name := range names {
		handle, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		l := new(Library)
		if err := l.bind(handle); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		l.name = fmt.Sprintf("libjpeg-turbo %s (%s)", version(name), name)
		return l, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrMissing, strings.Join(problems, "; "))
}

// bind finds all functions before it makes any of them callable.
func (l *Library) bind(handle uintptr) error {
	functions := []struct {
		name string
		to   any
	}{
		{"tjInitDecompress", &l.initDecompress},
		{"tjInitCompress", &l.initCompress},
		{"tjDestroy", &l.destroy},
		{"tjGetErrorStr2", &l.errorText},
		{"tjGetErrorCode", &l.errorCode},
		{"tjFree", &l.free},
		{"tjDecompressHeader3", &l.header},
		{"tjDecompress2", &l.decompress},
		{"tjDecompressToYUVPlanes", &l.toPlanes},
		{"tjCompress2", &l.compress},
		{"tjCompressFromYUVPlanes", &l.fromPlanes},
	}
	for _, f := range functions {
		symbol, err := purego.Dlsym(handle, f.name)
		if err != nil {
			return fmt.Errorf("find %s: %w", f.name, err)
		}
		purego.RegisterFunc(f.to, symbol)
	}
	return nil
}

// Name is the library with its version, for people.
func (l *Library) Name() string { return l.name }

var versionText = regexp.MustCompile(`libjpeg-turbo version (\d+\.\d+(\.\d+)*)`)

// version looks into the mapped library: the interface has no call that tells.
func version(name string) string {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return "of unknown version"
	}
	for line := range bytes.Lines(maps) {
		i := bytes.IndexByte(line, '/')
		if i < 0 || !bytes.Contains(line, []byte("/"+name)) {
			continue
		}
		text, err := os.ReadFile(strings.TrimSpace(string(line[i:])))
		if err != nil {
			continue
		}
		if m := versionText.FindSubmatch(text); m != nil {
			return string(m[1])
		}
	}
	return "of unknown version"
}
