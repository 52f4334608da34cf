package s3

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/semaphore"

	"github.com/millrace/millrace/pipeline"
)

// Options say how an object store is reached. What is empty is taken from the environment, as the AWS tools take it.
type Options struct {
	// Endpoint is the URL of the service, such as https://minio.example:9000; "" is AWS_ENDPOINT_URL_S3, then
	// AWS_ENDPOINT_URL, then Amazon's own.
	Endpoint string
	// Region is where the bucket is; "" is AWS_REGION, then AWS_DEFAULT_REGION, then what the service says.
	Region string
	// PathStyle puts the bucket into the path instead of the host name. Where the endpoint is not a well-known service
	// that is done anyway.
	PathStyle bool
	// PartBytes is the size of a part of a multipart upload, and with it the memory of an open writer, of which it is
	// twice that; 0 is 8 MiB, and 5 MiB is the least that services take.
	PartBytes int
	// Attempts is how often a request is sent before a failure counts; 0 is 8, some 15 seconds.
	Attempts int
}

// PartBytes is what Options.PartBytes is without being set.
const PartBytes = 8 << 20

const (
	leastPart = 5 << 20 // of all but the last one: what services take
	mostPart  = 1 << 30
	attempts  = 8
	// aheadBytes is what all open files together may read ahead beyond their first window.
	aheadBytes = 64 << 20
)

// client sends requests to one bucket. Safe for concurrent use.
type client struct {
	core      *minio.Core
	transport *http.Transport
	bucket    string
	part      int
	attempts  int
	ahead     *semaphore.Weighted
	beat      time.Duration // of a lease
}

func newClient(bucket string, o Options) (*client, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("%w: store.s3.%w", pipeline.ErrUsage, err)
	}
	endpoint, secure, err := o.endpoint()
	if err != nil {
		return nil, err
	}
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, fmt.Errorf("store s3: %w", err)
	}
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	lookup := minio.BucketLookupAuto
	if o.PathStyle {
		lookup = minio.BucketLookupPath
	}
	region := cmp.Or(o.Region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	if region == "" && endpoint != amazon {
		region = "us-east-1" // what services without regions expect
	}
	core, err := minio.NewCore(endpoint, &minio.Options{
		Creds: chain(endpoint == amazon), Secure: secure, Transport: transport, Region: region, BucketLookup: lookup,
		MaxRetries: 1, // the retries are ours: after one that may have been done, an exclusive create must know
	})
	if err != nil {
		return nil, fmt.Errorf("store s3: %w", err)
	}
	return &client{
		core: core, transport: transport, bucket: bucket, part: cmp.Or(o.PartBytes, PartBytes),
		attempts: cmp.Or(o.Attempts, attempts), ahead: semaphore.NewWeighted(aheadBytes),
		beat: beat,
	}, nil
}

const amazon = "s3.amazonaws.com"

// endpoint returns host and port, and whether they speak TLS.
func (o Options) endpoint() (host string, secure bool, err error) {
	text := cmp.Or(o.Endpoint, os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"))
	if text == "" {
		return amazon, true, nil
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", false, errors.New("endpoint: not a URL") // the error of url would repeat what is in it
	case u.User != nil:
		return "", false, errors.New("endpoint: it holds credentials: they belong into the environment")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "":
		return "", false, fmt.Errorf("endpoint: %q should read https://HOST:PORT", text)
	}
	return u.Host, u.Scheme == "https", nil
}

// Validate says what is wrong with the options, each with its key.
func (o Options) Validate() error {
	_, _, err := o.endpoint()
	if o.PartBytes != 0 && (o.PartBytes < leastPart || o.PartBytes > mostPart) {
		err = errors.Join(err, fmt.Errorf("part_bytes: %d is not between %d and %d", o.PartBytes, leastPart, mostPart))
	}
	return err
}

// chain finds the credentials: environment, files, and the role of the machine, which is asked for only where there may be
// one: elsewhere the question would go to an address that nobody answers.
func chain(amazon bool) *credentials.Credentials {
	providers := []credentials.Provider{&credentials.EnvAWS{}, &credentials.EnvMinio{}, &credentials.FileAWSCredentials{}}
	role := amazon
	for _, name := range []string{
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
	} {
		role = role || os.Getenv(name) != ""
	}
	if role {
		providers = append(providers, &credentials.IAM{Client: &http.Client{Timeout: 10 * time.Second}})
	}
	return credentials.NewChainCredentials(providers)
}

func (c *client) close() error {
	c.transport.CloseIdleConnections()
	return nil
}
