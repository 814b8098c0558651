package site

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"cloudworks/internal/jobs"
)

// A visitor is a random cookie. Its hash is the owner of what they send: the
// queue uses it to be fair between visitors, and learns nothing from it.

const visitorTime = 365 * 24 * time.Hour

// owner gives the visitor's hash, and gives the visitor a cookie if need be.
func (s *Site) owner(w http.ResponseWriter, r *http.Request) string {
	token := ""
	if c, err := r.Cookie(s.cookieName(r, "visitor")); err == nil && jobs.IsToken(c.Value) {
		token = c.Value
	}
	if token == "" {
		token = jobs.NewToken()
		s.setCookie(w, r, "visitor", token, visitorTime)
	}
	sum := sha256.Sum256([]byte("owner:" + token))
	return hex.EncodeToString(sum[:16])
}

// cookieName has the prefix that binds a cookie to this host, where TLS
// allows it.
func (s *Site) cookieName(r *http.Request, name string) string {
	if s.secure(r) {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie that no script can read; an empty value removes it.
func (s *Site) setCookie(w http.ResponseWriter, r *http.Request, name, value string, keep time.Duration) {
	c := &http.Cookie{
		Name: s.cookieName(r, name), Value: value, Path: "/", MaxAge: int(keep.Seconds()),
		HttpOnly: true, Secure: s.secure(r), SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
