package site

import (
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
)

// What is taken says the same as its digits, read by other means.
func FuzzDecodeJSON(f *testing.F) {
	f.Add([]byte(`{"numbers":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}`))
	f.Add([]byte(`{"numbers":[9223372036854775807,-9223372036854775808,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,-0]}`))
	f.Add([]byte(`{"numbers":["1",2.0,1e3,null,{},[]]}`))
	f.Add([]byte(`{"numbers":null}{`))
	f.Fuzz(func(t *testing.T, body []byte) {
		sub, err := decodeJSON(body)
		if err != nil {
			if !isPublic(err) {
				t.Errorf("an error that nobody may see: %v", err)
			}
			return
		}
		_, rest, _ := strings.Cut(string(body), "[")
		digits, _, _ := strings.Cut(rest, "]")
		for i, word := range strings.Split(digits, ",") {
			want, ok := new(big.Int).SetString(strings.TrimSpace(word), 10)
			if !ok || want.Cmp(big.NewInt(sub.list[i])) != 0 {
				t.Errorf("number %d: got %d of %q", i+1, sub.list[i], word)
			}
		}
	})
}

func FuzzDecodeForm(f *testing.F) {
	f.Add("n=1&n=2")
	f.Add("numbers=1,2,3")
	f.Add("n=1&n=2&n=3&n=4&n=5&n=6&n=7&n=8&n=9&n=10&n=11&n=12&n=13&n=14&n=15&n=16&n=17&n=18&n=19&n=x")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		sub, err := decodeForm(form["n"], form["numbers"])
		if err == nil {
			return
		}
		s := &Site{}
		shown := withErrors(s.calcForm(sub.typed), sub, jobs.Public(err).Message)
		if shown.Summary == nil || shown.Summary.Title == "" || len(shown.Fields) != cloudcal.Count {
			t.Errorf("the form says nothing of %v", err)
		}
	})
}

func FuzzDecodeRecent(f *testing.F) {
	f.Add("20261124T101112-ABCDEFGHIJKLMNOPQRSTUVWXYZ~aG9saWRheQ")
	f.Add("bulk:20261124T101112-ABCDEFGHIJKLMNOPQRSTUVWXYZ~bGlzdHMuY3N2")
	f.Add("20261124T101112-ABCDEFGHIJKLMNOPQRSTUVWXYZ.ABCDEFGHIJKLMNOPQRSTUVWXYZ234567AB_x")
	f.Fuzz(func(t *testing.T, value string) {
		list := decodeRecent(value)
		if len(list) > maxRecent {
			t.Errorf("%d jobs", len(list))
		}
		for _, j := range list {
			if strings.Trim(strings.TrimPrefix(j.id, bulkMark), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") != "" || utf8.RuneCountInString(j.hint) > maxHint {
				t.Errorf("took %+v", j)
			}
		}
		if again := decodeRecent(encodeRecent(list)); !slices.Equal(again, list) {
			t.Errorf("%q is read as %q the second time", list, again)
		}
	})
}

func FuzzDecodeLeftOut(f *testing.F) {
	f.Add(encodeLeftOut([]leftOut{{21, "a.jpg"}}))
	f.Add("W10")
	f.Fuzz(func(t *testing.T, value string) {
		for _, l := range decodeLeftOut(value) {
			if l.Number <= cloudpic.MaxPictures || l.Name == "" || !utf8.ValidString(l.Name) {
				t.Errorf("took %+v", l)
			}
		}
	})
}
