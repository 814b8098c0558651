package cloud

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cloudworks/internal/jobs"
)

// Every try is told with its number, and with how full and how large it was.
func TestObserve(t *testing.T) {
	fail := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch target := r.Header.Get("X-Amz-Target"); {
		case fail && strings.HasSuffix(target, "SendMessageBatch"):
			fail = false
			w.WriteHeader(http.StatusInternalServerError)
		case strings.HasSuffix(target, "SendMessageBatch"):
			fmt.Fprint(w, `{"Successful":[{"Id":"0"},{"Id":"1"}],"Failed":[]}`)
		case strings.HasSuffix(target, "ReceiveMessage"):
			fmt.Fprint(w, `{"Messages":[{"Body":"12345","MD5OfBody":"827ccb0eea8a706c4c34a16891f84e7b"}]}`)
		}
	}))
	defer server.Close()
	var got []Call
	c := open(t, server.URL, func(call Call) { got = append(got, call) })
	q := c.remember("work", server.URL+"/work")
	messages := []jobs.Message{{Body: "1 2 3"}, {Body: "4 5 6", Attributes: map[string]string{"JobID": "x"}}}
	want := 0
	for _, m := range messages {
		want += m.Size()
	}
	q.Send(t.Context(), messages)
	if _, err := q.Receive(t.Context(), 10, 0, time.Second); err != nil {
		t.Fatal(err)
	}
	q.Delete(t.Context(), []string{"a", "b", "c"})
	if err := c.Bucket("b").Put(t.Context(), jobs.Object{Key: "k"}, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	diff := cmp.Diff([]Call{
		{Service: "SQS", Operation: "SendMessageBatch", Try: 1, Entries: 2, Bytes: want},
		{Service: "SQS", Operation: "SendMessageBatch", Try: 2, Entries: 2, Bytes: want},
		{Service: "SQS", Operation: "ReceiveMessage", Try: 1, Entries: 1, Bytes: 5},
		{Service: "SQS", Operation: "DeleteMessageBatch", Try: 1, Entries: 3},
		{Service: "S3", Operation: "PutObject", Try: 1, Entries: NoEntries},
	}, got, cmpopts.IgnoreFields(Call{}, "Took", "Err"))
	if diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}
