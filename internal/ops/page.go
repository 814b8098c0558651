package ops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"cloudworks/internal/jobs"
	"cloudworks/static"
	"cloudworks/templates"
)

// page is the operators' page.
type page struct {
	opts    Options
	door    *door
	started time.Time
}

// Addresses on the ops address.
const (
	homePath   = "/ops"
	statePath  = "/ops/state"
	loginPath  = "/ops/login"
	logoutPath = "/ops/logout"
	deadPath   = "/ops/dead/" // and the request queue's name
)

func (p *page) routes(mux *http.ServeMux) {
	serve := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, guarded(h)) }
	serve("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, homePath, http.StatusSeeOther) })
	serve("GET "+static.Prefix, static.Handler(http.NotFound))
	serve("GET "+loginPath, func(w http.ResponseWriter, r *http.Request) { p.login(w, r, http.StatusOK, "") })
	serve("POST "+loginPath, p.enter)
	serve("POST "+logoutPath, p.leave)
	serve("GET "+homePath, p.known(p.home))
	serve("GET "+statePath, p.known(p.news))
	serve("GET "+deadPath+"{queue}", p.known(p.dead))
	serve("POST "+deadPath+"{queue}/redrive", p.known(p.redrive))
	serve("POST "+deadPath+"{queue}/drop", p.known(p.drop))
}

// contentPolicy lets a page load what we serve and nothing else. data: is for
// the small icons inside the stylesheet.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm is the largest form, in bytes.
const maxForm = 16 << 10

// guarded sets what every answer carries, and refuses what another site's
// page asks for in an operator's name. Referrer-Policy is same-origin, as
// no-referrer would have browsers post forms with "Origin: null".
func guarded(next http.HandlerFunc) http.Handler {
	own := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Cache-Control", "no-store") // which what is static overrides
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		own.ServeHTTP(w, r)
	})
}

// known lets nobody through without the token.
func (p *page) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		in, blocked := p.door.knows(r)
		switch {
		case in:
			next(w, r)
		case blocked:
			p.tooMany(w, r)
		case wantsJSON(r):
			w.Header().Set("WWW-Authenticate", `Bearer realm="cloudworks operators"`)
			sendJSON(w, http.StatusUnauthorized, trouble{"The token is missing or wrong."})
		case r.URL.Path == statePath:
			p.render(w, r, http.StatusOK, templates.OpsEnded()) // a poller shows what comes with 200 alone
		case r.Method == http.MethodGet:
			http.Redirect(w, r, loginPath, http.StatusSeeOther)
		default:
			p.login(w, r, http.StatusUnauthorized, "Your session has ended; nothing was done.")
		}
	}
}

func (p *page) tooMany(w http.ResponseWriter, r *http.Request) {
	const why = "Too many wrong tokens came from your address. Try again in ten minutes."
	w.Header().Set("Retry-After", strconv.Itoa(int(guessTime.Seconds())))
	if wantsJSON(r) {
		sendJSON(w, http.StatusTooManyRequests, trouble{why})
		return
	}
	p.login(w, r, http.StatusTooManyRequests, why)
}

func (p *page) login(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	p.render(w, r, status, templates.OpsLoginPage(about("Log in"), templates.OpsLogin{Action: loginPath, Wrong: wrong}))
}

// enter takes the token from the form.
func (p *page) enter(w http.ResponseWriter, r *http.Request) {
	in, blocked := p.door.try(r, strings.TrimSpace(r.PostFormValue("token")))
	switch {
	case blocked:
		p.opts.Log.Warn().Str("from", client(r)).Msg("operators' page: too many wrong tokens")
		p.tooMany(w, r)
	case !in:
		p.opts.Log.Warn().Str("from", client(r)).Msg("operators' page: wrong token")
		p.login(w, r, http.StatusForbidden, "That is not the token.")
	default:
		p.opts.Log.Info().Str("from", client(r)).Msg("operators' page: logged in")
		http.SetCookie(w, p.door.cookie(r, time.Now()))
		http.Redirect(w, r, homePath, http.StatusSeeOther)
	}
}

func (p *page) leave(w http.ResponseWriter, r *http.Request) {
	c := p.door.cookie(r, time.Now())
	c.Value, c.MaxAge = "", -1
	http.SetCookie(w, c)
	http.Redirect(w, r, loginPath, http.StatusSeeOther)
}

// lookTime bounds what a page asks of the queues.
const lookTime = 10 * time.Second

func (p *page) home(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), lookTime)
	defer cancel()
	s := p.state(ctx)
	if wantsJSON(r) {
		sendJSON(w, http.StatusOK, s)
		return
	}
	a := about("Operators")
	a.Refresh = "15"
	p.render(w, r, http.StatusOK, templates.OpsPage(a, view(s)))
}

// news is the part of the page that changes.
func (p *page) news(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), lookTime)
	defer cancel()
	p.render(w, r, http.StatusOK, templates.OpsState(view(p.state(ctx))))
}

// maxLetters is how many dead letters the page shows at once.
const maxLetters = 50

func (p *page) dead(w http.ResponseWriter, r *http.Request) {
	done := ""
	switch n, err := strconv.Atoi(r.URL.Query().Get("moved")); {
	case err == nil:
		done = movedText(n)
	case r.URL.Query().Has("dropped"):
		done = "Dropped."
	}
	p.letters(w, r, http.StatusOK, done, nil)
}

// letters shows a queue's dead letters, under what was just done or failed.
func (p *page) letters(w http.ResponseWriter, r *http.Request, status int, done string, failed error) {
	ctx, cancel := context.WithTimeout(r.Context(), lookTime)
	defer cancel()
	k, ok := p.kind(ctx, r.PathValue("queue"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	letters, err := p.opts.Desk.DeadLetters(ctx, k.Queue.Name, maxLetters)
	if err != nil && status == http.StatusOK {
		status = statusOf(err)
	}
	if wantsJSON(r) {
		if err != nil {
			sendJSON(w, status, trouble{said(err)})
			return
		}
		sendJSON(w, status, map[string]any{"queue": k.Dead.Name, "letters": letters})
		return
	}
	p.render(w, r, status, templates.OpsDeadPage(about("Dead letters of "+k.Queue.Name), deadView(k, letters, done, errors.Join(failed, err))))
}

// kind finds the kind whose request queue that is.
func (p *page) kind(ctx context.Context, queue string) (KindState, bool) {
	kinds := p.kinds(ctx, nil)
	i := slices.IndexFunc(kinds, func(k KindState) bool { return k.Queue.Name == queue })
	if i < 0 {
		return KindState{}, false
	}
	return kinds[i], true
}

func (p *page) redrive(w http.ResponseWriter, r *http.Request) {
	p.change(w, r, "redrive", func(ctx context.Context, queue string) (url.Values, error) {
		n, err := p.opts.Desk.Redrive(ctx, queue)
		return url.Values{"moved": {strconv.Itoa(n)}}, err
	})
}

// drop deletes one message, or all when that is said: a form that lost its
// field must not delete everything.
func (p *page) drop(w http.ResponseWriter, r *http.Request) {
	id, all := r.PostFormValue("id"), r.PostFormValue("all") == "yes"
	if (id == "") != all {
		http.Error(w, "Name one message as id, or say all=yes.", http.StatusUnprocessableEntity)
		return
	}
	p.change(w, r, "drop", func(ctx context.Context, queue string) (url.Values, error) {
		return url.Values{"dropped": {"1"}}, p.opts.Desk.Drop(ctx, queue, id)
	})
}

// changeTime bounds what an operator has done.
const changeTime = time.Minute

// change does what an operator asked for, and writes it down.
func (p *page) change(w http.ResponseWriter, r *http.Request, what string, do func(ctx context.Context, queue string) (url.Values, error)) {
	ctx, cancel := context.WithTimeout(r.Context(), changeTime)
	defer cancel()
	queue := r.PathValue("queue")
	if _, ok := p.kind(ctx, queue); !ok {
		http.NotFound(w, r)
		return
	}
	did, err := do(ctx, queue)
	p.opts.Log.Info().Str("queue", queue).Str("from", client(r)).AnErr("error", err).Msg("operators' page: " + what)
	switch {
	case err != nil && wantsJSON(r):
		sendJSON(w, statusOf(err), trouble{said(err)})
	case err != nil:
		p.letters(w, r, statusOf(err), "", err)
	case wantsJSON(r):
		sendJSON(w, http.StatusOK, did)
	default:
		http.Redirect(w, r, deadPath+url.PathEscape(queue)+"?"+did.Encode(), http.StatusSeeOther)
	}
}

func isDenied(err error) bool { return errors.Is(err, jobs.ErrDenied) }

// said is what an operator reads of an error: all of it, and what to do where
// that is known.
func said(err error) string {
	if isDenied(err) {
		return "This process's role may not do that: on AWS the roles have only what the program itself needs. " +
			"Run “worker dlq” with an operator's credentials instead. (" + err.Error() + ")"
	}
	return err.Error()
}

func statusOf(err error) int {
	if isDenied(err) {
		return http.StatusForbidden
	}
	return http.StatusBadGateway
}

// trouble is an error in JSON.
type trouble struct {
	Error string `json:"error"`
}

// wantsJSON tells programs: they say so, or come with the token itself.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	if strings.Contains(accept, "text/html") {
		return false
	}
	return strings.Contains(accept, "application/json") || r.Header.Get("Authorization") != ""
}

func sendJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // whoever asked may be gone
}

func (p *page) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	var b bytes.Buffer
	if err := c.Render(context.WithoutCancel(r.Context()), &b); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever asked may be gone
}

// about is what stands around a page's content.
func about(title string) templates.Page {
	return templates.Page{
		Title: title + " – Cloudworks operations", Description: "How the queues and workers of Cloudworks stand.",
		Assets: templates.Assets{
			Style: static.Path("ops.css"), Htmx: static.Path("htmx.js"), App: static.Path("app.js"),
			Icon: static.Path("icon.svg"), Touch: static.Path("touch.png"),
		},
	}
}
