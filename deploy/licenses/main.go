// Command licenses writes THIRD_PARTY_LICENSES: the licence of everything that
// the released programs hold which isn't ours. That is the modules whose
// packages are linked in, Go itself, and the files of static/vendor.
//
//	go run ./deploy/licenses          writes the file
//	go run ./deploy/licenses -check   says whether it is as it should be
//
// It fails on a module without a licence, or with one that it doesn't know.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const file = "THIRD_PARTY_LICENSES"

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with everything handed in, and gives the exit code.
func run(args []string, out, stderr io.Writer) int {
	flags := flag.NewFlagSet("licenses", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "only say whether "+file+" is as it should be")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if err := write(*check, out); err != nil {
		fmt.Fprintln(stderr, "licenses:", err)
		return 1
	}
	return 0
}

func write(check bool, out io.Writer) error {
	works, err := shipped()
	if err != nil {
		return err
	}
	text, err := document(works)
	if err != nil {
		return err
	}
	if !check {
		return os.WriteFile(file, text, 0o644) // #nosec G306 -- for everyone to read
	}
	had, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(had, text) {
		return errors.New(file + " isn't what belongs to go.mod and static/vendor; run: go run ./deploy/licenses")
	}
	fmt.Fprintf(out, "%s: %d works\n", file, len(works))
	return nil
}

// work is what somebody else made and we ship, and the texts of its licence.
type work struct {
	name  string // a module's path and version
	texts []string
}

// shipped gives all works, by name.
func shipped() ([]work, error) {
	works, err := modules()
	if err != nil {
		return nil, err
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	gotten, err := read("Go's standard library and runtime", filepath.Join(strings.TrimSpace(string(goroot)), "LICENSE"))
	if err != nil {
		return nil, err
	}
	works = append(works, gotten)
	vendored, err := filepath.Glob("static/vendor/*.LICENSE")
	if err != nil || len(vendored) == 0 {
		return nil, fmt.Errorf("static/vendor has no licences (%w)", err)
	}
	for _, path := range vendored {
		w, err := read(strings.TrimSuffix(filepath.ToSlash(path), ".LICENSE"), path)
		if err != nil {
			return nil, err
		}
		works = append(works, w)
	}
	slices.SortFunc(works, func(a, b work) int { return strings.Compare(a.name, b.name) })
	return works, nil
}

// pkg is what go list says of a package.
type pkg struct {
	Dir    string
	Module *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// modules gives the modules that are linked into a release for Linux.
func modules() ([]work, error) {
	list := exec.Command("go", "list", "-deps", "-json=Dir,Module", "./web", "./worker")
	list.Env = append(list.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	texts := make(map[string]map[string]string) // by module and path
	for packages := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read go list's answer: %w", err)
		}
		if p.Module == nil || p.Module.Main {
			continue
		}
		name := p.Module.Path + " " + p.Module.Version
		if texts[name] == nil {
			texts[name] = make(map[string]string)
		}
		if err := collect(texts[name], p.Dir, p.Module.Dir); err != nil {
			return nil, err
		}
	}
	var works []work
	for name, found := range texts {
		if len(found) == 0 {
			return nil, fmt.Errorf("%s has no licence", name)
		}
		w := work{name: name}
		for _, path := range slices.Sorted(maps.Keys(found)) {
			w.texts = append(w.texts, found[path])
		}
		works = append(works, w)
	}
	return works, nil
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// collect reads the licences in a package's folder and in those above it, up
// to its module's: a part of a module may have a licence of its own.
func collect(into map[string]string, dir, module string) error {
	for {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !licenceFile.MatchString(e.Name()) || e.IsDir() || strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			path := filepath.Join(dir, e.Name())
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			into[path] = tidy(text)
		}
		if dir == module || len(dir) <= len(module) {
			return nil
		}
		dir = filepath.Dir(dir)
	}
}

func read(name, path string) (work, error) {
	text, err := os.ReadFile(path)
	return work{name, []string{tidy(text)}}, err
}

// tidy makes texts that differ by their line ends alike.
func tidy(text []byte) string {
	return strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
}

// known are licences by a phrase of theirs. What isn't here, such as one of
// the GPL's family, is for a person to decide on.
var known = []struct{ name, phrase string }{
	{"Apache-2.0", "apache license version 2.0"},
	{"BSD-2-Clause or BSD-3-Clause", "redistribution and use in source and binary forms"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"0BSD", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"},
}

// licence names the licence of a work's first text that is one.
func licence(w work) (string, error) {
	for _, text := range w.texts {
		plain := strings.ToLower(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " "))
		plain = strings.ReplaceAll(plain, "license, version", "license version")
		for _, k := range known {
			if strings.Contains(plain, k.phrase) {
				return k.name, nil
			}
		}
	}
	return "", fmt.Errorf("%s has a licence that nobody has looked at yet", w.name)
}

// document writes out the works with their licences, each text once.
func document(works []work) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("Cloudworks' programs hold works of others. These are their licences.\n" +
		"Written by: go run ./deploy/licenses\n\n")
	holders := make(map[string][]string) // by text
	var order []string
	for _, w := range works {
		name, err := licence(w)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s: %s\n", w.name, name)
		whole := strings.Join(w.texts, "\n\n")
		if holders[whole] == nil {
			order = append(order, whole)
		}
		holders[whole] = append(holders[whole], w.name)
	}
	for _, text := range order {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 78), strings.Join(holders[text], "\n"), text)
	}
	return b.Bytes(), nil
}
