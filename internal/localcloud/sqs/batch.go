package sqs

import "regexp"

// maxBatch is how many entries a batch may have.
const maxBatch = 10

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// checkBatch checks the ids of a batch's entries.
func checkBatch(ids []string) error {
	switch {
	case len(ids) == 0:
		return own("EmptyBatchRequest", oldCode+"EmptyBatchRequest", "There should be at least one entry in the request.")
	case len(ids) > maxBatch:
		return own("TooManyEntriesInBatchRequest", oldCode+"TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxBatch, len(ids))
	}
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !entryID.MatchString(id) {
			return own("InvalidBatchEntryId", oldCode+"InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id] {
			return own("BatchEntryIdsNotDistinct", oldCode+"BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
	}
	return nil
}

func failedAs(id string, err error) failedEntry {
	answer, _ := asAPIError(err)
	return failedEntry{Id: id, SenderFault: answer.senderFault(), Code: answer.code, Message: answer.message}
}

// each runs f on every entry of a batch and sorts them by how it ended.
func each(entries []receiptEntry, f func(*receiptEntry) error) (done []doneEntry, failed []failedEntry) {
	done = []doneEntry{} // AWS JSON has an empty list, not none
	for i := range entries {
		if err := f(&entries[i]); err != nil {
			failed = append(failed, failedAs(entries[i].Id, err))
		} else {
			done = append(done, doneEntry{entries[i].Id})
		}
	}
	return done, failed
}

func receiptIDs(entries []receiptEntry) []string {
	ids := make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].Id
	}
	return ids
}
