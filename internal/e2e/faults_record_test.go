package e2e

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// unlogged reads the whole log through the SDK and says what is wrong with
// it: an accepted list that isn't there exactly once, with its figures, or a
// line that nobody sent.
func (l *ledger) unlogged(client lab) []string {
	var wrong []string
	var mu sync.Mutex
	note := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		wrong = append(wrong, fmt.Sprintf(format, args...))
	}
	seen := make(map[string]bool)
	each(client.keys("logs/cloudcal/"), func(key string) {
		text, err := client.read(key)
		if err != nil {
			note("%s: %v", key, err)
			return
		}
		message := strings.TrimSuffix(key[strings.LastIndexByte(key, '/')+1:], ".txt")
		for line := range strings.Lines(text) {
			id, err := l.checkLine(message, strings.TrimSuffix(line, "\n"))
			if err != nil {
				note("%s: %v: %q", key, err, line)
			}
			mu.Lock()
			if seen[id] {
				wrong = append(wrong, id+" is logged twice")
			}
			seen[id] = true
			mu.Unlock()
		}
	})
	for id := range l.lists {
		if !seen[id] {
			note("%s is not logged", id)
		}
	}
	return wrong
}

// checkLine reads one line of the log of a message.
func (l *ledger) checkLine(message, line string) (id string, err error) {
	head, figures, ok := strings.Cut(line, " min=")
	words := strings.SplitN(head, " ", 3)
	if !ok || len(words) != 3 {
		return "", fmt.Errorf("no line of an answered list")
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000Z", words[0]); err != nil {
		return "", err
	}
	id = message + "." + words[1]
	text := strings.TrimPrefix(words[2], "numbers=")
	if !l.tried[text] {
		return id, fmt.Errorf("nobody sent this list")
	}
	if numbers, ok := l.lists[id]; ok && listText(numbers) != text {
		return id, fmt.Errorf("sent were the numbers %v", numbers)
	}
	var numbers []int64
	for _, word := range strings.Fields(text) {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return id, err
		}
		numbers = append(numbers, n)
	}
	var got calcJob
	if _, err := fmt.Sscanf(figures, "%s max=%s mean=%s median=%s", &got.Min, &got.Max, &got.Mean, &got.Median); err != nil {
		return id, err
	}
	return id, check(numbers, got)
}

// read gives an object's text.
func (l lab) read(key string) (string, error) {
	out, err := l.s3.GetObject(l.t.Context(), &s3.GetObjectInput{Bucket: l.bucket, Key: &key})
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	return string(text), err
}

// depths gives how many messages each queue holds, in flight and delayed
// ones too. Queues with none are left out.
func (l lab) depths() (map[string]int, error) {
	queues, err := l.sqs.ListQueues(l.t.Context(), &sqs.ListQueuesInput{})
	if err != nil {
		return nil, err
	}
	depths := make(map[string]int)
	for _, url := range queues.QueueUrls {
		out, err := l.sqs.GetQueueAttributes(l.t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
		})
		if err != nil {
			return nil, err
		}
		for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"} {
			n, err := strconv.Atoi(out.Attributes[name])
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", name, url, err)
			}
			if n > 0 {
				depths[url[strings.LastIndexByte(url, '/')+1:]] += n
			}
		}
	}
	return depths, nil
}
