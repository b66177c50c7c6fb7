# Runs a command for as long as the pipe at standard input is open, and kills it then: the kernel closes the pipe when
# the process at its other end is gone, however it ended.
set -u
exec 3<&0 </dev/null
"$@" 3<&- &
command=$!
{
  read -r _ <&3
  kill -KILL "$command"
} 2>/dev/null &
watcher=$!
wait "$command"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
