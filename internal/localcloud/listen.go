package localcloud

import (
	"fmt"
	"net"
	"net/netip"
)

// Listen listens on a TCP address of this machine's loopback, such as
// 127.0.0.1:4566, [::1]:0 or localhost:4566, and refuses any other.
func Listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	if host != "localhost" {
		if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
			return nil, fmt.Errorf("listen on %q: the local cloud serves loopback only: use 127.0.0.1, [::1] or localhost", addr)
		}
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	return l, nil
}
