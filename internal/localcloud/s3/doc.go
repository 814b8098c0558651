// Package s3 is an S3 service that keeps its objects on the local disk: an
// http.Handler for one process to embed, which the AWS SDK and the AWS CLI
// take for the real one.
//
// The protocol is rclone/gofakes3's; what is kept, and how, is ours:
//
//	Dir/index.bolt        the index (bbolt): buckets, and a record for each object,
//	                      with its content if that is at most 4 KiB
//	Dir/blobs/ab/ab12…    other content, in a file with a random name
//	Dir/spool/…           content that is still arriving
//
// A key is only ever a key of the index, never a path, so any key that S3
// allows is allowed here.
//
// A put spools its content, syncs and renames it into place, and then changes
// the index in one transaction that also checks the conditions of the write.
// Only then is it acknowledged, and only then is the content that it replaced
// removed. A crash at any point leaves the old object or the new one, and at
// worst a file that no record names; Open removes such files. Content is
// never changed once it has a name, so a reader that has it open reads it to
// its end whatever happens to the object meanwhile.
//
// The package knows nothing of the objects' meaning; how long they live is the
// caller's to say (Options.Expire).
package s3
