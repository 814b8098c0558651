// Package templates is what the pages look like. It draws views: plain
// structs of texts and addresses that package site prepares. Nothing is
// computed, read or fetched here. Each page has one file; layout.templ is what
// they share.
package templates

// Page is what every page needs around its own content.
type Page struct {
	Title       string
	Description string
	// URL and Image are absolute, for links shared elsewhere; empty for pages
	// that are nobody else's business.
	URL, Image string
	// Assets are the addresses of files under static, by their short names.
	Assets Assets
	// Scripts are the addresses of the page's own modules.
	Scripts []string
	// Refresh is the interval in seconds at which the page loads itself anew
	// where scripts don't run; empty for never.
	Refresh string
}

// Assets are the addresses of the files that every page loads; Htmx is empty
// where nothing is asked for after the page.
type Assets struct {
	Style, Htmx, App, Icon, Touch string
}

// Link is an address and its text.
type Link struct{ URL, Text string }

// Stamp is a moment: for people without scripts, and for the script that
// shows it in their own time zone.
type Stamp struct{ Text, ISO string }

// Summary heads a form that can't be taken yet.
type Summary struct {
	Title string
	Items []Link // to the fields
}

// Home is the first page.
type Home struct {
	Calc   CalcForm
	Pics   PicsForm
	Recent []Recent
}

// Recent is one job that this browser sent.
type Recent struct {
	ID, Kind, URL, What string
	When                Stamp
	Kept                string // until when
}

// CalcForm is CloudCal's form, in both its shapes.
type CalcForm struct {
	Fields  []Field // one for each number
	Filled  string  // "17 of 20"
	Summary *Summary
	// Text is the other shape's content; TextOpen shows it.
	Text, TextError string
	TextOpen        bool
	Kept            string
	Sample          string // address that fills the form with an example
	Bulk            BulkForm
}

// Field is one of the numbers.
type Field struct {
	Label, ID, ErrorID string
	Value, Error       string
	Last               bool
}

// PicsForm is CloudPic's form.
type PicsForm struct {
	Error                  string
	Kept                   string
	Options                OptionsForm
	MaxPictures, MaxSize   string
	MaxBytes, First, Batch string // for the script: the next number, the batch to add to
}

// OptionsForm is the choice of a preset and a strength.
type OptionsForm struct {
	Prefix      string // of ids, so that several fit on a page
	Classic     bool
	Strength    string
	MaxStrength string
}

// Trouble is an error page.
type Trouble struct {
	Status, Title string
	Message, Next string
	Actions       []Link
	RequestID     string
}
