package cloudcal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"cloudworks/internal/jobs"
)

// Ids are "<message>.<list>": the first part finds the log object, the second
// the line in it. The list's part ends in a check, made with a key that all
// web instances share: an instance that has neither the job in memory nor its
// record on S3 can so tell an id that was given out, whose answer is yet to
// come, from one that never was.

const (
	tokenLen = 26
	checkLen = 8 // 40 bits: a forged one gains a page that says "queued"
)

// newListID makes the second part of an id.
func newListID(key []byte, message string) string {
	token := jobs.NewToken()
	return token + check(key, message, token)
}

func check(key []byte, message, token string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message + "." + token))
	return base32.StdEncoding.EncodeToString(mac.Sum(nil))[:checkLen]
}

// splitID takes an id apart. It is false for one that was never given out.
func splitID(key []byte, id string) (message, list string, ok bool) {
	message, list, _ = strings.Cut(id, ".")
	if _, dated := jobs.IDTime(message); !dated || len(list) != tokenLen+checkLen {
		return "", "", false
	}
	token := list[:tokenLen]
	want := check(key, message, token)
	return message, list, jobs.IsToken(token) && hmac.Equal([]byte(list[tokenLen:]), []byte(want))
}
