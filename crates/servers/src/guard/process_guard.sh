# Runs one server for as long as the process at the other end of standard input lives: when that process ends,
# however it ends, the kernel closes the pipe, and the server is stopped. A line on the pipe is a signal for it.
#
#   process_guard MARKER PIDS LOG SIGNAL TIMEOUT COMPANION COMMAND...
#
# MARKER    a word in our command line and the server's, by which a later start knows them again
# PIDS      the file that names our processes while they live
# SIGNAL    what stops the server at the end; TIMEOUT seconds after any signal it is killed
# COMPANION a command that runs beside the server and is ended after it; may be empty
set -u
marker=$1 pids=$2 log=$3 signal=$4 timeout=$5 companion=$6
shift 6
# Descriptor 3 is the pipe: the shell gives its background jobs no standard input.
exec 3<&0 </dev/null >>"$log" 2>&1

echo "$$ $marker" >"$pids"
beside=
if [ -n "$companion" ]; then
  $companion 3<&- &
  beside=$!
  echo "$beside $companion" >>"$pids"
fi
"$@" 3<&- &
server=$!
echo "$server $marker" >>"$pids"
trap 'kill -s "$signal" "$server"' HUP INT TERM

end_by() {
  kill -s "$1" "$server"
  left=$((timeout * 5))
  while [ "$left" -gt 0 ] && kill -0 "$server"; do
    sleep 0.2
    left=$((left - 1))
  done
  kill -KILL "$server"
}
(
  while read -r order <&3; do
    end_by "$order"
  done
  end_by "$signal"
) 2>/dev/null &
watcher=$!

status=0
# A signal that we trap interrupts `wait`: only a server that is gone ends the loop.
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  status=$?
done
kill "$watcher" 2>/dev/null
if [ -n "$beside" ]; then
  kill "$beside" 2>/dev/null
  wait "$beside"
fi
rm -f "$pids"
exit "$status"
