package sqs

import (
	"crypto/rand"
	"encoding/hex"
)

func (s *Service) sendMessage(c *call, in *sendInput) (*sent, error) {
	name, err := s.queueName(c, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	queue, err := s.settings(name)
	if err != nil {
		return nil, err
	}
	message, err := s.newContent(&in.sendEntry, queue)
	if err != nil {
		return nil, err
	}
	if err := s.send(name, []*content{message}); err != nil {
		return nil, err
	}
	answer := answerSent(message)
	return &answer, nil
}

func (s *Service) sendBatch(c *call, in *sendBatchInput) (*sendBatchOutput, error) {
	name, err := s.queueName(c, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	queue, err := s.settings(name)
	if err != nil {
		return nil, err
	}
	ids, size := make([]string, len(in.Entries)), 0
	for i := range in.Entries {
		ids[i] = in.Entries[i].Id
		size += in.Entries[i].size()
	}
	if err := checkBatch(ids); err != nil {
		return nil, err
	}
	if size > MaxMessageSize {
		return nil, own("BatchRequestTooLong", oldCode+"BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", MaxMessageSize, size)
	}
	out := &sendBatchOutput{Successful: []sentEntry{}}
	var messages []*content
	for i := range in.Entries {
		message, err := s.newContent(&in.Entries[i], queue)
		if err != nil {
			out.Failed = append(out.Failed, failedAs(ids[i], err))
			continue
		}
		messages = append(messages, message)
		out.Successful = append(out.Successful, sentEntry{ids[i], answerSent(message)})
	}
	return out, s.send(name, messages)
}

// settings gives those of a queue as they are now.
func (s *Service) settings(name string) (now settings, err error) {
	err = s.view(func() error {
		q, err := s.queue(name)
		if err == nil {
			now = q.settings
		}
		return err
	})
	return now, err
}

// size is what counts towards the limits, in bytes.
func (e *sendEntry) size() int {
	size := 0
	if e.MessageBody != nil {
		size = len(*e.MessageBody)
	}
	for name, value := range e.MessageAttributes {
		size += len(name) + len(value.DataType) + len(value.BinaryValue)
		if value.StringValue != nil {
			size += len(*value.StringValue)
		}
	}
	return size
}

// newContent makes a message of what a sender gave. An error is an *apiError.
func (s *Service) newContent(e *sendEntry, queue settings) (*content, error) {
	if err := e.check(queue); err != nil {
		return nil, err
	}
	attributes, err := newAttributes(e.MessageAttributes)
	if err != nil {
		return nil, err
	}
	delay, err := within("DelaySeconds", e.DelaySeconds, numbers["DelaySeconds"].max)
	if err != nil {
		return nil, err
	}
	if delay == nil {
		delay = &queue.delay
	}
	c := &content{
		sent: s.now(), sender: s.opts.Account, body: *e.MessageBody, attributes: attributes,
		group: e.MessageGroupId, dedup: e.MessageDeduplicationId,
	}
	c.firstDue = c.sent.Add(*delay)
	if trace := e.MessageSystemAttributes["AWSTraceHeader"].StringValue; trace != nil {
		c.trace = *trace
	}
	c.newID()
	c.seal()
	return c, nil
}

func (c *content) newID() {
	_, _ = rand.Read(c.id[:]) // never fails
	c.id[6], c.id[8] = c.id[6]&0x0f|0x40, c.id[8]&0x3f|0x80
}

func (e *sendEntry) check(queue settings) error {
	switch {
	case e.MessageBody == nil, *e.MessageBody == "":
		return errMissing("MessageBody")
	case !isText(*e.MessageBody):
		return same("InvalidMessageContents", "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.")
	case e.size() > queue.maxSize:
		return errValue("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", queue.maxSize)
	case len(e.MessageGroupId) > 128 || !isPunctuated(e.MessageGroupId):
		return errValue("Value %.128s for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.", e.MessageGroupId)
	case e.MessageDeduplicationId != "":
		return errValue("Value %.128s for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.", e.MessageDeduplicationId)
	}
	for name := range e.MessageSystemAttributes {
		if name != "AWSTraceHeader" {
			return errValue("Message system attribute name '%.256s' is invalid.", name)
		}
	}
	return nil
}

// isPunctuated tells whether a text has ASCII letters, digits and punctuation
// only.
func isPunctuated(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// send puts messages into a queue and waits for the disk.
func (s *Service) send(name string, messages []*content) error {
	encoded := make([][]byte, len(messages))
	for i, c := range messages {
		encoded[i] = c.encode()
	}
	return s.apply(func(t *tx) error {
		q, err := s.queue(name)
		if err != nil {
			return err
		}
		for i, c := range messages {
			t.add(q, c, encoded[i])
		}
		return nil
	})
}

func answerSent(c *content) sent {
	answer := sent{MessageId: uuid(c.id), MD5OfMessageBody: c.bodyMD5, MD5OfMessageAttributes: c.allMD5}
	if c.trace != "" {
		answer.MD5OfMessageSystemAttributes = attributesMD5([]attribute{{name: "AWSTraceHeader", dataType: "String", value: c.trace}})
	}
	return answer
}

// uuid writes an id as RFC 9562 does.
func uuid(id [16]byte) string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
