//go:build unix

package cloudpic

import "syscall"

// limitMemory bounds what the process may map to write to, in bytes. Beyond
// it the Go runtime gives up, which is the end of the process.
func limitMemory(bytes uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes})
}
