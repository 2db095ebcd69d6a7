# One static binary on an empty root, run by nobody in particular.
#
#   docker build --build-arg VERSION="$(git describe --tags --always)" -t doorstep .
#   docker run --rm --volume doorstep:/data --volume /etc/doorstep:/etc/doorstep:ro \
#     doorstep migrate --config /etc/doorstep/doorstep.yaml    (once, for SQLite)
#   docker run --read-only --volume doorstep:/data \
#     --volume /etc/doorstep:/etc/doorstep:ro --publish 127.0.0.1:8080:8080 \
#     --stop-timeout 60 doorstep
#
# In a container, "listen" must be 0.0.0.0:8080: see deploy/README.md.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/doorstep ./cmd/doorstep
RUN mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/doorstep /doorstep
# The database, the inbox and the outbox lie here, and nothing is written
# elsewhere. A new volume takes over the owner.
COPY --from=build --chown=65532:65532 /out/data /data
VOLUME /data
WORKDIR /data
# There is no /tmp.
ENV TMPDIR=/data
# A number, because an orchestrator that insists on "not root" knows no names.
USER 65532:65532
EXPOSE 8080
# No HEALTHCHECK: nothing in here could ask. Let the orchestrator ask /healthz
# (restart when it does not answer) and /readyz (send no traffic, tell somebody).
ENTRYPOINT ["/doorstep"]
CMD ["serve", "--config", "/etc/doorstep/doorstep.yaml"]
