# millrace in an image of its own: a static binary and the certificates of the public authorities. No shell, nobody's root.
#
#   docker build -t millrace:local .
#
# With --build-arg BINARY=given (BuildKit) the binary is taken from image/ as it lies there instead of being built:
#
#   CGO_ENABLED=0 GOAMD64=v3 GOEXPERIMENT=simd go build -trimpath -o image/millrace ./cmd/millrace
#   cp /etc/ssl/certs/ca-certificates.crt image/

ARG BINARY=built
ARG GO_VERSION=1.26

FROM golang:${GO_VERSION}-bookworm AS built
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOAMD64=v3 GOEXPERIMENT=simd go build -trimpath -ldflags="-s -w" -o /image/millrace ./cmd/millrace \
 && cp /etc/ssl/certs/ca-certificates.crt /image/

FROM scratch AS given
COPY image/ /image/

FROM ${BINARY} AS binary

FROM scratch
COPY --from=binary /image/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=binary /image/millrace /millrace
USER 65532:65532
ENTRYPOINT ["/millrace"]
