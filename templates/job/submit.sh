# Runs sbatch once for this directory and notes the answer; a second run changes nothing.
cd "${0%/*}" || exit 1
umask 077
# mkdir is the one lock that also holds on NFS.
mkdir submit 2>/dev/null || exit 0
sh ./sbatch.sh >submit/out.part 2>submit/err
status=$?
mv submit/out.part submit/out
echo "$status" >submit/rc.part && mv submit/rc.part submit/rc
