package sqs

import (
	"encoding/base64"
	"encoding/binary"
	"time"
)

// content is what a sender said, and what the server noted when it took the
// message in. It never changes, so it is read without a lock.
type content struct {
	id         [16]byte // MessageId, a random UUID
	sent       time.Time
	firstDue   time.Time // when its delay ends
	sender     string
	group      string
	dedup      string // MessageDeduplicationId
	trace      string // AWSTraceHeader
	source     string // ARN of the queue that it became a dead letter of
	before     uint32 // times received in that queue
	body       string
	attributes []attribute // sorted by name
	bodyMD5    string
	// allMD5 is the MD5 of all attributes, as the sender and the receiver of
	// everything are told.
	allMD5 string
}

// place is where a message is in its queue.
type place uint8

const (
	visible  place = iota
	delayed        // not visible yet
	inFlight       // received, and not visible for a while
	gone           // deleted, expired or moved away
)

// message is a message in a queue.
type message struct {
	*content
	seq   uint64 // its number, unique in the service
	place place
	index int // in the queue's hidden heap

	visibleAt     time.Time // while hidden
	received      uint32    // times, in this queue
	firstReceived time.Time
	// handout numbers the receipt handles given out for it. Only the newest
	// counts. It never goes back, even when a delivery is undone.
	handout uint32
}

// handleSize is the size of a receipt handle in bytes, before base64.
const handleSize = 16 + 8 + 4

// handle is the receipt handle of the message's newest delivery: its id, its
// number and which delivery it was.
func (m *message) handle() string {
	b := make([]byte, 0, handleSize)
	b = append(b, m.id[:]...)
	b = binary.BigEndian.AppendUint64(b, m.seq)
	b = binary.BigEndian.AppendUint32(b, m.handout)
	return base64.StdEncoding.EncodeToString(b)
}

// receipt is a receipt handle that was read.
type receipt struct {
	id      [16]byte
	seq     uint64
	handout uint32
}

func parseReceipt(handle string) (receipt, error) {
	if handle == "" {
		return receipt{}, errMissing("ReceiptHandle")
	}
	b, err := base64.StdEncoding.DecodeString(handle)
	// Encoded again it must be the same: base64 has several texts for some bytes.
	if err != nil || len(b) != handleSize || base64.StdEncoding.EncodeToString(b) != handle {
		return receipt{}, errReceipt(handle)
	}
	r := receipt{seq: binary.BigEndian.Uint64(b[16:]), handout: binary.BigEndian.Uint32(b[24:])}
	copy(r.id[:], b)
	return r, nil
}

// delivery is a message as it was when it was handed to a receiver.
type delivery struct {
	*content
	queue         *queue
	message       *message
	handle        string
	handout       uint32
	received      uint32 // times, in all queues
	firstReceived time.Time
}
