package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"cloudworks/internal/localcloud"
	"cloudworks/internal/localcloud/faults"
)

// visibility is how long a message stays hidden whose worker was killed.
const visibility = 30 * time.Second

// Five workers die with the same requests in hand, and SQS sets them aside: the
// pages of every web instance say that they are dead, and why. Once the
// operator has started them again, the pages show the answers.
func TestFiveWorkersDie(t *testing.T) {
	tr := inside(t, nil)
	stranger := tr.s.startWeb("CLOUDWORKS_INSTANCE=two")
	tr.workers[0].kill()
	numbers := randomList()
	list, err := submit(tr.web.url, numbers)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := upload(tr.web.url, []file{{"a.jpg", photograph(160, 120)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Whatever a worker does for a request takes until long after its death.
	slow := time.Minute
	tr.backend.SetFaults(localcloud.Faults{
		SQS: &faults.Plan{Delay: slow, Operations: map[string]bool{"SendMessageBatch": true}},
		S3:  &faults.Plan{Delay: slow, Operations: map[string]bool{"GetObject": true, "PutObject": true}},
	})
	client := newLab(tr.s)
	requests := []string{"requestQueue", "inbox"}
	for i := range 5 {
		worker := tr.addWorker(localEnv(tr.s)...)
		eventually(t, 30*time.Second, fmt.Sprintf("worker %d holds both requests", i+1), func() error {
			for _, queue := range requests {
				d, err := client.depth(queue)
				if err == nil && d.hidden != 1 {
					err = fmt.Errorf("%s: %+v", queue, d)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		worker.kill()
		tr.backend.SkipTime(visibility + time.Second)
	}
	tr.backend.SetFaults(localcloud.Faults{})
	tr.addWorker(localEnv(tr.s)...)

	const reason = "This job was begun 5 times, and no worker came to an end with it. It is kept for the operator, who can start it again."
	for _, web := range []*process{tr.web, stranger} {
		tr.awaitList(web, list.ID, "dead", reason)
		tr.awaitPicture(web, batch.ID, "dead", reason)
	}
	alerts := map[string]string{"/calc/" + list.ID: "#job .alert", "/pics/" + batch.ID: ".pic .wrong"}
	for path, selector := range alerts {
		if said := textOf(t, stranger.url+path, selector); !slices.Equal(said, []string{reason}) {
			t.Errorf("the page %s says %q", path, said)
		}
	}

	for _, queue := range requests {
		if d, err := client.depth(queue + "-dlq"); err != nil || d.visible+d.hidden != 1 {
			t.Errorf("%s-dlq: %+v, %v, want the letter kept", queue, d, err)
		}
		tr.s.operate("dlq", "redrive", queue)
	}
	for _, web := range []*process{tr.web, stranger} {
		if err := check(numbers, tr.awaitList(web, list.ID, "done", "")); err != nil {
			t.Error(err)
		}
		tr.awaitPicture(web, batch.ID, "done", "")
	}
	for path, selector := range alerts {
		if said := textOf(t, stranger.url+path, selector); len(said) != 0 {
			t.Errorf("after the redrive the page %s says %q", path, said)
		}
	}
	if left, err := client.depths(); err != nil || len(left) != 0 {
		t.Errorf("left in the queues: %v, %v", left, err)
	}
	for _, p := range append(tr.workers, tr.web, stranger) {
		p.kill() // a soft stop would wait for open polls, 20 s
	}
}

// localEnv has a worker use the backend as the local one that it is.
func localEnv(s *system) []string {
	return []string{"CLOUDWORKS_BACKEND=local", "CLOUDWORKS_LOCAL_ADDR=" + s.local}
}

// awaitList waits until the list's page, for programs, says so.
func (tr *trial) awaitList(web *process, id, state, reason string) (got calcJob) {
	tr.t.Helper()
	eventually(tr.t, time.Minute, id+" is "+state, func() (err error) {
		if got, err = look(web.url, id); err == nil && (got.State != state || got.Error != reason) {
			err = fmt.Errorf("it is %s: %s", got.State, got.Error)
		}
		return err
	})
	return got
}

// awaitPicture is awaitList for the one picture of a batch.
func (tr *trial) awaitPicture(web *process, id, state, reason string) {
	tr.t.Helper()
	eventually(tr.t, time.Minute, id+" is "+state, func() error {
		r, err := http.NewRequest(http.MethodGet, web.url+"/pics/"+id, nil)
		if err != nil {
			return err
		}
		got, err := fetch[picsJob](r, http.StatusOK)
		if err == nil && (len(got.Pictures) != 1 || got.Pictures[0].State != state || got.Pictures[0].Error != reason) {
			err = fmt.Errorf("%+v", got.Pictures)
		}
		return err
	})
}

// textOf gives the texts of a page's elements.
func textOf(t *testing.T, address, selector string) (texts []string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := goquery.NewDocumentFromReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	page.Find(selector).Each(func(_ int, s *goquery.Selection) { texts = append(texts, strings.TrimSpace(s.Text())) })
	return texts
}

// depth is how many messages a queue shows and hides.
type depth struct{ visible, hidden int }

func (l lab) depth(queue string) (d depth, err error) {
	visible, hidden := types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	out, err := l.sqs.GetQueueAttributes(l.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: l.url(queue), AttributeNames: []types.QueueAttributeName{visible, hidden},
	})
	if err != nil {
		return d, err
	}
	_, err = fmt.Sscan(out.Attributes[string(visible)]+" "+out.Attributes[string(hidden)], &d.visible, &d.hidden)
	return d, err
}
