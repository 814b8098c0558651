package sqs

import "time"

// now is the service's time: the system's, and what was skipped of it.
func (s *Service) now() time.Time { return time.Now().Add(time.Duration(s.skipped.Load())) }

// SkipTime has the service's clock go ahead, so that a test needn't wait for
// visibility time-outs and delays.
func (s *Service) SkipTime(d time.Duration) {
	s.skipped.Add(int64(d))
	_, _ = s.update(func(t *tx) error { // it fails only when nobody is served any more
		for _, q := range s.queues {
			t.touch(q)
		}
		return nil
	})
}
