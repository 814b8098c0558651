package templates

// BulkForm takes a file of lists.
type BulkForm struct {
	Error             string
	Open              bool
	MaxRows, MaxSize  string
	MaxBytes, RowsNum string // for the script
}

// Bulk is the page of a file of lists.
type Bulk struct {
	ID, Heading, Lede string
	State             string
	Final             bool
	Poll, Every       string // address and interval, when not final
	Done, All         string // for the progress bar
	Figures           []Figure
	Bad               []BadRow
	MoreBad           string
	CSV               string // address of the result, when there is one
	JSON              string
	Said              string // what the live region says, mostly nothing
	Kept              Stamp
	Wait              string // place in the queue and how long it takes, mostly nothing
}

// BadRow is a row that is no list.
type BadRow struct{ Line, Text, Why string }
