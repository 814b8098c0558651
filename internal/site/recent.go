package site

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"cloudworks/internal/jobs"
	"cloudworks/templates"
)

// The recent jobs of a browser are ids in a cookie of its own, newest first.
// Nothing about who sent what is kept on our side.

const (
	maxRecent     = 12
	recentBetween = "_"
)

// recentIDs reads the cookie; what isn't an id is left out.
func (s *Site) recentIDs(r *http.Request) []string {
	c, err := r.Cookie(s.cookieName(r, "recent"))
	if err != nil {
		return nil
	}
	return decodeRecent(c.Value)
}

func decodeRecent(value string) []string {
	var ids []string
	for id := range strings.SplitSeq(value, recentBetween) {
		if validID(id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		if len(ids) == maxRecent {
			break
		}
	}
	return ids
}

// validID reports whether id has the form of a list's or a batch's.
func validID(id string) bool {
	message, list, isList := strings.Cut(id, ".")
	if _, ok := jobs.IDTime(message); !ok {
		return false
	}
	return !isList || len(list) >= 26 && len(list) <= 40 && strings.Trim(list, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// remember puts an id at the head of the list.
func (s *Site) remember(w http.ResponseWriter, r *http.Request, id string) {
	ids := slices.DeleteFunc(s.recentIDs(r), func(other string) bool { return other == id })
	ids = slices.Insert(ids, 0, id)
	s.keepRecent(w, r, ids[:min(len(ids), maxRecent)])
}

func (s *Site) keepRecent(w http.ResponseWriter, r *http.Request, ids []string) {
	s.setCookie(w, r, "recent", strings.Join(ids, recentBetween), max(s.opts.Retention, s.opts.LogRetention))
}

// drop takes an id off the list.
func (s *Site) drop(w http.ResponseWriter, r *http.Request, id string) {
	s.keepRecent(w, r, slices.DeleteFunc(s.recentIDs(r), func(other string) bool { return other == id }))
}

// forget answers POST /recent/forget: it takes one job off this browser's
// list and deletes nothing.
func (s *Site) forget(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.fail(w, r, badForm(err))
		return
	}
	s.drop(w, r, r.PostForm.Get("id"))
	http.Redirect(w, r, "/#recent", http.StatusSeeOther)
}

// recent prepares the list, without what has expired.
func (s *Site) recent(r *http.Request) []templates.Recent {
	var out []templates.Recent
	for _, id := range s.recentIDs(r) {
		message, _, isList := strings.Cut(id, ".")
		at, _ := jobs.IDTime(message)
		item := templates.Recent{ID: id, Kind: "CloudPic", URL: "/pics/" + id, What: "pictures", When: stampOf(at)}
		keep := s.opts.Retention
		if isList {
			item.Kind, item.URL, item.What, keep = "CloudCal", "/calc/"+id, "twenty numbers", s.opts.LogRetention
		}
		left := at.Add(keep).Sub(s.now())
		if left <= 0 {
			continue
		}
		item.Kept = "kept for another " + spoken(left)
		out = append(out, item)
	}
	return out
}

// stampOf gives a moment in UTC; a script puts it into the visitor's zone.
func stampOf(t time.Time) templates.Stamp {
	u := t.UTC()
	return templates.Stamp{Text: u.Format("2 January, 15:04 UTC"), ISO: u.Format(time.RFC3339)}
}
