# Puts a job's directory in place and submits it. The directory comes as a tar archive on stdin.
# Set by the caller: root, mark, deployment, attempt, and previous: the attempt that this one follows, or empty.
umask 077
say() {
  printf '\n%s %s\n' "$mark" "$*"
  printf '\n%s %s\n' "$mark" "$*" >&2
}

home=$root/deployments/$deployment
mkdir -p "$home/jobs" || exit 10
[ -O "$root" ] || { echo "$root does not belong to $(id -un)" >&2; exit 11; }
# A root that others can write to would let them plant records and scripts.
chmod go-rwx "$root" "$root/deployments" "$home" || exit 11
cd "$home" || exit 10

# Two clients may submit at once: whoever makes this directory goes on. One left by a crash counts for five minutes.
claim=.claim.${previous:-first}
find "$claim" -maxdepth 0 -mmin +5 -exec rmdir {} \; 2>/dev/null
mkdir "$claim" 2>/dev/null || { say taken; exit 0; }
current=
[ ! -r current ] || IFS= read -r current <./current
if [ "$current" != "$previous" ]; then
  rmdir "$claim"
  say taken
  exit 0
fi
mkdir "jobs/.$attempt.part" && tar -xf - -C "jobs/.$attempt.part" && mv "jobs/.$attempt.part" "jobs/$attempt" || exit 12
printf '%s\n' "$attempt" >".current.$attempt" && mv ".current.$attempt" current || exit 12
rmdir "$claim"
say uploaded

# In a session of its own, so that the end of this connection can't come between sbatch and its note.
setsid sh "jobs/$attempt/submit.sh" </dev/null >/dev/null 2>&1 &
wait $!
say sbatch "$(cat "jobs/$attempt/submit/rc" 2>/dev/null)"
cat "jobs/$attempt/submit/out" 2>/dev/null
cat "jobs/$attempt/submit/err" >&2 2>/dev/null
say end
