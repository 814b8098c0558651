//go:build !unix

package cloudpic

// limitMemory does nothing where there is no such limit; the child's time and
// GOMEMLIMIT hold it.
func limitMemory(uint64) error { return nil }
