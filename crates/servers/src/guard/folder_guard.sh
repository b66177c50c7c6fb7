# Removes a temporary folder once the process at the other end of standard input and the servers in the folder
# have ended.
#
#   folder_guard FOLDER
trap : HUP INT TERM
while read -r _; do :; done
# Time for a server that was being started this very moment to write down its processes.
sleep 1
left=300
while [ "$left" -gt 0 ] && { [ -e "$1/rabbitmq/pids" ] || [ -e "$1/postgres/pids" ]; }; do
  sleep 0.2
  left=$((left - 1))
done
rm -rf "$1"
