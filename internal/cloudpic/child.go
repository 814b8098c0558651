package cloudpic

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"cloudworks/internal/jobs"
)

// A picture that was received before may be what killed a worker. It is
// enhanced in a child process, so that it can kill only that: the worker lives
// to count, and in the end to say that the picture can't be done.

// ChildCommand is the argument with which a program that has a Worker calls
// itself to enhance one picture; the program then calls RunChild.
const ChildCommand = "enhance-picture"

const (
	// childTime is how long a child may take.
	childTime = time.Minute
	// childRoom is what a child may take beyond the estimate of its picture,
	// in bytes: the runtime, and what the estimate misses.
	childRoom = 512 << 20
)

// childAnswer is what a child writes to its standard output.
type childAnswer struct {
	Output Output
	// Code and Message are those of a *jobs.Error; Failure is any other
	// error's text.
	Code    jobs.Code
	Message string
	Failure string
}

// RunChild enhances the picture on stdin and writes a childAnswer to stdout.
// The arguments are preset, strength, and the most memory in bytes.
func RunChild(args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) != 3 {
		return fmt.Errorf("%s takes a preset, a strength and a limit, and is called by the worker alone", ChildCommand)
	}
	o, err := ParseOptions(args[0], args[1])
	if err != nil {
		return err
	}
	limit, err := strconv.ParseUint(args[2], 10, 63)
	if err != nil {
		return fmt.Errorf("limit: %w", err)
	}
	// A hardened service may not set limits; its own then has to do.
	_ = limitMemory(limit)
	data, err := io.ReadAll(stdin)
	if err != nil {
		return fmt.Errorf("read picture: %w", err)
	}
	var a childAnswer
	a.Output, err = Enhance(data, o)
	if why, ok := errors.AsType[*jobs.Error](err); ok {
		a.Code, a.Message = why.Code, why.Message
	} else if err != nil {
		a.Failure = err.Error()
	}
	return gob.NewEncoder(stdout).Encode(a)
}

// enhanceApart is Enhance in a child process, with memory as its estimate. A
// child that dies is an error that may pass, as far as anyone can tell.
func (w *Worker) enhanceApart(ctx context.Context, data []byte, o Options, memory int64) (Output, error) {
	ctx, cancel := context.WithTimeout(ctx, childTime)
	defer cancel()
	args := append(w.child[1:len(w.child):len(w.child)], string(o.Preset), strconv.Itoa(o.Strength), strconv.FormatInt(memory+childRoom, 10))
	cmd := exec.CommandContext(ctx, w.child[0], args...) // #nosec G204 -- our own program
	//nolint:forbidigo // handed on, not read
	cmd.Env = append(os.Environ(), "GOMEMLIMIT="+strconv.FormatInt(memory+childRoom/2, 10))
	cmd.Stdin = bytes.NewReader(data)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		err = fmt.Errorf("enhance in a child process: %w: %.500s", errors.Join(err, context.Cause(ctx)), said.String())
		if cmd.ProcessState != nil && !errors.Is(context.Cause(ctx), context.Canceled) { // it began, and died of itself or took too long
			return Output{}, &jobs.Poison{Err: err}
		}
		return Output{}, err
	}
	var a childAnswer
	if err := gob.NewDecoder(&out).Decode(&a); err != nil {
		return Output{}, fmt.Errorf("answer of the child process: %w", err)
	}
	switch {
	case a.Code != "":
		return Output{}, &jobs.Error{Code: a.Code, Message: a.Message}
	case a.Failure != "":
		return Output{}, errors.New(a.Failure)
	}
	return a.Output, nil
}
