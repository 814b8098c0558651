package ops

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime/debug"
	"sync"
)

// Version names the build: a module's version, else the commit. A release
// knows neither, so that the same source gives the same bytes: it is named by
// these, as sha256sum shows them.
var Version = sync.OnceValue(func() string {
	b, ok := debug.ReadBuildInfo()
	if ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	if ok {
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" {
				return "commit " + s.Value[:min(len(s.Value), 12)]
			}
		}
	}
	sum, err := ownSum()
	if err != nil {
		return "unknown"
	}
	return "sha256 " + sum[:12]
})

// ownSum is the SHA-256 of the running program's file.
func ownSum() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(self)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
