package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestLicence(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"Apache License\n   Version 2.0, January 2004", "Apache-2.0"},
		{"Licensed under the Apache License, Version 2.0", "Apache-2.0"},
		{"Permission is hereby granted, free of charge, to any person\nobtaining a copy of", "MIT"},
		{"Redistribution and use in source and binary\n\tforms, with or without", "BSD-2-Clause or BSD-3-Clause"},
		{"GNU GENERAL PUBLIC LICENSE Version 3", ""},
		{"All rights reserved.", ""},
	} {
		got, err := licence(work{"a", []string{"a notice", test.text}})
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q: got %q, %v; want %q", test.text, got, err, test.want)
		}
	}
}

// The document names every work and has each text once.
func TestDocument(t *testing.T) {
	mit := "Permission is hereby granted, free of charge, to any person obtaining a copy"
	got, err := document([]work{{"a v1", []string{mit}}, {"b v2", []string{mit}}, {"c v3", []string{mit, "a notice"}}})
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(got, []byte(mit)); n != 2 {
		t.Errorf("the text stands there %d times, want 2:\n%s", n, got)
	}
	for _, want := range []string{"a v1: MIT\n", "c v3: MIT\n", "\na v1\nb v2\n\n", "a notice"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if _, err := document([]work{{"d v4", []string{"mine"}}}); err == nil {
		t.Error("an unknown licence was taken")
	}
}

// The file in the repository is what belongs to go.mod and to what the pages
// embed.
func TestUpToDate(t *testing.T) {
	t.Chdir("../..")
	var out bytes.Buffer
	if err := write(true, &out); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"static/vendor/htmx: 0BSD", "static/vendor/pico: MIT", "Go's standard library and runtime: BSD", "github.com/aws/aws-sdk-go-v2 v"} {
		if !strings.Contains(string(text), "\n"+want) {
			t.Errorf("%s has no line %q", file, want)
		}
	}
}
