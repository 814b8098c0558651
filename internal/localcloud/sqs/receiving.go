package sqs

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Service) receiveMessage(c *call, in *receiveInput) (*receiveOutput, error) {
	name, err := s.queueName(c, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	asked := receiving{queue: name, limit: 1}
	if in.MaxNumberOfMessages != nil {
		asked.limit = *in.MaxNumberOfMessages
	}
	if asked.limit < 1 || asked.limit > maxBatch {
		return nil, errValue("Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and %d, if provided.", asked.limit, maxBatch)
	}
	if asked.visibility, err = within("VisibilityTimeout", in.VisibilityTimeout, numbers["VisibilityTimeout"].max); err != nil {
		return nil, err
	}
	if asked.wait, err = within("WaitTimeSeconds", in.WaitTimeSeconds, numbers["ReceiveMessageWaitTimeSeconds"].max); err != nil {
		return nil, err
	}
	system, err := systemNames(slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames))
	if err != nil {
		return nil, err
	}
	out := &receiveOutput{}
	if out.deliveries, err = s.receive(c.ctx, asked); err != nil {
		return nil, err
	}
	for i := range out.deliveries {
		out.Messages = append(out.Messages, out.deliveries[i].answer(system, in.MessageAttributeNames))
	}
	return out, nil
}

// systemAttributes are what a receiver can ask about a message.
var systemAttributes = map[string]func(*delivery) string{
	"SenderId":                         func(d *delivery) string { return d.sender },
	"SentTimestamp":                    func(d *delivery) string { return milliseconds(d.sent) },
	"ApproximateReceiveCount":          func(d *delivery) string { return strconv.FormatUint(uint64(d.received), 10) },
	"ApproximateFirstReceiveTimestamp": func(d *delivery) string { return milliseconds(d.firstReceived) },
	"MessageGroupId":                   func(d *delivery) string { return d.group },
	"MessageDeduplicationId":           func(d *delivery) string { return d.dedup },
	"SequenceNumber":                   func(*delivery) string { return "" }, // FIFO queues have it
	"AWSTraceHeader":                   func(d *delivery) string { return d.trace },
	"DeadLetterQueueSourceArn":         func(d *delivery) string { return d.source },
}

func milliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// isQueueAttribute knows the names that the old parameter AttributeNames also takes,
// for they are in the same list in the API; no message has them.
func isQueueAttribute(name string) bool {
	_, number := numbers[name]
	_, isComputed := computed[name]
	return number || isComputed || name == "RedrivePolicy" || slices.Contains(texts, name) || slices.Contains(ofFIFO, name)
}

// systemNames checks the names that a receiver asks for.
func systemNames(asked []string) ([]string, error) {
	var found []string
	for _, name := range asked {
		if name == "All" {
			for name := range systemAttributes {
				found = append(found, name)
			}
			continue
		}
		if _, ok := systemAttributes[name]; ok {
			found = append(found, name)
		} else if !isQueueAttribute(name) {
			return nil, same("InvalidAttributeName", "Unknown Attribute %s.", name)
		}
	}
	return found, nil
}

// answer is the delivery as its receiver asked for it.
func (d *delivery) answer(system, names []string) receivedMessage {
	m := receivedMessage{MessageId: uuid(d.id), ReceiptHandle: d.handle, MD5OfBody: d.bodyMD5, Body: d.body}
	for _, name := range system {
		if value := systemAttributes[name](d); value != "" {
			if m.Attributes == nil {
				m.Attributes = make(map[string]string, len(system))
			}
			m.Attributes[name] = value
		}
	}
	chosen := choose(d.attributes, names)
	if len(chosen) == 0 {
		return m
	}
	m.MD5OfMessageAttributes = attributesMD5(chosen)
	m.MessageAttributes = make(map[string]attributeValue, len(chosen))
	for _, a := range chosen {
		value := attributeValue{DataType: a.dataType}
		if a.binary {
			value.BinaryValue = []byte(a.value)
		} else {
			value.StringValue = &a.value
		}
		m.MessageAttributes[a.name] = value
	}
	return m
}

// choose gives the attributes with the names asked for. All and .* mean every
// one, and what ends in .* means those that begin with what is before it.
func choose(attributes []attribute, asked []string) []attribute {
	var chosen []attribute
	for _, a := range attributes {
		if slices.ContainsFunc(asked, func(name string) bool { return matches(a.name, name) }) {
			chosen = append(chosen, a)
		}
	}
	return chosen
}

func matches(name, asked string) bool {
	if prefix, ok := strings.CutSuffix(asked, ".*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return asked == "All" || asked == name
}
