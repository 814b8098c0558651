package site

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/cloudpic"
	"cloudworks/static"
	"cloudworks/templates"
)

const homeDescription = "Twenty numbers in, four exact figures out. Photos in, better photos out. No account, nothing from third parties."

// home answers GET /: both forms, and what this browser sent lately. The
// query "numbers" fills CloudCal's form.
func (s *Site) home(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "private, no-cache")
	s.showHome(w, r, http.StatusOK, s.calcForm(prefilled(r.URL.Query().Get("numbers"))), s.picsForm())
}

func (s *Site) showHome(w http.ResponseWriter, r *http.Request, status int, calc templates.CalcForm, pics templates.PicsForm) {
	title := "Two small jobs, done well"
	if status != http.StatusOK {
		title = "Please check: " + title
	}
	p := s.page(title, homeDescription, "calc.js", "bulk.js", "upload.js")
	p.URL = s.base(r) + "/"
	p.Image = s.base(r) + static.Path("share.png")
	s.render(w, r, status, templates.HomePage(p, templates.Home{Calc: calc, Pics: pics, Recent: s.recent(r)}))
}

// typed is what a visitor has put into one of CloudCal's two forms.
type typed struct {
	fields []string
	text   string
	asText bool
}

// prefilled puts text into the fields, or as a whole into the other form when
// it doesn't fit.
func prefilled(text string) typed {
	words := cloudcal.Split(text)
	if len(words) > cloudcal.Count {
		return typed{text: text, asText: true}
	}
	return typed{fields: words}
}

// sample has a pair of outliers, a repeated value and a negative number.
const sample = "12,7,3,25,18,9,-4,31,16,22,7,14,11,28,5,19,40,8,13,21"

// calcForm prepares the form with what was typed.
func (s *Site) calcForm(t typed) templates.CalcForm {
	f := templates.CalcForm{
		Text: t.text, TextOpen: t.asText,
		Kept:   "Numbers and answer are kept for " + spoken(s.opts.LogRetention) + ", in the worker's log.",
		Sample: "/?numbers=" + url.QueryEscape(sample) + "#cloudcal",
		Bulk: templates.BulkForm{
			MaxRows: grouped(cloudcal.MaxRows), RowsNum: strconv.Itoa(cloudcal.MaxRows),
			MaxSize: "64 MB", MaxBytes: strconv.Itoa(maxBulk),
		},
	}
	filled := 0
	for i := range cloudcal.Count {
		n := strconv.Itoa(i + 1)
		field := templates.Field{Label: n, ID: "n" + n, ErrorID: "n" + n + "-error", Last: i == cloudcal.Count-1}
		if i < len(t.fields) {
			field.Value = t.fields[i]
		}
		if strings.TrimSpace(field.Value) != "" {
			filled++
		}
		f.Fields = append(f.Fields, field)
	}
	f.Filled = strconv.Itoa(filled) + " of " + strconv.Itoa(cloudcal.Count)
	return f
}

func (s *Site) picsForm() templates.PicsForm {
	return templates.PicsForm{
		Kept:        "Originals and results are deleted after " + spoken(s.opts.Retention) + ", or as soon as you say so.",
		Options:     optionsForm("new-", cloudpic.DefaultOptions()),
		MaxPictures: strconv.Itoa(cloudpic.MaxPictures),
		MaxSize:     "25 MB", MaxBytes: strconv.Itoa(maxPicture),
		First: "1",
	}
}
