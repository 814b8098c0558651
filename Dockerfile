# Two images from one file:
#
#   docker build --target web    -t cloudworks-web .
#   docker build --target worker -t cloudworks-worker .
#
# The same source and the same bases give the same binaries, byte for byte.
# Pin the bases for a release:
#
#   --build-arg GO_IMAGE=golang:1.26-bookworm@sha256:…
#   --build-arg BASE_IMAGE=debian:bookworm-slim@sha256:…
#
# The root file system may be read-only; give /tmp as tmpfs. With the local
# backend /data holds the messages and objects, as a volume.
ARG GO_IMAGE=golang:1.26-bookworm
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${GO_IMAGE} AS build
# Where modules come from, if not from Go's default.
ARG GOPROXY
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -trimpath -buildvcs=false -ldflags="-s -w -buildid=" -o /out/ ./web ./worker

# Not scratch: libjpeg-turbo is loaded at run time, so both programs need a
# dynamic linker though they are built without cgo.
FROM ${BASE_IMAGE} AS base
RUN apt-get update \
    && apt-get install -y --no-install-recommends libturbojpeg0 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/aux-cache /var/log/* \
    && install -d -o 65532 -g 65532 /data
# The certificates alone: their package would bring OpenSSL along.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY LICENSE THIRD_PARTY_LICENSES /usr/share/doc/cloudworks/
ENV CLOUDWORKS_ADDR=:8080 \
    CLOUDWORKS_OPS_ADDR=:9090 \
    CLOUDWORKS_DATA=/data \
    CLOUDWORKS_LOG=json
WORKDIR /data
USER 65532:65532
STOPSIGNAL SIGTERM

FROM base AS worker
COPY --from=build /out/worker /usr/local/bin/worker
EXPOSE 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["worker", "healthcheck"]
ENTRYPOINT ["worker"]

FROM base AS web
COPY --from=build /out/web /usr/local/bin/web
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["web", "healthcheck"]
ENTRYPOINT ["web"]
