# Runs the submit script of an attempt whose directory is in place. The script runs sbatch once, however often it is
# asked to: so this also completes a submission that was cut off. Set by the caller: root, mark, deployment, attempt.
cd "$root/deployments/$deployment" && [ -r "jobs/$attempt/submit.sh" ] || exit 10

# In a session of its own, so that the end of this connection can't come between sbatch and its note.
setsid sh "jobs/$attempt/submit.sh" </dev/null >/dev/null 2>&1 &
wait $!
say sbatch "$(cat "jobs/$attempt/submit/rc" 2>/dev/null)"
cat "jobs/$attempt/submit/out" 2>/dev/null
cat "jobs/$attempt/submit/err" >&2 2>/dev/null
say end
