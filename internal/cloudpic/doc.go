// Package cloudpic is the kind of job that betters pictures: admission of
// uploads, the text of request and reply, and both halves that speak them.
// Its sub-packages know pixels: codec reads and writes files, enhance changes
// what is on them. cloudpic knows queues and buckets only as what jobs and
// the small interfaces here say of them.
package cloudpic
