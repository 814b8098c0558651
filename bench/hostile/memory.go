package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
)

// resetPeak makes peak start anew from what is resident now (proc(5), clear_refs).
func resetPeak() error {
	return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// resident gives the process's resident memory and its peak, in bytes: Go's heap
// and what C libraries hold alike.
func resident() (now, peak int64, err error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0, err
	}
	if peak, err = field(status, "VmHWM:"); err != nil {
		return 0, 0, err
	}
	now, err = field(status, "VmRSS:")
	return now, peak, err
}

func field(status []byte, name string) (int64, error) {
	_, rest, found := bytes.Cut(status, []byte(name))
	fields := bytes.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, fmt.Errorf("/proc/self/status has no %s", name)
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return kib << 10, err
}

// tidy gives back what earlier pictures left, so that the next one's memory
// shows whole. The second call empties what the first has made droppable.
func tidy() {
	debug.FreeOSMemory()
	debug.FreeOSMemory()
}
