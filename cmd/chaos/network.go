package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// network is a bridge with a network namespace for each process that may be cut off. nil is the loopback of this machine.
type network struct {
	prefix string         // of the names of its devices
	net    string         // of its addresses
	places map[string]int // by name of the process
}

// bridgeNets are for documentation only (RFC 5737): no real network has them. There are several for chaos beside chaos.
var bridgeNets = []string{"198.51.100.", "203.0.113.", "192.0.2."}

// freeNet is the first of them that no device of this machine has.
func freeNet() (string, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	for _, n := range bridgeNets {
		if !slices.ContainsFunc(addresses, func(a net.Addr) bool { return strings.HasPrefix(a.String(), n) }) {
			return n, nil
		}
	}
	return "", fmt.Errorf("other networks have all of %v", bridgeNets)
}

// newNetwork makes one for the named processes, if this user may; else it is nil. The number tells it from others of this
// process: what was removed is gone only after a while. Names are of 15 characters at most, and removeNetworks tells them apart again.
func newNetwork(ctx context.Context, number int, names []string) (*network, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // none is a network too
	}
	for _, tool := range []string{"ip", "nsenter"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, nil //nolint:nilerr,nilnil // the same
		}
	}
	n := &network{prefix: networkPrefix(os.Getpid(), number), places: map[string]int{}}
	var err error
	if n.net, err = freeNet(); err != nil {
		return nil, err
	}
	if n.ip(ctx, "link add %s type bridge", n.prefix) != nil { // not even root may, in some containers
		return nil, nil //nolint:nilerr,nilnil // the same
	}
	err = errors.Join(n.ip(ctx, "addr add %s1/24 dev %s", n.net, n.prefix), n.ip(ctx, "link set %s up", n.prefix))
	for i, name := range names {
		place := n.prefix + "-" + strconv.Itoa(i)
		for _, line := range []string{
			"netns add " + place,
			fmt.Sprintf("link add %sv type veth peer name eth0 netns %s", place, place),
			fmt.Sprintf("link set %sv master %s up", place, n.prefix),
			fmt.Sprintf("-n %s addr add %s%d/24 dev eth0", place, n.net, 10+i),
			fmt.Sprintf("-n %s link set eth0 up", place),
			fmt.Sprintf("-n %s link set lo up", place),
		} {
			if err == nil {
				err = n.ip(ctx, "%s", line)
			}
		}
		n.places[name] = i
	}
	if err != nil {
		return nil, errors.Join(err, n.remove(context.WithoutCancel(ctx)))
	}
	return n, nil
}

func (n *network) ip(ctx context.Context, format string, args ...any) error {
	line := fmt.Sprintf(format, args...)
	out, err := exec.CommandContext(ctx, "ip", strings.Fields(line)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", line, err, out)
	}
	return nil
}

// within is the command line that runs args in the place of a process.
func (n *network) within(name string, args []string) []string {
	if n == nil {
		return args
	}
	i, ok := n.places[name]
	if !ok {
		return args
	}
	// Not ip netns exec: that makes a copy of the mounts, too, in which a disk that was read-only then stays so.
	return append([]string{"nsenter", "--net=/var/run/netns/" + n.prefix + "-" + strconv.Itoa(i)}, args...)
}

// address is the host that a process listens on.
func (n *network) address(name string) string {
	if n == nil {
		return "127.0.0.1"
	}
	return n.net + strconv.Itoa(10+n.places[name])
}

// cut takes a process off the network, or puts it back.
func (n *network) cut(ctx context.Context, name string, off bool) error {
	state := "up"
	if off {
		state = "down"
	}
	return n.ip(ctx, "link set %s-%dv %s", n.prefix, n.places[name], state)
}

func (n *network) remove(ctx context.Context) error {
	if n == nil {
		return nil
	}
	var errs []error
	for _, i := range n.places {
		// A namespace stays for as long as one of its connections waits for an answer: its device goes at once.
		errs = append(errs, n.ip(ctx, "link del %s-%dv", n.prefix, i), n.ip(ctx, "netns del %s-%d", n.prefix, i))
	}
	return errors.Join(append(errs, n.ip(ctx, "link del %s", n.prefix))...)
}

// networkPrefix is what the names of a network of a process begin with.
func networkPrefix(pid, number int) string {
	return "mr" + strconv.FormatInt(int64(pid), 36) + "-" + strconv.Itoa(number%100)
}

// ownerOf is the process that a namespace or device was made by, 0 if it is not one of ours.
func ownerOf(name string) int {
	m := networkName.FindStringSubmatch(name)
	if m == nil {
		return 0
	}
	pid, err := strconv.ParseInt(m[1], 36, 32)
	if err != nil {
		return 0
	}
	return int(pid)
}

var networkName = regexp.MustCompile(`^mr([0-9a-z]{1,6})-[0-9]{1,2}(-[0-9]{1,2}v?)?$`)

// removeNetworks removes the networks of processes that are gone, which would have the addresses of a new one.
func removeNetworks(ctx context.Context, gone func(pid int) bool) (removed []string, err error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	left := func(name string) bool { pid := ownerOf(name); return pid != 0 && gone(pid) }
	n := &network{}
	places, err := os.ReadDir("/var/run/netns")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	links, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, l := range links { // a device by which a namespace is reached goes before the namespace, which may stay for a while
		if left(l.Name) {
			removed = append(removed, l.Name)
			errs = append(errs, n.ip(ctx, "link del %s", l.Name))
		}
	}
	for _, p := range places {
		if left(p.Name()) {
			removed = append(removed, p.Name())
			errs = append(errs, n.ip(ctx, "netns del %s", p.Name()))
		}
	}
	return removed, errors.Join(errs...)
}

// Ports that servers listen at. They lie below those that systems give to connections: such a one may be anybody's before a server listens
// there, or while it is down.
const (
	firstPort = 12000
	ports     = 20000
)

// freePort is one that nobody listens on.
func freePort(ctx context.Context) (port int, err error) {
	for range 100 {
		port = firstPort + rand.IntN(ports)
		l, listen := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if listen == nil {
			return port, l.Close()
		}
		err = listen
	}
	return 0, fmt.Errorf("no port is free: %w", err)
}
