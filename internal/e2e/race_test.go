//go:build race

package e2e

// The processes look for races when the tests do.
var buildFlags = []string{"-race"}

// raceDetector tells whether the processes look for races.
const raceDetector = true
