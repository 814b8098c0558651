package cloudcal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"cloudworks/internal/jobs"
)

// A bulk is many lists that one visitor sends as a CSV file. Its lists are
// packed, MaxLists to a message, and the message named <bulk>.<chunk> has its
// log object of its own, so that what is done can be seen by listing one
// prefix:
//
//	logs/cloudcal/YYYY/MM/DD/<bulk>/manifest.json   by web: what was sent
//	logs/cloudcal/YYYY/MM/DD/<bulk>/<chunk>.txt     by the worker: the log
//	logs/cloudcal/YYYY/MM/DD/<bulk>/<chunk>.dead    by the worker: why there is none
//
// A list's id on the wire is its line in the file, as "L17".

// Limits of a bulk.
const (
	MaxRows = 100_000
	// maxBad is how many bad rows are reported; with more, the file is
	// likely something else.
	maxBad = 1000
	// maxRow is the longest row, in bytes.
	maxRow = 2048
)

// BadRow is a row of a bulk that is no list.
type BadRow struct {
	Line    int    `json:"line"` // in the file, from 1
	Text    string `json:"text"` // as it stood there, shortened
	Message string `json:"message"`
}

// Bulk tells where a bulk stands.
type Bulk struct {
	ID        string
	State     jobs.State
	Rows      int // lists that were sent
	Done      int // lists that are worked out
	Bad       []BadRow
	Submitted time.Time
}

// manifest is the object that describes what was sent.
type manifest struct {
	Rows   int      `json:"rows"`
	Chunks int      `json:"chunks"`
	Bad    []BadRow `json:"bad,omitempty"`
}

// BulkStore is what a bulk needs of the bucket.
type BulkStore interface {
	Getter
	Putter
	Keys(ctx context.Context, prefix string) ([]string, error)
}

// SubmitBulk reads a CSV, a list a row, and sends it off in chunks as it
// comes. A bad row is reported and the others go on. Rows may hold commas,
// semicolons, spaces or tabs; a first row without any number is a heading.
func (c *Client) SubmitBulk(ctx context.Context, owner string, csv io.Reader) (id string, err error) {
	now := time.Now()
	b := &bulkSender{client: c, ctx: ctx, owner: owner, id: jobs.NewID(now), slots: make(chan struct{}, maxSending)}
	if err := b.read(csv); err != nil {
		return "", err
	}
	if err := b.finish(); err != nil {
		return "", err
	}
	return b.id, nil
}

// bulkSender is one bulk on its way to the queue.
type bulkSender struct {
	client *Client
	ctx    context.Context
	owner  string
	id     string

	lines  []Line // of the chunk that is being filled
	what   manifest
	sends  sync.WaitGroup
	slots  chan struct{} // bounds the chunks that wait for the queue
	mu     sync.Mutex
	failed error
}

// read takes the file row by row.
func (b *bulkSender) read(csv io.Reader) error {
	rows := bufio.NewScanner(csv)
	rows.Buffer(make([]byte, maxRow), maxRow)
	line := 0
	for rows.Scan() {
		line++
		if err := b.row(line, strings.TrimPrefix(rows.Text(), "\ufeff")); err != nil {
			b.sends.Wait()
			return err
		}
	}
	err := rows.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = jobs.Errorf(jobs.CodeInvalid, "Line %d has more than %d characters; a row is 20 numbers.", line+1, maxRow)
	}
	if err == nil && b.what.Rows == 0 {
		err = b.noLists()
	}
	if err != nil {
		b.sends.Wait()
	}
	return err
}

// row takes one row in, and sends the chunk off when it is full.
func (b *bulkSender) row(line int, text string) error {
	words := Split(text)
	if len(words) == 0 || line == 1 && isHeading(words) {
		return nil
	}
	list, err := ParseText(text)
	if err != nil {
		b.what.Bad = append(b.what.Bad, BadRow{line, shorten(text), jobs.Public(err).Message})
		if len(b.what.Bad) > maxBad {
			first := b.what.Bad[0]
			return jobs.Errorf(jobs.CodeInvalid, "More than %d rows are no lists of 20 numbers; the first is line %d: %s", maxBad, first.Line, first.Message)
		}
		return nil
	}
	if b.what.Rows++; b.what.Rows > MaxRows {
		return jobs.Errorf(jobs.CodeTooLarge, "The file has more than %d lists; please send it in parts.", MaxRows)
	}
	b.lines = append(b.lines, Line{ID: "L" + strconv.Itoa(line), List: list})
	if len(b.lines) == MaxLists {
		return b.send()
	}
	return nil
}

// isHeading reports whether no word of a row is a number.
func isHeading(words []string) bool {
	for _, w := range words {
		if _, err := parseNumber(w); err == nil {
			return false
		}
	}
	return true
}

func (b *bulkSender) noLists() error {
	if len(b.what.Bad) > 0 {
		first := b.what.Bad[0]
		return jobs.Errorf(jobs.CodeInvalid, "None of the rows is a list of 20 whole numbers. Line %d: %s", first.Line, first.Message)
	}
	return jobs.Errorf(jobs.CodeInvalid, "The file is empty; each row is to have 20 whole numbers.")
}

// maxSending bounds the chunks in memory: four full calls to the queue.
const maxSending = 4 * jobs.MaxBatch

// send sends the chunk that was filled, beside the reading of the next one.
func (b *bulkSender) send() error {
	b.what.Chunks++
	id := chunkID(b.id, b.what.Chunks)
	m := jobs.Message{Body: FormatRequest(b.lines), Group: b.owner, Jobs: len(b.lines)}
	b.lines = b.lines[:0]
	b.slots <- struct{}{}
	b.sends.Go(func() {
		defer func() { <-b.slots }()
		err := b.client.opts.Sender.Send(b.ctx, RequestQueue, id, m, func(jobs.Answer) {})
		b.mu.Lock()
		defer b.mu.Unlock()
		b.failed = errors.Join(b.failed, err)
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed
}

// finish sends the rest and writes down what was sent.
func (b *bulkSender) finish() error {
	var err error
	if len(b.lines) > 0 {
		err = b.send()
	}
	b.sends.Wait()
	b.mu.Lock()
	err = errors.Join(err, b.failed)
	b.mu.Unlock()
	if err != nil {
		return err
	}
	text, err := json.Marshal(b.what)
	if err != nil {
		return fmt.Errorf("write manifest of %s: %w", b.id, err)
	}
	o := jobs.Object{Key: bulkPrefix(b.id) + manifestName, ContentType: "application/json"}
	return b.client.opts.Bulk.Put(b.ctx, o, strings.NewReader(string(text)))
}

const manifestName = "manifest.json"

func chunkID(bulk string, chunk int) string { return bulk + "." + strconv.Itoa(chunk) }

// splitChunkID takes a chunk's job id apart.
func splitChunkID(id string) (bulk string, chunk int, ok bool) {
	bulk, number, _ := strings.Cut(id, ".")
	chunk, err := strconv.Atoi(number)
	_, dated := jobs.IDTime(bulk)
	return bulk, chunk, dated && err == nil && chunk >= 1 && chunk <= MaxRows && strconv.Itoa(chunk) == number
}

// bulkPrefix begins the keys of a bulk's objects. The id must have a time.
func bulkPrefix(bulk string) string {
	at, _ := jobs.IDTime(bulk)
	return strings.TrimSuffix(LogKey(bulk, at), ".txt") + "/"
}

func chunkKey(bulk string, chunk int) string {
	return bulkPrefix(bulk) + strconv.Itoa(chunk) + chunkLog
}

// deadChunkKey is a key of its own, so that a list of keys tells what is done
// from what died.
func deadChunkKey(bulk string, chunk int) string {
	return bulkPrefix(bulk) + strconv.Itoa(chunk) + chunkDead
}

const (
	chunkLog  = ".txt"
	chunkDead = ".dead"
)
