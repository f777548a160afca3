# Puts a job's directory in place; sbatch-once.sh follows. The directory comes as a tar archive on stdin.
# Set by the caller: root, mark, deployment, attempt, and previous: the attempt that this one follows, or empty.
umask 077
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
# What could not be written is not left behind, and keeps nobody from the next try.
give_up() {
  rm -rf "jobs/.$attempt.part" "jobs/$attempt" ".current.$attempt"
  rmdir "$claim"
  exit 12
}
part=jobs/.$attempt.part
{
  mkdir "$part" && tar -xf - -C "$part" && mv "$part" "jobs/$attempt" &&
    printf '%s\n' "$attempt" >".current.$attempt" && mv ".current.$attempt" current
} || give_up
rmdir "$claim"
say uploaded
