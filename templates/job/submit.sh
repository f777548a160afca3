# Runs sbatch once for this directory and notes the answer; a second run changes nothing.
cd "${0%/*}" || exit 1
umask 077
# mkdir is the one lock that also holds on NFS.
mkdir submit 2>/dev/null || exit 0
# Settings of the login shell must not leak into the job, nor widen the permissions of its files.
for name in $(env | sed -n 's/^\(SBATCH_[A-Z0-9_]*\|SLURM_[A-Z0-9_]*\)=.*/\1/p'); do
  case $name in SLURM_CONF) ;; *) unset "$name" ;; esac
done
sh ./sbatch.sh >submit/out.part 2>submit/err
status=$?
mv submit/out.part submit/out
echo "$status" >submit/rc.part && mv submit/rc.part submit/rc
