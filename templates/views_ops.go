package templates

// Ops is the operators' page.
type Ops struct {
	Poll, Every string // the address that gives the part that changes, and how often
	Asked       Stamp
	Warnings    []string
	Kinds       []OpsKind
	Calls       []OpsCalls
	Replies     []OpsReply
	RepliesNote string
	Facts       []Fact
}

// OpsKind is how one kind of job stands.
type OpsKind struct {
	ID, Kind, Queue string
	Error           string // why the numbers aren't known
	Figures         []Figure
	Worker          *OpsWorker
	Dead            OpsDeadLink
}

// OpsDeadLink leads to a kind's dead letters.
type OpsDeadLink struct {
	URL, Text string
	Some      bool
}

// OpsWorker is what this process's workers of a kind do.
type OpsWorker struct {
	InHand, Slots string // numbers, for the bar
	Text          string
	Facts         []Fact
	Caution       string
	Failing       bool
}

// OpsCalls is how it goes with a service.
type OpsCalls struct {
	Service, Calls, Errors, Spared, Dollars string
	Failing                                 bool
}

// OpsReply is a web instance's reply queue.
type OpsReply struct {
	Name, Owner string
	Beat        *Stamp
	Note        string
	Silent      bool
}

// OpsDead is the page of a kind's dead letters.
type OpsDead struct {
	Kind, Queue       string
	Count             string
	Done, Failed      string // what was just done, or why not
	Letters           []OpsLetter
	More              string
	Redrive, Drop     string // addresses
	Reload, Home      string
	DropAll, MoveText string
}

// OpsLetter is one dead letter.
type OpsLetter struct {
	ID       string
	Title    string
	Sent     Stamp
	Receives string
	Facts    []Fact
	Body     string
}

// OpsLogin is the form that takes the token.
type OpsLogin struct{ Action, Wrong string }
