# SPDX-License-Identifier: Apache-2.0
# The manager's image, or with --build-arg PROGRAM=portal or export the other ones.
# `make image` builds the same without a Docker engine.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY api api
COPY cmd cmd
COPY controllers controllers
COPY internal internal
ARG PROGRAM=manager
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /program ./cmd/${PROGRAM}

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /program /program
USER 65532:65532
ENTRYPOINT ["/program"]
