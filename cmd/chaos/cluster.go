package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// addServers adds the servers of one NATS cluster, and returns their URLs.
func (f *fleet) addServers(ctx context.Context, binary string, names []string) (urls []string, err error) {
	var routes []string
	var ports []int
	for _, name := range names {
		for range 2 {
			port, err := freePort(ctx)
			if err != nil {
				return nil, err
			}
			ports = append(ports, port)
		}
		n := len(ports)
		urls = append(urls, fmt.Sprintf("nats://%s:%d", f.network.address(name), ports[n-2]))
		routes = append(routes, fmt.Sprintf("nats://%s:%d", f.network.address(name), ports[n-1]))
	}
	for i, name := range names {
		config := filepath.Join(f.folder, name+".conf")
		host := f.network.address(name)
		text := fmt.Sprintf(`server_name: %s
host: %s
port: %d
max_payload: 8MB
jetstream { store_dir: %q, max_file: 100GB, sync_interval: 1s }
cluster { name: chaos, host: %s, port: %d, routes: [%s] }
`, name, host, ports[2*i], filepath.Join(f.folder, name), host, ports[2*i+1], strings.Join(routes, ", "))
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			return nil, err
		}
		f.add(&f.servers, name, binary, "--config", config)
	}
	return urls, nil
}

// addBucket adds the server of an object store with an empty bucket, and returns the environment of those who use it.
func (f *fleet) addBucket(ctx context.Context, binary, bucket string) (env []string, err error) {
	folder := filepath.Join(f.folder, storeBucket)
	if err := os.MkdirAll(filepath.Join(folder, bucket), 0o755); err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	const key, secret = "chaos", "not-a-secret"
	address := fmt.Sprintf("%s:%d", f.network.address(storeBucket), port)
	f.add(&f.buckets, storeBucket, binary, "--access", key, "--secret", secret, "--quiet", "--port", address, "posix", folder)
	return []string{"AWS_ACCESS_KEY_ID=" + key, "AWS_SECRET_ACCESS_KEY=" + secret, "AWS_ENDPOINT_URL_S3=http://" + address}, nil
}

// writeConfig writes the config that all processes share.
func writeConfig(name, out, work, in string, urls []string) error {
	text := fmt.Sprintf(`sources: [{name: news, path: %q, scan: true}]
plan: {split_bytes: 128KiB, shard_bytes: 1MiB}
workers: 2
out: %q
work: %q
nats: {urls: [%s], replicas: 3, ack_wait: 3s}
serve: {http: ''}
worker: {shutdown_timeout: 5s}
`, in, out, work, strings.Join(urls, ", "))
	return os.WriteFile(name, []byte(text), 0o600)
}

// smallDisk makes a file system of its own at folder, if this user may; else it returns "".
func smallDisk(ctx context.Context, folder string, kilobytes int) (string, error) {
	if os.Geteuid() != 0 {
		return "", nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	if exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dk", kilobytes), "chaos", folder).Run() != nil {
		return "", nil //nolint:nilerr // not even root may, in some containers
	}
	return folder, nil
}
