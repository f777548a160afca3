# shellcheck shell=bash
# Runs inside mgmt. Every command may find its work done already. Each takes up to half a second with Slurm 22.05.
set -u

change() { sacctmgr -iQ "$@" || echo "(as it was: $*)"; }

change add qos short Priority=100 MaxWall=00:30:00
change add qos limited Priority=1 MaxWall=02:00:00 GrpTRES=gres/gpu=4 MaxJobsPerUser=2
change modify qos normal set Priority=10
change add account ml Description=ml Organization=sandbox QOS=normal,short,limited DefaultQOS=normal
change add account physics Description=physics Organization=sandbox QOS=normal,short DefaultQOS=normal GrpTRES=gres/gpu=8
change add account trial Description=trial Organization=sandbox QOS=limited DefaultQOS=limited
change add user alice Account=ml DefaultAccount=ml
change add user bob Account=physics DefaultAccount=physics
change add user operator Account=ml DefaultAccount=ml AdminLevel=Operator
change add user alice,bob Account=trial
# an account that is missing now was refused for another reason than being there
for user in alice bob operator; do
  sacctmgr -nP show assoc where user="$user" format=account | grep -q . || exit 1
done
