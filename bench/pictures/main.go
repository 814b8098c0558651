// Command pictures looks at what the enhancement does to photographs: a
// contact sheet for the eye, pixels for judges that aren't ours, and the time
// it takes beside other programs. It is run by hand.
//
//	go run ./bench/pictures sheet -out sheet.png PHOTO…
//	go run ./bench/pictures pixels -out DIR PHOTO…
//	go run ./bench/pictures speed PHOTO
package main

import (
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

var commands = map[string]func(args []string, out io.Writer) error{
	"sheet":  sheet,
	"pixels": pixels,
	"speed":  speed,
	"one":    one,      // run by speed
	"make":   makeJPEG, // run by speed
}

func run(args []string, out, errs io.Writer) int {
	if len(args) == 0 || commands[args[0]] == nil {
		fmt.Fprintln(errs, "usage: pictures sheet|pixels|speed [flags] PHOTO…")
		return 2
	}
	if err := commands[args[0]](args[1:], out); err != nil {
		fmt.Fprintf(errs, "pictures %s: %v\n", args[0], err)
		return 1
	}
	return 0
}
