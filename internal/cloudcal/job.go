package cloudcal

import (
	"time"

	"cloudworks/internal/jobs"
)

// Job is one list on its way: what a status page shows.
type Job struct {
	ID    string // <message>.<list>
	State jobs.State
	// Numbers is nil where they can't be known yet: another web instance
	// took them and the worker's record is not there.
	Numbers *List
	Summary *Summary // set when done
	// Error says why, when failed or dead.
	Error     string
	Submitted time.Time
	Answered  time.Time // zero until final
}
