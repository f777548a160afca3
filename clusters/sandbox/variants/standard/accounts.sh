# shellcheck shell=bash
# Runs inside mgmt. Every command may find its work done already.
set -u

change() { sacctmgr -iQ "$@" || echo "(as it was: $*)"; }

change add account ml Description=ml Organization=sandbox
change add account physics Description=physics Organization=sandbox
change add account trial Description=trial Organization=sandbox
change add qos short,limited
change modify qos normal set Priority=10
change modify qos short set Priority=100 MaxWall=00:30:00
change modify qos limited set Priority=1 MaxWall=02:00:00 GrpTRES=gres/gpu=4 MaxJobsPerUser=2
change add user alice Account=ml DefaultAccount=ml
change add user alice Account=trial
change add user bob Account=physics DefaultAccount=physics
change add user bob Account=trial
change add user operator Account=ml DefaultAccount=ml AdminLevel=Operator
change modify account ml set QOS=normal,short,limited DefaultQOS=normal
change modify account physics set QOS=normal,short DefaultQOS=normal GrpTRES=gres/gpu=8
change modify account trial set QOS=limited DefaultQOS=limited
