# The leader of a function's process group. Its standard input is a pipe that the cloud holds: when
# it closes, because the cloud let go or was killed, everything in the group ends.
trap '' HUP INT TERM
read -r _
kill -KILL 0
