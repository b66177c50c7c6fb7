# Removes a container when the process at the other end of standard input has ended, and its volume where one
# is named: a container knows nothing of the process that started it.
#
#   container_guard CONTAINER [VOLUME]
trap : HUP INT TERM
while read -r _; do :; done
docker stop --time 20 "$1"
docker rm --force --volumes "$1"
[ -z "${2-}" ] || docker volume rm --force "$2"
