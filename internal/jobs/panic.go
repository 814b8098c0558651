package jobs

import (
	"fmt"
	"runtime/debug"
)

// panicked is the error of work that panicked.
type panicked struct {
	value any
	stack []byte
}

func (e *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// recovered makes a panic an error, when deferred.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = &panicked{value: v, stack: debug.Stack()}
	}
}
