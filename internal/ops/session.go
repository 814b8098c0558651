package ops

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// door lets in whoever has the token: a browser by a cookie that it got for
// it, a program by the token itself.
type door struct {
	token  [sha256.Size]byte // its sum, so that lengths compare alike
	key    []byte            // of the cookies
	failed failures
}

const (
	cookieName = "cloudworks_ops"
	// cookieTime is how long somebody stays logged in.
	cookieTime = 12 * time.Hour
	// keyRounds makes a guess at the token from a stolen cookie dear.
	keyRounds = 100_000
)

// newDoor makes a door. Cookies outlive a restart, and are good on all
// processes of the same token; with another token they are worth nothing.
func newDoor(token string) (*door, error) {
	key, err := pbkdf2.Key(sha256.New, token, []byte("cloudworks operators' cookie"), keyRounds, sha256.Size)
	if err != nil {
		return nil, err
	}
	return &door{token: sha256.Sum256([]byte(token)), key: key}, nil
}

// fits compares in a time that says nothing.
func (d *door) fits(token string) bool {
	sum := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(sum[:], d.token[:]) == 1
}

// try compares what a client offers, unless it has failed too often.
func (d *door) try(r *http.Request, token string) (in, blocked bool) {
	from := client(r)
	if !d.failed.may(from, time.Now()) {
		return false, true
	}
	if !d.fits(token) {
		return false, false
	}
	d.failed.forget(from)
	return true, false
}

// knows says whether a request may come in.
func (d *door) knows(r *http.Request) (in, blocked bool) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return d.try(r, token)
	}
	c, err := r.Cookie(cookieName)
	return err == nil && d.good(c.Value, time.Now()), false
}

// cookie is for a browser that has shown the token.
func (d *door) cookie(r *http.Request, now time.Time) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: d.sign(now.Add(cookieTime)), Path: "/", MaxAge: int(cookieTime.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
}

// sign gives the time until which a cookie is good, sealed.
func (d *door) sign(until time.Time) string {
	value := binary.BigEndian.AppendUint64(nil, uint64(until.Unix())) // #nosec G115 -- a time to come
	seal := hmac.New(sha256.New, d.key)
	seal.Write(value)
	return base64.RawURLEncoding.EncodeToString(seal.Sum(value))
}

func (d *door) good(value string, now time.Time) bool {
	raw, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(raw) != 8+sha256.Size {
		return false
	}
	seal := hmac.New(sha256.New, d.key)
	seal.Write(raw[:8])
	return hmac.Equal(seal.Sum(nil), raw[8:]) && binary.BigEndian.Uint64(raw) > uint64(now.Unix()) // #nosec G115 -- after 1970
}

// failures bounds the guesses at the token from one address.
type failures struct {
	mu   sync.Mutex
	from map[string]*guesses
}

type guesses struct {
	n     int
	since time.Time
}

const (
	maxGuesses  = 10
	guessTime   = 10 * time.Minute
	maxGuessers = 1000
)

// may counts a guess, and says whether it may be looked at.
func (f *failures) may(from string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.from[from]
	if g == nil || now.Sub(g.since) > guessTime {
		if f.from == nil || len(f.from) >= maxGuessers {
			f.from = make(map[string]*guesses) // who has so many addresses isn't held up by this
		}
		g = &guesses{since: now}
		f.from[from] = g
	}
	g.n++
	return g.n <= maxGuesses
}

func (f *failures) forget(from string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.from, from)
}

// client is the address that a request came from, without the port.
func client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
