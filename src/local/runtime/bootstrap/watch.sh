# The leader of a function's process group. Its standard input is a pipe that the cloud holds: when
# it closes, because the cloud let go or was killed, everything that the function started ends: the
# group, its children in sessions of their own, and whoever has $1 in its environment.
trap '' HUP INT TERM
read -r _
mark=$1
found=' '
again=yes
# Each is stopped when it is found, so that it starts no others meanwhile.
while [ -n "$again" ] && [ -r /proc/self/stat ]; do
  again=
  marked=" $(grep -lsaF -- "$mark" /proc/[0-9]*/environ | tr '\n' ' ')"
  for file in /proc/[0-9]*/stat; do
    pid=${file#/proc/}
    pid=${pid%/stat}
    line=
    { while read -r part; do line="$line $part"; done < "$file"; } 2> /dev/null
    # A program may be called anything; what follows is: state, parent, group.
    set -- ${line##*)}
    case "$found" in *" $pid "*) continue ;; esac
    [ "$pid" != $$ ] && [ "${1:-Z}" != Z ] || continue
    case "$found$marked" in
      *" $2 "* | *" /proc/$pid/environ "*) ;;
      *) [ "$3" = $$ ] || continue ;;
    esac
    kill -STOP "$pid" && found="$found$pid " && again=yes
  done
done
[ "$found" = ' ' ] || kill -KILL $found
kill -KILL 0
