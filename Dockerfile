# The image: Node, the libraries that it needs, the program and the migrations; no shell, no package manager.
# `npm run image` builds it. The classic builder is enough: no BuildKit syntax here.

# Whole references, so that a site can use its own and pin it: name:tag@sha256:….
# BUILD_BASE: Node 24 on a Debian; the runtime comes from it. RUNTIME_BASE: scratch, or for a look
# inside with a shell the Debian that BUILD_BASE is made of.
ARG BUILD_BASE=node:24-trixie-slim
ARG RUNTIME_BASE=scratch

FROM ${BUILD_BASE} AS build
# Without versions: Debian removes a version when the next one is out, so a build that names it fails later. Of these packages
# only the certificates reach the image.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends binutils ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No install scripts: the only one of use here would download a second Node.
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY scripts/build.ts scripts/
COPY scripts/build scripts/build
COPY src src
COPY migrations migrations
# Runs the program once, for its code cache: with the same Node that the image gets.
RUN node scripts/build.ts
COPY scripts/image/rootfs.sh scripts/image/
RUN sh scripts/image/rootfs.sh /rootfs

FROM ${RUNTIME_BASE}
ARG BUILD_BASE
ARG VERSION=0.0.0
ARG REVISION=unknown
# RFC 3339, of the commit.
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="localrag-migrate" \
  org.opencontainers.image.description="Brings LocalRAG's PostgreSQL and Neo4j to the schema that a version needs" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}" \
  org.opencontainers.image.source="${SOURCE}" \
  org.opencontainers.image.base.name="${BUILD_BASE}"
COPY --from=build /rootfs/ /
ENV PATH=/usr/local/bin SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532:65532
# Empty: for a `.env`, and for `-v "$PWD:/app"`.
WORKDIR /app
ENTRYPOINT ["localrag-migrate"]
CMD ["migrate"]
