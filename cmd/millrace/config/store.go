package config

import "github.com/millrace/millrace/pipeline/store/s3"

// Store says how stores beyond this machine are reached. No credentials are in it: see s3.Options.
type Store struct {
	S3 S3 `yaml:"s3"`
}

// S3 is the object store of every s3:// URL, be it a corpus or a source.
type S3 struct {
	// Endpoint is the URL of the service; "" is AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, then Amazon's.
	Endpoint string `yaml:"endpoint"`
	// Region is where the buckets are; "" is AWS_REGION, AWS_DEFAULT_REGION, then what the service says.
	Region string `yaml:"region"`
	// PathStyle puts the bucket into the path also where the service knows it by host name.
	PathStyle bool `yaml:"path_style"`
	// PartBytes is how much of a file is sent at once; an open file takes twice that.
	PartBytes int64 `yaml:"part_bytes"`
}

// Options are the same for package s3.
func (s S3) Options() s3.Options {
	return s3.Options{Endpoint: s.Endpoint, Region: s.Region, PathStyle: s.PathStyle, PartBytes: int(s.PartBytes)}
}
