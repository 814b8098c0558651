package templates

// Calc is CloudCal's page for one list.
type Calc struct {
	ID, Heading, Lede string
	State             string
	Final             bool
	Poll, Every       string // address and interval, when not final
	Steps             []Step
	Error             string
	Again             *Again
	Result            *CalcResult
	Numbers           string // as typed, empty while unknown
	Edit              string // address of the form with these numbers
	Kept              Stamp
	Wait              string // place in the queue and how long it takes, mostly nothing
	Said              string // what the live region says, mostly nothing
}

// Step is one step of the timeline.
type Step struct {
	Name    string
	At      *Stamp
	Note    string // in place of the time
	Done    bool
	Current bool
	Wrong   bool
}

// Again offers to send the same numbers once more.
type Again struct{ Why, Numbers string }

// CalcResult is the answer.
type CalcResult struct {
	Figures []Figure
	Long    bool // some figure needs a line of its own
	Sorted  []Ranked
	Plot    Plot
	CSV     string
	JSON    string
	Copy    string // what the copy button copies
	LogURL  string // of the worker's line
}

// Figure is one of the four.
type Figure struct{ Name, Value, How string }

// Ranked is a number in the sorted list.
type Ranked struct {
	Value  string
	Middle bool // one of the two that the median lies between
	Note   string
}

// CalcLog is the line that the worker wrote.
type CalcLog struct{ Line, Key string }

// Plot is the dot plot above its box plot. Coordinates are those of the
// drawing's view box.
type Plot struct {
	ViewBox        string
	Dots           []Dot
	Ticks          []Tick
	Box            Box
	Mean           string // path of the mean's mark
	MeanX          string
	AxisY, AxisEnd string
	Breaks         []string // paths across the axis, where it isn't in proportion
	Description    string
}

// Dot is one number.
type Dot struct {
	X, Y, R, Title string
	Middle         bool
}

// Tick is a mark of the axis; Anchor is the alignment of its text.
type Tick struct{ X, Y1, Y2, TextY, Text, Anchor string }

// Box is the box plot: whiskers from minimum to maximum, the box from the
// lower quartile to the upper one.
type Box struct {
	X, Y, Width, Height           string
	MedianX, Top, Bottom, MiddleY string
	WhiskerLeft, WhiskerRight     string
	CapTop, CapBottom             string
}
