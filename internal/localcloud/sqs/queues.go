package sqs

import (
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// maxTags is how many tags a queue may have.
const maxTags = 50

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

func (s *Service) createQueue(c *call, in *createQueueInput) (*queueURLOutput, error) {
	c.queue = in.QueueName
	switch {
	case in.QueueName == "":
		return nil, errMissing("QueueName")
	case strings.HasSuffix(in.QueueName, ".fifo"):
		return nil, errUnsupported("This service has standard queues only.")
	case !queueName.MatchString(in.QueueName):
		return nil, errValue("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	case len(in.Tags) > maxTags:
		return nil, errValue("Too many tags added for queue %s.", in.QueueName)
	}
	wanted, err := settings{}.with(in.Attributes)
	if err != nil {
		return nil, err
	}
	err = s.apply(func(t *tx) error {
		if q := s.queues[in.QueueName]; q != nil {
			return q.mustEqual(in)
		}
		return t.create(in, wanted)
	})
	if err != nil {
		return nil, err
	}
	return &queueURLOutput{s.url(c, in.QueueName)}, nil
}

// mustEqual refuses to create the queue again with other attributes.
func (q *queue) mustEqual(in *createQueueInput) error {
	differs, err := q.settings.differs(in.Attributes)
	if err == nil && differs {
		return own("QueueNameExists", "QueueAlreadyExists", "A queue already exists with the same name and a different value for an attribute.")
	}
	return err
}

func (t *tx) create(in *createQueueInput, wanted settings) error {
	s := t.s
	if at, ok := s.deleted[in.QueueName]; ok {
		if t.now.Before(at.Add(s.opts.Cooldown)) {
			return own("QueueDeletedRecently", oldCode+"QueueDeletedRecently", "You must wait %v after deleting a queue before you can create another with the same name.", s.opts.Cooldown)
		}
		delete(s.deleted, in.QueueName)
	}
	if err := t.checkTarget(in.QueueName, wanted); err != nil {
		return err
	}
	s.lastID++
	q := newQueue(s.lastID, in.QueueName)
	q.settings, q.created, q.modified = wanted, t.now, t.now
	maps.Copy(q.tags, in.Tags)
	s.queues[q.name] = q
	return t.saveQueue(q)
}

// checkTarget refuses a redrive policy that leads nowhere or back.
func (t *tx) checkTarget(name string, wanted settings) error {
	if wanted.redrive == nil {
		return nil
	}
	if target := t.s.queueByARN(wanted.redrive.TargetARN); target == nil || target.name == name {
		return errValue("Value %s for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.", wanted.values["RedrivePolicy"])
	}
	return nil
}

func (s *Service) getQueueURL(c *call, in *queueNameInput) (*queueURLOutput, error) {
	c.queue = in.QueueName
	if in.QueueName == "" {
		return nil, errMissing("QueueName")
	}
	if in.QueueOwnerAWSAccountId != "" && in.QueueOwnerAWSAccountId != s.opts.Account {
		return nil, errNoQueue()
	}
	err := s.view(func() error {
		_, err := s.queue(in.QueueName)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &queueURLOutput{s.url(c, in.QueueName)}, nil
}

func (s *Service) listQueues(c *call, in *listQueuesInput) (*listQueuesOutput, error) {
	urls, next, err := s.list(c, in.MaxResults, in.NextToken, func(q *queue) bool {
		return strings.HasPrefix(q.name, in.QueueNamePrefix)
	})
	return &listQueuesOutput{urls, next}, err
}

func (s *Service) listSources(c *call, in *listSourcesInput) (*listSourcesOutput, error) {
	name, err := s.queueName(c, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := s.view(func() error { _, err := s.queue(name); return err }); err != nil {
		return nil, err
	}
	arn := s.arn(name)
	urls, next, err := s.list(c, in.MaxResults, in.NextToken, func(q *queue) bool {
		return q.settings.redrive != nil && q.settings.redrive.TargetARN == arn
	})
	return &listSourcesOutput{urls, next}, err
}

// maxListed is how many queues a list has at most.
const maxListed = 1000

// list gives the URLs of queues in the order of their names, and the token
// with which the list goes on: the last name of this part. Without a limit of
// the caller's, there is no token, and the list ends at SQS's own limit.
func (s *Service) list(c *call, limit *int, token string, wanted func(*queue) bool) (urls []string, next string, err error) {
	after, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", errValue("The provided pagination token is invalid.")
	}
	most := maxListed
	if limit != nil {
		if most = *limit; most < 1 || most > maxListed {
			return nil, "", errValue("Value %d for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and %d.", most, maxListed)
		}
	}
	var found []string
	err = s.view(func() error {
		for name, q := range s.queues {
			if name > string(after) && wanted(q) {
				found = append(found, name)
			}
		}
		return nil
	})
	slices.Sort(found)
	if len(found) > most {
		found = found[:most]
		if limit != nil {
			next = base64.RawURLEncoding.EncodeToString([]byte(found[most-1]))
		}
	}
	for _, name := range found {
		urls = append(urls, s.url(c, name))
	}
	return urls, next, err
}

// change runs f on the queue with that URL and waits for the disk.
func (s *Service) change(c *call, address string, f func(*tx, *queue) error) (*empty, error) {
	name, err := s.queueName(c, address)
	if err != nil {
		return nil, err
	}
	return &empty{}, s.apply(func(t *tx) error {
		q, err := s.queue(name)
		if err != nil {
			return err
		}
		return f(t, q)
	})
}

func (s *Service) deleteQueue(c *call, in *queueInput) (*empty, error) {
	return s.change(c, in.QueueUrl, func(t *tx, q *queue) error {
		delete(s.queues, q.name)
		if s.opts.Cooldown > 0 {
			s.deleted[q.name] = t.now
		}
		t.clear(q)
		for q.pollers.Len() > 0 { // they are answered with nothing
			p := q.pollers.Front().Value.(*poller)
			p.leave(q)
			t.handovers = append(t.handovers, handover{poller: p})
		}
		if q.timer != nil {
			q.timer.Stop()
		}
		t.changes = append(t.changes, change{bucket: queuesBucket, key: []byte(q.name)})
		return nil
	})
}

func (s *Service) purgeQueue(c *call, in *queueInput) (*empty, error) {
	return s.change(c, in.QueueUrl, func(t *tx, q *queue) error {
		if t.now.Before(q.purged.Add(s.opts.Cooldown)) {
			e := own("PurgeQueueInProgress", oldCode+"PurgeQueueInProgress", "Only one PurgeQueue operation on %s is allowed every %v.", q.name, s.opts.Cooldown)
			e.status = 403
			return e
		}
		q.purged = t.now
		t.clear(q)
		return nil
	})
}

// clear removes all messages of a queue.
func (t *tx) clear(q *queue) {
	q.clear()
	t.changes = append(t.changes,
		change{bucket: messagesBucket, key: q.prefix(), prefix: true},
		change{bucket: statesBucket, key: q.prefix(), prefix: true})
}

func (s *Service) tagQueue(c *call, in *tagInput) (*empty, error) {
	return s.change(c, in.QueueUrl, func(t *tx, q *queue) error {
		tags := maps.Clone(q.tags)
		maps.Copy(tags, in.Tags)
		switch {
		case len(in.Tags) == 0:
			return errMissing("Tags")
		case len(tags) > maxTags:
			return errValue("Too many tags added for queue %s.", q.name)
		}
		q.tags = tags
		return t.saveQueue(q)
	})
}

func (s *Service) untagQueue(c *call, in *untagInput) (*empty, error) {
	return s.change(c, in.QueueUrl, func(t *tx, q *queue) error {
		if len(in.TagKeys) == 0 {
			return errMissing("TagKeys")
		}
		for _, key := range in.TagKeys {
			delete(q.tags, key)
		}
		return t.saveQueue(q)
	})
}

func (s *Service) listTags(c *call, in *queueInput) (*tagsOutput, error) {
	name, err := s.queueName(c, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	out := &tagsOutput{}
	return out, s.view(func() error {
		q, err := s.queue(name)
		if err == nil {
			out.Tags = maps.Clone(q.tags)
		}
		return err
	})
}
