# Two images, each with the program `cartwheel` and what to do as its arguments: `production` for every service, and
# `local`, which can also be a mailbox.
#
# Needs nothing of BuildKit. The first two stages build by themselves as well: tests/smoke puts a program that is
# already built into `runtime`.
ARG RUST_IMAGE=rust:1-trixie
ARG RUNTIME_IMAGE=debian:trixie-slim

# What the containers run in.
FROM ${RUNTIME_IMAGE} AS runtime
# The certificates are for servers that are reached by TLS: amqps, smtps, PostgreSQL.
RUN test -e /etc/ssl/certs/ca-certificates.crt \
    || { apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*; }
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin cartwheel \
    && install -d -o cartwheel -g cartwheel /var/lib/cartwheel
USER cartwheel
WORKDIR /var/lib/cartwheel
STOPSIGNAL SIGTERM
ENTRYPOINT ["cartwheel"]

# The manifests alone, each with an empty library or program: what stays the same while the code changes.
FROM ${RUST_IMAGE} AS manifests
WORKDIR /manifests
COPY Cargo.toml Cargo.lock ./
COPY bench bench
COPY crates crates
COPY tests tests
RUN find . -type f ! -name Cargo.toml ! -name Cargo.lock ! -path '*/src/lib.rs' ! -name main.rs -delete \
    && find . -name lib.rs -exec truncate --size 0 {} + \
    && for file in $(find . -name main.rs); do echo 'fn main() {}' >"$file"; done \
    && find . -type d -empty -delete

# Built from the manifests first, so that the layer with all dependencies is kept until a manifest changes.
FROM ${RUST_IMAGE} AS build
WORKDIR /cartwheel
ENV CARGO_INCREMENTAL=0 CARGO_PROFILE_RELEASE_STRIP=debuginfo
# What `cartwheel --version` says: there is no repository here.
ARG CARTWHEEL_COMMIT
COPY --from=manifests /manifests ./
RUN cargo build --release --locked --package cartwheel --no-default-features
COPY crates crates
ENV CARTWHEEL_COMMIT=${CARTWHEEL_COMMIT}
# What cargo built from the empty files is newer than the files that come now.
RUN find crates -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --package cartwheel --no-default-features

FROM runtime AS production
COPY --from=build /cartwheel/target/release/cartwheel /usr/local/bin/cartwheel

FROM build AS build-local
RUN cargo build --release --locked --package cartwheel

FROM runtime AS local
COPY --from=build-local /cartwheel/target/release/cartwheel /usr/local/bin/cartwheel

# What is built where no target is named.
FROM production
