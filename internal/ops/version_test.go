package ops

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"
)

// A build that knows no version is named by its own bytes.
func TestOwnSum(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	want := sha256.Sum256(content)
	if got, err := ownSum(); err != nil || got != hex.EncodeToString(want[:]) {
		t.Errorf("got %s, %v", got, err)
	}
	if Version() == "" {
		t.Error("the build has no name")
	}
}
