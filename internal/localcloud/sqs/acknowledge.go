package sqs

import (
	"container/heap"
	"time"
)

func (s *Service) deleteMessage(c *call, in *deleteInput) (*empty, error) {
	return s.change(c, in.QueueUrl, func(t *tx, q *queue) error { return t.delete(q, in.ReceiptHandle) })
}

func (s *Service) deleteBatch(c *call, in *deleteBatchInput) (*deleteBatchOutput, error) {
	out := &deleteBatchOutput{}
	_, err := s.change(c, in.QueueUrl, func(t *tx, q *queue) error {
		if err := checkBatch(receiptIDs(in.Entries)); err != nil {
			return err
		}
		out.Successful, out.Failed = each(in.Entries, func(e *receiptEntry) error { return t.delete(q, e.ReceiptHandle) })
		return nil
	})
	return out, err
}

// delete removes the message that the receipt stands for. A stale receipt
// removes nothing, and that is no error.
func (t *tx) delete(q *queue, handle string) error {
	r, err := parseReceipt(handle)
	if err != nil {
		return err
	}
	if m := q.find(r); m != nil {
		t.drop(q, m)
	}
	return nil
}

func (s *Service) changeVisibility(c *call, in *visibilityInput) (*empty, error) {
	return s.change(c, in.QueueUrl, func(t *tx, q *queue) error {
		return t.changeVisibility(q, in.ReceiptHandle, in.VisibilityTimeout)
	})
}

func (s *Service) changeVisibilityBatch(c *call, in *visibilityBatchInput) (*visibilityBatchOutput, error) {
	out := &visibilityBatchOutput{}
	_, err := s.change(c, in.QueueUrl, func(t *tx, q *queue) error {
		if err := checkBatch(receiptIDs(in.Entries)); err != nil {
			return err
		}
		out.Successful, out.Failed = each(in.Entries, func(e *receiptEntry) error {
			return t.changeVisibility(q, e.ReceiptHandle, e.VisibilityTimeout)
		})
		return nil
	})
	return out, err
}

// changeVisibility has an in-flight message become visible that many seconds
// from now.
func (t *tx) changeVisibility(q *queue, handle string, seconds *int) error {
	r, err := parseReceipt(handle)
	if err != nil {
		return err
	}
	if seconds == nil {
		return errMissing("VisibilityTimeout")
	}
	timeout, err := within("VisibilityTimeout", seconds, numbers["VisibilityTimeout"].max)
	if err != nil {
		return err
	}
	t.surface(q)
	m := q.find(r)
	switch {
	case m == nil:
		return errValue("Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.", handle)
	case m.place != inFlight:
		return own("MessageNotInflight", oldCode+"MessageNotInflight", "The specified message isn't in flight.")
	}
	t.showAt(q, m, t.now.Add(*timeout))
	return nil
}

// showAt sets when an in-flight message becomes visible.
func (t *tx) showAt(q *queue, m *message, at time.Time) {
	m.visibleAt = at
	if at.After(t.now) {
		heap.Fix(&q.hidden, m.index)
	} else {
		q.show(m)
	}
	t.touch(q) // its timer, at least
	t.save(q, m)
}
