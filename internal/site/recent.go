package site

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"
	"cloudworks/templates"
)

// The recent jobs of a browser are ids in a cookie of its own, newest first,
// each with a hint to know it by. Nothing about who sent what is kept on our
// side.

const (
	maxRecent     = 12
	maxHint       = 32 // characters
	recentBetween = "_"
	hintAfter     = "~"
)

// bulkMark stands before the id of a bulk, which looks like a batch's.
const bulkMark = "bulk:"

// recentJob is one entry of the cookie; its id may have bulkMark before it.
type recentJob struct{ id, hint string }

// recentJobs reads the cookie; what isn't an id is left out.
func (s *Site) recentJobs(r *http.Request) []recentJob {
	c, err := r.Cookie(s.cookieName(r, "recent"))
	if err != nil {
		return nil
	}
	return decodeRecent(c.Value)
}

func decodeRecent(value string) []recentJob {
	var out []recentJob
	for item := range strings.SplitSeq(value, recentBetween) {
		id, hint, _ := strings.Cut(item, hintAfter)
		if !validID(id) || slices.ContainsFunc(out, func(o recentJob) bool { return o.id == id }) {
			continue
		}
		text, err := base64.RawStdEncoding.DecodeString(hint)
		if err != nil {
			text = nil
		}
		out = append(out, recentJob{id, shortHint(string(text))})
		if len(out) == maxRecent {
			break
		}
	}
	return out
}

func encodeRecent(list []recentJob) string {
	items := make([]string, len(list))
	for i, j := range list {
		items[i] = j.id + hintAfter + base64.RawStdEncoding.EncodeToString([]byte(shortHint(j.hint)))
	}
	return strings.Join(items, recentBetween)
}

// shortHint cuts a hint to its length, and keeps it to one line.
func shortHint(hint string) string {
	if hint == "" {
		return ""
	}
	r := []rune(cloudpic.CleanName(hint))
	if len(r) > maxHint {
		return strings.TrimRight(string(r[:maxHint-1]), " ,") + "…"
	}
	return string(r)
}

// validID reports whether id has the form of a list's, a bulk's or a batch's.
func validID(id string) bool {
	if bulk, ok := strings.CutPrefix(id, bulkMark); ok {
		_, dated := jobs.IDTime(bulk)
		return dated
	}
	message, list, isList := strings.Cut(id, ".")
	if _, ok := jobs.IDTime(message); !ok {
		return false
	}
	return !isList || len(list) >= 26 && len(list) <= 40 && strings.Trim(list, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// remember puts a job at the head of the list. A second picture of a batch
// changes nothing of what the first one wrote.
func (s *Site) remember(w http.ResponseWriter, r *http.Request, id, hint string) {
	list := s.recentJobs(r)
	if i := slices.IndexFunc(list, func(j recentJob) bool { return j.id == id }); i >= 0 {
		hint = list[i].hint
		list = slices.Delete(list, i, i+1)
	}
	list = slices.Insert(list, 0, recentJob{id, hint})
	s.keepRecent(w, r, list[:min(len(list), maxRecent)])
}

func (s *Site) keepRecent(w http.ResponseWriter, r *http.Request, list []recentJob) {
	s.setCookie(w, r, "recent", encodeRecent(list), max(s.opts.Retention, s.opts.LogRetention))
}

// drop takes an id off the list.
func (s *Site) drop(w http.ResponseWriter, r *http.Request, id string) {
	s.keepRecent(w, r, slices.DeleteFunc(s.recentJobs(r), func(j recentJob) bool { return j.id == id }))
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
	for _, j := range s.recentJobs(r) {
		item, at, keep := s.recentItem(j)
		left := at.Add(keep).Sub(s.now())
		if left <= 0 {
			continue
		}
		item.Kept = "kept for another " + spoken(left)
		out = append(out, item)
	}
	return out
}

// recentItem prepares one entry, and says when it began and how long it is
// kept.
func (s *Site) recentItem(j recentJob) (item templates.Recent, at time.Time, keep time.Duration) {
	bulk, isBulk := strings.CutPrefix(j.id, bulkMark)
	message, _, isList := strings.Cut(bulk, ".")
	at, _ = jobs.IDTime(message)
	keep = s.opts.LogRetention
	switch {
	case isBulk:
		item = templates.Recent{Kind: "CloudCal", URL: bulkPath + bulk, What: "a file of lists"}
	case isList:
		item = templates.Recent{Kind: "CloudCal", URL: "/calc/" + j.id, What: "twenty numbers"}
	default:
		item, keep = templates.Recent{Kind: "CloudPic", URL: "/pics/" + j.id, What: "pictures"}, s.opts.Retention
	}
	item.ID, item.When = j.id, stampOf(at)
	if j.hint != "" {
		item.What = j.hint
	}
	return item, at, keep
}

// stampOf gives a moment in UTC; a script puts it into the visitor's zone.
func stampOf(t time.Time) templates.Stamp {
	u := t.UTC()
	return templates.Stamp{Text: u.Format("2 January, 15:04 UTC"), ISO: u.Format(time.RFC3339)}
}
