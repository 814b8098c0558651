package site

import (
	"net/http"
	"slices"
	"strings"

	"cloudworks/static"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

func (s *Site) routes() http.Handler {
	r := chi.NewRouter()
	r.NotFound(s.notFound)
	r.MethodNotAllowed(s.methodNotAllowed(r))
	r.Use(s.record, s.recovered, s.headers, s.crossOrigin(), s.clientIP(), middleware.GetHead,
		middleware.Compress(5, "text/html", "application/json", "text/csv"))
	r.Get(static.Prefix+"*", static.Handler(s.notFound))
	r.Group(s.reads)
	r.Group(s.lists)
	r.Group(s.uploads)
	return r
}

func (s *Site) reads(r chi.Router) {
	r.Use(s.limit(s.opts.Limits.Reads, 1200))
	r.Get("/", s.home)
	r.Get("/favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, static.Path("icon.svg"), http.StatusFound)
	})
	r.Post("/recent/forget", s.forget)
	r.Get("/calc/{id}", s.calcPage)
	r.Get("/calc/{id}/status", s.calcStatus)
	r.Get("/calc/{id}/log", s.calcLog)
	r.Get("/calc/bulk/{id}", s.bulkPage)
	r.Get("/calc/bulk/{id}/status", s.bulkStatus)
	r.Get("/pics/{batch}", s.picsPage)
	r.Get("/pics/{batch}/status", s.picsStatus)
	r.Get("/pics/{batch}/zip", s.picsZip)
	r.Get("/pics/{batch}/{n}/{variant}", s.picsFile)
}

func (s *Site) lists(r chi.Router) {
	r.Use(s.limit(s.opts.Limits.Lists, 240))
	r.Post("/calc", s.submit)
	r.Post("/calc/bulk", s.sendBulk)
}

func (s *Site) uploads(r chi.Router) {
	r.Use(s.limit(s.opts.Limits.Uploads, 240))
	r.Post("/pics", s.upload)
	r.Post("/pics/begin", s.begin)
	r.Post("/pics/{batch}/{n}/again", s.again)
	r.Post("/pics/{batch}/delete", s.deleteBatch)
	r.Delete("/pics/{batch}", s.deleteBatch)
}

// methodNotAllowed answers with a page that names what is allowed.
func (s *Site) methodNotAllowed(routes chi.Routes) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		allowed := []string{}
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
			asked := method
			if method == http.MethodHead {
				asked = http.MethodGet
			}
			if routes.Match(chi.NewRouteContext(), asked, r.URL.Path) && !slices.Contains(allowed, method) {
				allowed = append(allowed, method)
			}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		s.fail(w, r, errorOf(codeMethod, "%s is not something that can be done here.", safeMethod(r.Method)))
	}
}

// safeMethod keeps a message free of what a client made up.
func safeMethod(m string) string {
	if len(m) > 10 || strings.Trim(m, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "That"
	}
	return m
}
