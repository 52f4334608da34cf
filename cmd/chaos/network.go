package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// network is a bridge with a network namespace for each process that may be cut off. nil is the loopback of this machine.
type network struct {
	prefix string         // of the names of its devices
	places map[string]int // by name of the process
}

// bridgeNet is for documentation only (RFC 5737): no real network has it.
const bridgeNet = "198.51.100."

// newNetwork makes one for the named processes, if this user may; else it is nil. The number tells it from others of this
// process: what was removed is gone only after a while.
func newNetwork(ctx context.Context, number int, names []string) (*network, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // none is a network too
	}
	for _, tool := range []string{"ip", "nsenter"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, nil //nolint:nilerr,nilnil // the same
		}
	}
	n := &network{prefix: fmt.Sprintf("mr%dx%d", os.Getpid()%10000, number%1000), places: map[string]int{}}
	err := n.ip(ctx, "link add %s type bridge", n.prefix)
	if err != nil { // not even root may, in some containers
		return nil, nil //nolint:nilerr,nilnil // the same
	}
	err = errors.Join(n.ip(ctx, "addr add %s1/24 dev %s", bridgeNet, n.prefix), n.ip(ctx, "link set %s up", n.prefix))
	for i, name := range names {
		place := n.prefix + "n" + strconv.Itoa(i)
		for _, line := range []string{
			"netns add " + place,
			fmt.Sprintf("link add %sv type veth peer name eth0 netns %s", place, place),
			fmt.Sprintf("link set %sv master %s up", place, n.prefix),
			fmt.Sprintf("-n %s addr add %s%d/24 dev eth0", place, bridgeNet, 10+i),
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
	return append([]string{"nsenter", "--net=/var/run/netns/" + n.prefix + "n" + strconv.Itoa(i)}, args...)
}

// address is the host that a process listens on.
func (n *network) address(name string) string {
	if n == nil {
		return "127.0.0.1"
	}
	return bridgeNet + strconv.Itoa(10+n.places[name])
}

// cut takes a process off the network, or puts it back.
func (n *network) cut(ctx context.Context, name string, off bool) error {
	state := "up"
	if off {
		state = "down"
	}
	return n.ip(ctx, "link set %sn%dv %s", n.prefix, n.places[name], state)
}

func (n *network) remove(ctx context.Context) error {
	if n == nil {
		return nil
	}
	var errs []error
	for _, i := range n.places {
		// A namespace stays for as long as one of its connections waits for an answer: its device goes at once.
		errs = append(errs, n.ip(ctx, "link del %sn%dv", n.prefix, i), n.ip(ctx, "netns del %sn%d", n.prefix, i))
	}
	return errors.Join(append(errs, n.ip(ctx, "link del %s", n.prefix))...)
}

// freePort is one that nobody listens on.
func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
