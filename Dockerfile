# SPDX-License-Identifier: Apache-2.0
# The image of the manager, or with --build-arg PROGRAM=portal or PROGRAM=export another one.
# `make image` builds the same without a Docker engine.
FROM golang:1.26 AS build
ARG PROGRAM=manager
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY api api
COPY cmd cmd
COPY controllers controllers
COPY internal internal
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /out/$PROGRAM ./cmd/$PROGRAM && \
    ln -s $PROGRAM /out/entrypoint

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out /
USER 65532:65532
ENTRYPOINT ["/entrypoint"]
