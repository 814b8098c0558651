package s3

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/rclone/gofakes3"
	"go.etcd.io/bbolt"
)

func (b *backend) ListBucket(_ context.Context, name string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	if prefix == nil {
		prefix = &gofakes3.Prefix{}
	}
	l := lister{prefix: prefix.Prefix, delimiter: prefix.Delimiter, most: page.MaxKeys, list: gofakes3.NewObjectList()}
	err := b.index.db.View(func(tx *bbolt.Tx) error {
		records, err := objects(tx, name)
		if err != nil {
			return err
		}
		return l.run(records.Cursor(), page.Marker)
	})
	return l.list, err
}

// lister makes one page of a listing.
type lister struct {
	prefix, delimiter string
	most              int64 // entries on the page; 0 and less: no limit
	list              *gofakes3.ObjectList
	count             int64
}

// run walks the keys after marker. What lies below one common prefix is
// passed over in one step, so that a page costs what it shows.
func (l *lister) run(c *bbolt.Cursor, marker string) error {
	key, encoded := seek(c, l.start(marker))
	for key != nil && strings.HasPrefix(string(key), l.prefix) {
		if l.most > 0 && l.count == l.most {
			l.list.IsTruncated = true
			return nil
		}
		l.count++
		if common, ok := l.common(string(key)); ok {
			l.list.AddPrefix(common)
			l.list.NextMarker = common
			key, encoded = seek(c, successor(common))
			continue
		}
		if err := l.add(string(key), encoded); err != nil {
			return err
		}
		key, encoded = c.Next()
	}
	l.list.NextMarker = "" // there is no next page
	return nil
}

// start gives the first key that may follow marker. A common prefix that was
// the last page's last entry is passed over as a whole.
func (l *lister) start(marker string) []byte {
	if marker < l.prefix || marker == "" {
		return []byte(l.prefix)
	}
	if common, ok := l.common(marker); ok && common == marker {
		return successor(marker)
	}
	return append([]byte(marker), 0)
}

// common gives the part of a key up to the first delimiter behind the prefix.
func (l *lister) common(key string) (string, bool) {
	if l.delimiter == "" || !strings.HasPrefix(key, l.prefix) {
		return "", false
	}
	at := strings.Index(key[len(l.prefix):], l.delimiter)
	if at < 0 {
		return "", false
	}
	return key[:len(l.prefix)+at+len(l.delimiter)], true
}

func (l *lister) add(key string, encoded []byte) error {
	r, err := decodeRecord(encoded)
	if err != nil {
		return fmt.Errorf("read the record of %q: %w", key, err)
	}
	l.list.Add(&gofakes3.Content{
		Key: key, Size: r.size, ETag: `"` + r.etag() + `"`,
		LastModified: gofakes3.NewContentTime(r.modified), StorageClass: gofakes3.StorageStandard,
	})
	l.list.NextMarker = key
	return nil
}

// seek goes to the first key that isn't below from; nil is behind all keys.
func seek(c *bbolt.Cursor, from []byte) (key, value []byte) {
	if from == nil {
		return nil, nil
	}
	return c.Seek(from)
}

// successor gives the first key that is above all keys with the prefix, nil
// when there is none.
func successor(prefix string) []byte {
	next := bytes.TrimRight([]byte(prefix), "\xff")
	if len(next) == 0 {
		return nil
	}
	next[len(next)-1]++
	return next
}
