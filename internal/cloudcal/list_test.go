package cloudcal

import (
	"errors"
	"strings"
	"testing"

	"cloudworks/internal/jobs"
)

// twenty is "1 2 … 20".
const twenty = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"

func TestParseText(t *testing.T) {
	tests := []struct {
		name, text string
		want       string // the list as the wire has it, empty for an error
		message    string // part of the public message
	}{
		{"row", twenty, twenty, ""},
		{"column", strings.ReplaceAll(twenty, " ", "\n"), twenty, ""},
		{"windows column", strings.ReplaceAll(twenty, " ", "\r\n"), twenty, ""},
		{"commas", strings.ReplaceAll(twenty, " ", ", "), twenty, ""},
		{"semicolons and tabs", strings.ReplaceAll(twenty, " ", ";\t"), twenty, ""},
		{"plus and leading zero", strings.Replace(twenty, "1 2 ", "+01 2 ", 1), twenty, ""},
		{"typographic minus", strings.Replace(twenty, "1 ", "\u22121 ", 1), strings.Replace(twenty, "1 ", "-1 ", 1), ""},
		{"range of int64", strings.Replace(twenty, "1 2 ", "-9223372036854775808 9223372036854775807 ", 1),
			strings.Replace(twenty, "1 2 ", "-9223372036854775808 9223372036854775807 ", 1), ""},
		{"none", " \n", "", "Please give 20 whole numbers"},
		{"nineteen", strings.TrimSuffix(twenty, " 20"), "", "19 of 20 numbers: 1 more to go"},
		{"twenty-one", twenty + " 21", "", "21 numbers; a list has 20, so take 1 away"},
		{"word", strings.Replace(twenty, " 3 ", " three ", 1), "", "Number 3: “three” is not a whole number"},
		{"decimal", strings.Replace(twenty, " 3 ", " 3.5 ", 1), "", "Number 3: “3.5” has a fraction"},
		{"exponent", strings.Replace(twenty, " 3 ", " 1e3 ", 1), "", "Number 3: “1e3” has a fraction"},
		{"too large", strings.Replace(twenty, " 20", " 9223372036854775808", 1), "", "Number 20: “9223372036854775808” is out of range"},
		{"too small", strings.Replace(twenty, " 20", " -9223372036854775809", 1), "", "is out of range"},
		{"hexadecimal", strings.Replace(twenty, " 3 ", " 0x3 ", 1), "", "is not a whole number"},
		{"underscores", strings.Replace(twenty, " 3 ", " 3_0 ", 1), "", "is not a whole number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := ParseText(tt.text)
			if tt.want != "" {
				if err != nil || list.String() != tt.want {
					t.Errorf("ParseText(%q) = %s, %v; want %s", tt.text, list, err, tt.want)
				}
				return
			}
			e, ok := errors.AsType[*jobs.Error](err)
			if !ok || e.Code != jobs.CodeInvalid || !strings.Contains(e.Message, tt.message) {
				t.Errorf("ParseText(%q) gives error %v, want an invalid one with %q", tt.text, err, tt.message)
			}
		})
	}
}

func TestParseFields(t *testing.T) {
	fields := func(change map[int]string) []string {
		f := strings.Fields(twenty)
		for i, text := range change {
			f[i-1] = text
		}
		return f
	}
	tests := []struct {
		name    string
		fields  []string
		wrong   []int // fields that are named
		message string
	}{
		{"good", fields(map[int]string{1: " 1 "}), nil, ""},
		{"one empty", fields(map[int]string{7: ""}), []int{7}, "19 of 20 numbers"},
		{"all empty", make([]string, 20), []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, "there are none yet"},
		{"one word", fields(map[int]string{7: "x"}), []int{7}, "Number 7: “x”"},
		{"a word and a decimal", fields(map[int]string{7: "x", 9: "1.5"}), []int{7, 9}, "2 of the 20 numbers"},
		{"nineteen fields", fields(nil)[:19], nil, "19 of 20 numbers"},
		{"twenty-one fields", append(fields(nil), "21"), nil, "take 1 away"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, wrong, err := ParseFields(tt.fields)
			if tt.message == "" {
				if err != nil || list.String() != twenty {
					t.Errorf("got %s, %v", list, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("got error %v, want one with %q", err, tt.message)
			}
			var got []int
			for _, w := range wrong {
				got = append(got, w.Field)
			}
			if len(got) != len(tt.wrong) {
				t.Fatalf("got wrong fields %v, want %v", got, tt.wrong)
			}
			for i := range got {
				if got[i] != tt.wrong[i] {
					t.Fatalf("got wrong fields %v, want %v", got, tt.wrong)
				}
			}
		})
	}
}

// What is read is written back as the same list, and no message is endless.
func FuzzParseText(f *testing.F) {
	f.Add(twenty)
	f.Add("1,2;3\t-9223372036854775808 \u22125")
	f.Add(strings.Repeat("9", 5000))
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseText(text)
		if err != nil {
			if e := jobs.Public(err); e.Code != jobs.CodeInvalid || len(e.Message) > 400 {
				t.Errorf("error of %q: %v", text, err)
			}
			return
		}
		again, err := ParseText(list.String())
		if err != nil || again != list {
			t.Errorf("%q gives %s, which gives %s, %v", text, list, again, err)
		}
	})
}
