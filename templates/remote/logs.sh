# Prints the logs of a deployment's present job, each file below a line that names it.
# Set by the caller: root, deployment, replica (a number, or empty for all), lines, follow (yes|no).
export LC_ALL=C
cd "$root/deployments/$deployment" 2>/dev/null || exit 20
IFS= read -r attempt <current || exit 20
cd "jobs/$attempt/logs" 2>/dev/null || exit 21
if [ -n "$replica" ]; then
  set -- "replica-$replica.log"
else
  set -- *.log
fi
[ -e "$1" ] || exit 21
if [ "$follow" = yes ]; then
  exec tail -n "$lines" -F -- "$@"
fi
exec tail -n "$lines" -- "$@" /dev/null
