package templates

// Pics is the page of a batch of pictures.
type Pics struct {
	ID, Heading string
	Cards       []Card
	LeftOut     []LeftOut
	Progress    Progress
	Poll        Poller
	Zip         string // address, empty when nothing is ready
	Delete      string
	Expires     Stamp
	Kept        string
	Form        *PicsForm // to add more, nil when the batch is full
	Same        bool      // the pictures are as the page has them
	Said        string    // what the live region says, when they are not
}

// LeftOut is a file that never became part of the batch.
type LeftOut struct{ Name, Reason string }

// Progress is how far a batch is.
type Progress struct {
	Text      string
	Done, All string
	Final     bool
	ZipLabel  string
	Wait      string // place in the queue and how long it takes, mostly nothing
}

// Poller is the element that asks for news of the batch.
type Poller struct{ URL, Every, Note string } // URL is empty when there will be none

// Card is one picture.
type Card struct {
	ID, Number, Name string
	State, Label     string
	Busy             bool
	Original         string // address of what is shown meanwhile, empty where that is large
	Width, Height    string // of what is shown meanwhile, in pixels
	Error            string
	Compare          *Compare
	Facts            []Fact
	Gain             string
	GainHow          string
	Histogram        *Histogram
	Download         *Link
	Again            string // address to enhance anew, empty while it can't be
	Options          OptionsForm
}

// Fact is a term and what is the case.
type Fact struct{ Term, Value string }

// Compare is the pair of previews.
type Compare struct {
	Before, After         string
	FullBefore, FullAfter string
	Width, Height         string // of the stage, in pixels
	Name                  string
	Loading               string // "eager" for what is seen first, else "lazy"
}

// Histogram is the distribution of brightness before and after.
type Histogram struct{ Before, After, Description string }
