package cloudpic

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"holiday.jpg":            "holiday.jpg",
		"../../etc/passwd":       "passwd",
		`C:\fakepath\a.png`:      "a.png",
		"a\r\nb\x00.jpg":         "ab.jpg",
		"a\u202egpj.exe":         "agpj.exe",
		"\xff.jpg":               ".jpg",
		" ":                      "picture",
		"":                       "picture",
		"dir/":                   "picture",
		strings.Repeat("ü", 100): strings.Repeat("ü", 100),
		strings.Repeat("x", 300) + "portrait.jpeg": strings.Repeat("x", 90) + "trait.jpeg",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("../../etc/passwd")
	f.Add("C:\\fake\\a\u202egpj.exe")
	f.Add("\xff\x00.jpg")
	f.Add(strings.Repeat("ü/", 200))
	f.Fuzz(func(t *testing.T, name string) {
		got := CleanName(name)
		if got == "" || !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxName || strings.ContainsAny(got, "/\\\r\n\x00") {
			t.Errorf("%q became %q", name, got)
		}
	})
}
