package sqs

import (
	"maps"
	"slices"
	"strconv"
)

func (s *Service) setAttributes(c *call, in *setAttributesInput) (*empty, error) {
	return s.change(c, in.QueueUrl, func(t *tx, q *queue) error {
		if len(in.Attributes) == 0 {
			return errMissing("Attributes")
		}
		wanted, err := q.settings.with(in.Attributes)
		if err != nil {
			return err
		}
		if err := t.checkTarget(q.name, wanted); err != nil {
			return err
		}
		q.settings, q.modified = wanted, t.now
		t.expire(q) // it may keep messages for a shorter time now
		return t.saveQueue(q)
	})
}

// computed are the attributes that a queue has by itself.
var computed = map[string]func(*Service, *queue) string{
	"QueueArn":                              func(s *Service, q *queue) string { return s.arn(q.name) },
	"CreatedTimestamp":                      func(_ *Service, q *queue) string { return strconv.FormatInt(q.created.Unix(), 10) },
	"LastModifiedTimestamp":                 func(_ *Service, q *queue) string { return strconv.FormatInt(q.modified.Unix(), 10) },
	"ApproximateNumberOfMessages":           count(visible),
	"ApproximateNumberOfMessagesDelayed":    count(delayed),
	"ApproximateNumberOfMessagesNotVisible": count(inFlight),
}

func count(p place) func(*Service, *queue) string {
	return func(_ *Service, q *queue) string { return strconv.Itoa(q.counts[p]) }
}

// ofFIFO are the attributes that a standard queue knows but doesn't have.
var ofFIFO = []string{"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}

func (s *Service) getAttributes(c *call, in *getAttributesInput) (*attributesOutput, error) {
	name, err := s.queueName(c, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	out := &attributesOutput{}
	// The counts are as of now, so it may change what is where.
	return out, s.apply(func(t *tx) error {
		q, err := s.queue(name)
		if err != nil {
			return err
		}
		t.surface(q)
		t.expire(q)
		out.Attributes, err = s.attributes(q, in.AttributeNames)
		return err
	})
}

// attributes gives those with the names, all of them for the name All.
func (s *Service) attributes(q *queue, asked []string) (map[string]string, error) {
	if slices.Contains(asked, "All") {
		asked = slices.Concat(slices.Collect(maps.Keys(computed)), slices.Collect(maps.Keys(numbers)), texts, []string{"RedrivePolicy"})
	}
	values := make(map[string]string)
	for _, name := range asked {
		if compute, ok := computed[name]; ok {
			values[name] = compute(s, q)
			continue
		}
		_, number := numbers[name]
		if !number && name != "RedrivePolicy" && !slices.Contains(texts, name) && !slices.Contains(ofFIFO, name) {
			return nil, same("InvalidAttributeName", "Unknown Attribute %s.", name)
		}
		if value, ok := q.settings.value(name); ok {
			values[name] = value
		}
	}
	return values, nil
}
