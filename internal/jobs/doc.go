// Package jobs is request and reply over queues.
package jobs
