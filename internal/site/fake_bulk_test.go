package site_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
)

// fakeBulks keeps bulks in memory; fakeCalc is guarded by its own lock.
type fakeBulks struct {
	bulks map[string]*cloudcal.Bulk
	bytes int64 // that were read
	cut   bool  // writing breaks off in the middle
}

func (f *fakeCalc) SubmitBulk(_ context.Context, owner string, csv io.Reader) (string, error) {
	f.mu.Lock()
	err := f.err
	f.mu.Unlock()
	if err != nil {
		return "", err
	}
	b := cloudcal.Bulk{State: jobs.StateQueued, Submitted: time.Now()}
	b.ID = jobs.NewID(b.Submitted)
	rows := bufio.NewScanner(csv)
	read := int64(0)
	for line := 1; rows.Scan(); line++ {
		read += int64(len(rows.Bytes())) + 1
		if _, err := cloudcal.ParseText(rows.Text()); err != nil {
			b.Bad = append(b.Bad, cloudcal.BadRow{Line: line, Text: rows.Text(), Message: jobs.Public(err).Message})
			continue
		}
		b.Rows++
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	if b.Rows == 0 {
		return "", jobs.Errorf(jobs.CodeInvalid, "None of the rows is a list.")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes += read
	f.putBulk(b)
	f.owner[b.ID] = owner
	return b.ID, nil
}

// putBulk places a bulk as it is. The lock is held.
func (f *fakeCalc) putBulk(b cloudcal.Bulk) {
	if f.bulks == nil {
		f.bulks = make(map[string]*cloudcal.Bulk)
	}
	f.bulks[b.ID] = &b
}

// advance works out so many lists of a bulk.
func (f *fakeCalc) advance(id string, done int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.bulks[id]
	b.Done, b.State = done, jobs.StateWorking
	if done == b.Rows {
		b.State = jobs.StateDone
	}
}

func (f *fakeCalc) BulkJob(_ context.Context, id string) (cloudcal.Bulk, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b, ok := f.bulks[id]
	switch {
	case f.err != nil:
		return cloudcal.Bulk{}, f.err
	case !ok:
		return cloudcal.Bulk{}, gone
	}
	return *b, nil
}

func (f *fakeCalc) WriteBulk(ctx context.Context, id string, w io.Writer) error {
	b, err := f.BulkJob(ctx, id)
	if err != nil {
		return err
	}
	for row := range b.Rows {
		if f.cut && row == b.Rows/2 {
			return errors.New("get object: connection reset")
		}
		if _, err := io.WriteString(w, strings.Repeat("1,", 20)+"1,1,1,1,row "+strconv.Itoa(row)+"\r\n"); err != nil {
			return err
		}
	}
	return nil
}
