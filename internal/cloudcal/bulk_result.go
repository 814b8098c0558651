package cloudcal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/jobs"
)

var errNoBulk = jobs.Errorf(jobs.CodeNotFound, "There is no such file of lists, or it has expired.")

// askBulk reads where a bulk stands from S3 alone: the manifest says what was
// sent, and each chunk that is done has its log. One that died is done after
// all once it was redriven.
func (c *Client) askBulk(ctx context.Context, id string) (Bulk, error) {
	what, err := c.manifest(ctx, id)
	if err != nil {
		return Bulk{}, err
	}
	keys, err := c.opts.Bulk.Keys(ctx, bulkPrefix(id))
	if err != nil {
		return Bulk{}, err
	}
	done, dead := 0, 0
	for _, key := range keys {
		if chunk, ok := chunkOf(key, chunkLog); ok {
			done += what.size(chunk)
		}
		if chunk, ok := chunkOf(key, chunkDead); ok && !slices.Contains(keys, chunkKey(id, chunk)) {
			dead += what.size(chunk)
		}
	}
	b := Bulk{ID: id, State: jobs.StateQueued, Rows: what.Rows, Done: done, Bad: what.Bad}
	b.Submitted, _ = jobs.IDTime(id)
	switch {
	case done >= what.Rows:
		b.State = jobs.StateDone
	case done+dead >= what.Rows || time.Since(b.Submitted) > lateAfter:
		b.State = jobs.StateDead
	case done > 0:
		b.State = jobs.StateWorking
	}
	return b, nil
}

// chunkOf reads a chunk's number from a key that ends so.
func chunkOf(key, end string) (int, bool) {
	name, ok := strings.CutSuffix(key[strings.LastIndexByte(key, '/')+1:], end)
	chunk, err := strconv.Atoi(name)
	return chunk, ok && err == nil
}

// size is how many lists a chunk has.
func (m manifest) size(chunk int) int {
	if chunk == m.Chunks {
		return m.Rows - (m.Chunks-1)*MaxLists
	}
	return MaxLists
}

func (c *Client) manifest(ctx context.Context, id string) (manifest, error) {
	var m manifest
	if _, ok := jobs.IDTime(id); !ok {
		return m, errNoBulk
	}
	text, err := c.read(ctx, bulkPrefix(id)+manifestName)
	if errors.Is(err, jobs.ErrNoObject) {
		return m, errNoBulk
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("manifest of %s: %w", id, err)
	}
	return m, nil
}

// maxObject bounds what is read of a bulk's objects, in bytes.
const maxObject = 4 << 20

func (c *Client) read(ctx context.Context, key string) ([]byte, error) {
	o, err := c.opts.Bulk.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	defer o.Body.Close()
	text, err := io.ReadAll(io.LimitReader(o.Body, maxObject))
	if err != nil {
		return nil, fmt.Errorf("read object %q: %w", key, err)
	}
	return text, nil
}

// WriteBulk writes the result as CSV, chunk by chunk: every row of the file
// with minimum, maximum, mean and median behind its numbers. A row that was
// no list comes as it stood, with what is wrong with it.
func (c *Client) WriteBulk(ctx context.Context, id string, w io.Writer) error {
	what, err := c.manifest(ctx, id)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, csvHeading()); err != nil {
		return err
	}
	bad := what.Bad
	for chunk := 1; chunk <= what.Chunks; chunk++ {
		log, err := c.read(ctx, chunkKey(id, chunk))
		if err != nil {
			return err
		}
		for text := range strings.Lines(string(log)) {
			e, err := ParseLog(strings.TrimRight(text, "\n"))
			if err != nil {
				return fmt.Errorf("log of %s: %w", chunkID(id, chunk), err)
			}
			line, _ := strconv.Atoi(strings.TrimPrefix(e.ID, "L"))
			for len(bad) > 0 && bad[0].Line < line {
				if _, err := io.WriteString(w, bad[0].csv()); err != nil {
					return err
				}
				bad = bad[1:]
			}
			if _, err := io.WriteString(w, e.csv()); err != nil {
				return err
			}
		}
	}
	for _, b := range bad {
		if _, err := io.WriteString(w, b.csv()); err != nil {
			return err
		}
	}
	return nil
}

func csvHeading() string {
	var b strings.Builder
	for i := range Count {
		fmt.Fprintf(&b, "n%d,", i+1)
	}
	return b.String() + "min,max,mean,median,error\r\n"
}

func (e LogEntry) csv() string {
	s := e.Summary
	return fmt.Sprintf("%s,%d,%d,%s,%s,\r\n", strings.ReplaceAll(e.List.String(), " ", ","), s.Min, s.Max, s.Mean, s.Median)
}

// csv puts the row's text in the first field. A text that a spreadsheet would
// take for a formula is kept from being one.
func (b BadRow) csv() string {
	text := b.Text
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		text = "'" + text
	}
	return quote(text) + strings.Repeat(",", Count+4) + quote(fmt.Sprintf("line %d: %s", b.Line, b.Message)) + "\r\n"
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
