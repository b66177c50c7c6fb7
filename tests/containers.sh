# Sourced by `smoke` and `cluster`: the containers of compose.yaml as a project of their own, with the program CARTWHEEL_BIN.
#
# Both images are the Dockerfile's `runtime` with the program in it; building the program in a container is not part of this.
# Ports are free ones, secrets and names its own; what is started is taken down with its volumes.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=${CARTWHEEL_BIN:-$root/target/debug/cartwheel}
services=(catalog cart inventory recommend notify analytics web)
test=$(basename "$0")
project=cartwheel-$test-$$
folder=$(mktemp -d)

fail() {
  echo "$test: $*" >&2
  exit 1
}

if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
elif command -v docker-compose >/dev/null; then
  compose=(docker-compose)
else
  fail "neither 'docker compose' nor docker-compose is there"
fi
compose+=(--project-name "$project" --file "$root/compose.yaml" --profile cluster)

end() {
  local status=$? jobs
  jobs=$(jobs -p)
  [[ -z $jobs ]] || kill $jobs 2>/dev/null || true
  if ((status != 0)); then
    "${compose[@]}" ps >&2 || true
    "${compose[@]}" logs --tail 25 >&2 || true
  fi
  "${compose[@]}" down --volumes --remove-orphans >"$folder/down.log" 2>&1 || cat "$folder/down.log" >&2
  docker image rm "$project" "$project-runtime" "$project-postgres" >/dev/null 2>&1 || true
  rm -rf "$folder"
  exit "$status"
}

# Passwords that need care in URLs, in JSON and in SQL.
create_secrets() {
  local name difficult=()
  for name in CATALOG CART INVENTORY RECOMMEND NOTIFY ANALYTICS TOPOLOGY RABBITMQ_ADMIN POSTGRES; do
    difficult+=("CARTWHEEL_${name}_PASSWORD=p@ss/w:rd?#%'\"\\\$x ${name,,}")
  done
  export CARTWHEEL_SECRETS=$folder/secrets
  env "${difficult[@]}" "$root/compose/create-secrets" "$CARTWHEEL_SECRETS" >/dev/null
}

secret() { cat "$folder/secrets/$1"; }

build_images() {
  docker build --quiet --target runtime --tag "$project-runtime" --build-arg RUNTIME_IMAGE="${RUNTIME_IMAGE:-debian:trixie-slim}" "$root" >/dev/null
  install -m 755 "$program" "$folder/cartwheel"
  printf 'FROM %s\nCOPY cartwheel /usr/local/bin/\n' "$project-runtime" >"$folder/Dockerfile"
  docker build --quiet --tag "$project" "$folder" >/dev/null
  # The official image reads a password from a file; one that stands in for it where no image can be pulled may not.
  docker build --quiet --tag "$project-postgres" - >/dev/null <<'DOCKERFILE'
FROM postgres:17
RUN printf '%s\n' '#!/bin/bash' 'export POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")' 'unset POSTGRES_PASSWORD_FILE' \
    'exec docker-entrypoint.sh "$@"' >/usr/local/bin/with-password && chmod 755 /usr/local/bin/with-password
ENTRYPOINT ["with-password"]
CMD ["postgres"]
DOCKERFILE
}

# Running or not.
container() {
  docker ps --all --quiet --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1"
}

health() { docker inspect --format '{{.State.Health.Status}}' "$(container "$1")"; }

address() { echo "http://$("${compose[@]}" port "$1" "${2:-8080}")"; }

request() { curl --noproxy '*' --silent --show-error --fail-with-body --max-time 30 --header 'Content-Type: application/json' "$@"; }

# Starts these and what they need, and waits until these are healthy, three minutes at most.
start() {
  local service begun=$SECONDS
  # Both print a lot.
  "${compose[@]}" up --detach --no-build "$@" >"$folder/up.log" 2>&1 || { cat "$folder/up.log" >&2; fail "it does not come up"; }
  for service in "$@"; do
    until [[ $(health "$service") == healthy ]]; do
      ((SECONDS - begun < 180)) || fail "$service is $(health "$service") after three minutes"
      sleep 1
    done
  done
  echo "$* healthy after $((SECONDS - begun)) s"
}

# The one address of the shop; it has no health of its own.
open_front_door() { "${compose[@]}" up --detach --no-build --no-deps front-door >"$folder/up.log" 2>&1 || { cat "$folder/up.log" >&2; fail "the front door does not open"; }; }

# Topology, rights, databases: the program knows how they should be.
consult_doctor() { "${compose[@]}" run --rm -T doctor </dev/null >"$folder/doctor.log" 2>&1; }

command -v "$program" >/dev/null || fail "$program is missing; CARTWHEEL_BIN names another"
trap end EXIT
trap 'exit 130' INT TERM
export CARTWHEEL_IMAGE=$project CARTWHEEL_LOCAL_IMAGE=$project POSTGRES_IMAGE=$project-postgres
export CARTWHEEL_PORT=0 CARTWHEEL_{MAILBOX,MANAGEMENT}_PORT=0
create_secrets
build_images
