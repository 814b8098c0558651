package cloudpic

import "strings"

// maxName is the longest file name that is kept, in characters: it fits
// anywhere, and still tells pictures apart.
const maxName = 100

// CleanName keeps a file name for show: its last element, without control
// characters, of bounded length. One that is too long loses its middle, for
// its end tells the format.
func CleanName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return -1 // control characters, and those that turn the direction of text
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	r := []rune(strings.TrimSpace(name))
	switch {
	case len(r) == 0:
		return "picture"
	case len(r) > maxName:
		const end = 10
		r = append(r[:maxName-end:maxName-end], r[len(r)-end:]...)
	}
	return string(r)
}
