package sqs

import "math/rand/v2"

// DeliveryFaults are what SQS may do to any message, made frequent.
type DeliveryFaults struct {
	// Seed makes the sequence of decisions repeatable.
	Seed uint64
	// DuplicateRate is the share of deliveries, 0 to 1, after which the same
	// message is delivered once more, even if the first is deleted.
	DuplicateRate float64
	// Shuffle delivers messages in random order.
	Shuffle bool
}

// SetDeliveryFaults has messages go astray from now on; the zero value ends
// it. It may be called while requests are served.
func (s *Service) SetDeliveryFaults(f DeliveryFaults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliveryFaults = f
	s.random = rand.New(rand.NewPCG(f.Seed, 0))
}

func (s *Service) shuffles() bool { return s.deliveryFaults.Shuffle }

// duplicate adds a copy of a message that is being delivered, at the faults'
// rate.
func (t *tx) duplicate(q *queue, m *message) {
	s := t.s
	if s.deliveryFaults.DuplicateRate == 0 || s.random.Float64() >= s.deliveryFaults.DuplicateRate {
		return
	}
	c := *m.content
	c.before, c.firstDue = m.before+m.received, t.now
	t.add(q, &c, c.encode())
}
