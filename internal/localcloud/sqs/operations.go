package sqs

import (
	"net/url"
	"strings"
	"time"
)

// operation does what a call asks for, from reading its input to its output,
// a pointer to one of the structs of types.go.
type operation func(*Service, *call) (any, error)

// operations are all that the service can do.
var operations = map[string]operation{
	"CreateQueue":                  op((*Service).createQueue),
	"GetQueueUrl":                  op((*Service).getQueueURL),
	"ListQueues":                   op((*Service).listQueues),
	"ListDeadLetterSourceQueues":   op((*Service).listSources),
	"DeleteQueue":                  op((*Service).deleteQueue),
	"PurgeQueue":                   op((*Service).purgeQueue),
	"GetQueueAttributes":           op((*Service).getAttributes),
	"SetQueueAttributes":           op((*Service).setAttributes),
	"TagQueue":                     op((*Service).tagQueue),
	"UntagQueue":                   op((*Service).untagQueue),
	"ListQueueTags":                op((*Service).listTags),
	"SendMessage":                  op((*Service).sendMessage),
	"SendMessageBatch":             op((*Service).sendBatch),
	"ReceiveMessage":               op((*Service).receiveMessage),
	"DeleteMessage":                op((*Service).deleteMessage),
	"DeleteMessageBatch":           op((*Service).deleteBatch),
	"ChangeMessageVisibility":      op((*Service).changeVisibility),
	"ChangeMessageVisibilityBatch": op((*Service).changeVisibilityBatch),
	"StartMessageMoveTask":         op((*Service).startMove),
	"CancelMessageMoveTask":        op((*Service).cancelMove),
	"ListMessageMoveTasks":         op((*Service).listMoves),
}

func op[I, O any](f func(*Service, *call, *I) (*O, error)) operation {
	return func(s *Service, c *call) (any, error) {
		in := new(I)
		if err := c.protocol.decode(c, in); err != nil {
			return nil, err
		}
		out, err := f(s, c, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

// queueName gives the name in a queue's URL. The Query protocol may leave the
// URL out and send the request to it.
func (s *Service) queueName(c *call, address string) (string, error) {
	path := c.path
	if address != "" {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			return "", errAddress(address)
		}
		path = u.Path
	}
	account, name, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case address == "" && !ok:
		return "", errMissing("QueueUrl")
	case !ok || name == "" || strings.Contains(name, "/"):
		return "", errAddress(address)
	case account != s.opts.Account:
		return "", errNoQueue()
	}
	c.queue = name
	return name, nil
}

func errAddress(address string) *apiError {
	e := same("InvalidAddress", "The address %s is not valid for this endpoint.", address)
	e.status = 404
	return e
}

// url is a queue's address for the client of the call.
func (s *Service) url(c *call, name string) string {
	return c.base + "/" + s.opts.Account + "/" + name
}

// within checks an optional number of seconds.
func within(name string, seconds *int, limit int) (*time.Duration, error) {
	if seconds == nil {
		return nil, nil
	}
	if *seconds < 0 || *seconds > limit {
		return nil, errValue("Value %d for parameter %s is invalid. Reason: Must be between 0 and %d, if provided.", *seconds, name, limit)
	}
	d := time.Duration(*seconds) * time.Second
	return &d, nil
}
