//go:build ignore

// Command trim makes vendor/pico.css: the sections of Pico that the pages
// use, out of the whole sheet. It is run by hand when Pico is renewed:
//
//	npm pack @anyblades/pico@2.5.0 && tar xzf anyblades-pico-2.5.0.tgz
//	go run trim.go < package/css/pico.css > vendor/pico.css
package main

import (
	"io"
	"log"
	"os"
	"regexp"
	"strings"
)

// drop names the sections that no page uses, as their comments do.
var drop = []string{
	"Grid", "Overflow auto", "Input type color", "Input type datetime",
	"Input type search", "Card (<article>)", "Dropdown (details.dropdown)",
	`Group ([role="group"], [role="search"])`, "Loading ([aria-busy=true])",
	"Modal (<dialog>)", "Nav", "Tooltip ([data-tooltip])", "Section",
}

var (
	section = regexp.MustCompile(`(?m)^/\*\*\n \* (.*)\n`)
	comment = regexp.MustCompile(`(?s)/\*[^!].*?\*/`)
	// unused are variables of what was dropped.
	unused = regexp.MustCompile(`(?m)^\s*--pico-(icon-(date|time|search|close|loading|minus)|dropdown|modal|tooltip|switch|card|nav|group|ins|del|blockquote|contrast|loading|code-kbd|table-row)[a-z-]*:[^;]*;\n`)
	// forced are the colours for a theme set by an attribute, which is never set.
	forced = regexp.MustCompile(`(?ms)^\[data-theme="?dark"?\][^{}]*\{.*?^\}\n`)
)

func main() {
	all, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	css := string(all)
	starts := section.FindAllStringSubmatchIndex(css, -1)
	var out strings.Builder
	out.WriteString(css[:starts[0][0]])
	for i, at := range starts {
		end := len(css)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		if !dropped(css[at[2]:at[3]]) {
			out.WriteString(css[at[0]:end])
		}
	}
	css = forced.ReplaceAllString(out.String(), "")
	css = unused.ReplaceAllString(css, "")
	css = comment.ReplaceAllString(css, "")
	if _, err := os.Stdout.WriteString(css); err != nil {
		log.Fatal(err)
	}
}

func dropped(name string) bool {
	for _, d := range drop {
		if name == d {
			return true
		}
	}
	return false
}
