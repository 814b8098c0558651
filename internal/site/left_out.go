package site

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cloudworks/internal/cloudpic"
	"cloudworks/templates"
)

// leftOut is a picture beyond the most that a batch takes. It is no part of
// the batch, so its name travels to the batch's page in a cookie.
type leftOut struct {
	Number int    `json:"n"`
	Name   string `json:"name"`
}

var leftOutReason = fmt.Sprintf("A batch takes %d pictures; this one was left out. Send it in another batch.", cloudpic.MaxPictures)

const (
	leftOutTime  = time.Hour
	maxLeftOut   = 20
	leftOutBytes = 3000 // what browsers surely keep of a cookie
)

// keepLeftOut has the visitor's browser keep the names for the batch's page.
func (s *Site) keepLeftOut(w http.ResponseWriter, r *http.Request, batch string, left []leftOut) {
	if len(left) == 0 {
		return
	}
	left = left[:min(len(left), maxLeftOut)]
	value := encodeLeftOut(left)
	for len(value) > leftOutBytes {
		left = left[:len(left)-1]
		value = encodeLeftOut(left)
	}
	http.SetCookie(w, &http.Cookie{
		Name: "leftout", Value: value, Path: "/pics/" + batch, MaxAge: int(leftOutTime.Seconds()),
		HttpOnly: true, Secure: s.secure(r), SameSite: http.SameSiteLaxMode,
	})
}

func encodeLeftOut(left []leftOut) string {
	b, err := json.Marshal(left)
	if err != nil {
		return "" // numbers and strings always can
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeLeftOut reads the cookie, which is the visitor's to change: what
// isn't right is left out.
func decodeLeftOut(value string) []leftOut {
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(value) > leftOutBytes {
		return nil
	}
	var in, out []leftOut
	if json.Unmarshal(b, &in) != nil {
		return nil
	}
	for _, l := range in {
		if len(out) < maxLeftOut && l.Number > cloudpic.MaxPictures && strings.TrimSpace(l.Name) != "" {
			out = append(out, leftOut{l.Number, cloudpic.CleanName(l.Name)})
		}
	}
	return out
}

// leftOut prepares the rows of what was left out.
func (s *Site) leftOut(r *http.Request) []templates.LeftOut {
	c, err := r.Cookie("leftout")
	if err != nil {
		return nil
	}
	var out []templates.LeftOut
	for _, l := range decodeLeftOut(c.Value) {
		out = append(out, templates.LeftOut{Name: l.Name, Reason: leftOutReason})
	}
	return out
}
