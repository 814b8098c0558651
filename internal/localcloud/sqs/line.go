package sqs

// line holds a queue's visible messages in the order of their delivery:
// groups take turns, and a message without a group is a group of its own.
type line struct {
	turns  fifo[*group]
	groups map[string]*group // the named ones that have messages
}

type group struct {
	name     string
	messages fifo[*message]
}

// push puts a message behind those of its group, and a group that had none
// behind all others.
func (l *line) push(m *message) {
	name := m.group
	g := l.groups[name]
	if g == nil {
		g = &group{name: name}
		l.turns.push(g)
		if name != "" {
			if l.groups == nil {
				l.groups = make(map[string]*group)
			}
			l.groups[name] = g
		}
	}
	g.messages.push(m)
}

// pop takes the next message, nil when there is none. Messages that are
// visible no more are dropped on the way.
func (l *line) pop() *message {
	for l.turns.len() > 0 {
		g := l.turns.pop()
		m := g.next()
		switch {
		case g.messages.len() > 0:
			l.turns.push(g)
		case g.name != "":
			delete(l.groups, g.name)
		}
		if m != nil {
			return m
		}
	}
	return nil
}

func (g *group) next() *message {
	for g.messages.len() > 0 {
		if m := g.messages.pop(); m.place == visible {
			return m
		}
	}
	return nil
}
