# The image that docker-compose.yml runs several times, as serve and as fhir; for other commands too.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package fireward --features aws-lc

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home /var/lib/fireward --create-home fireward \
    && install -d -o fireward /var/lib/fireward/records
COPY --from=build /src/target/release/fireward /usr/local/bin/fireward
USER fireward
WORKDIR /var/lib/fireward
EXPOSE 8080
ENTRYPOINT ["fireward"]
CMD ["serve", "--config", "/etc/fireward/fireward.toml"]
