//go:build !race

package e2e

var buildFlags []string

// raceDetector tells whether the processes look for races.
const raceDetector = false
