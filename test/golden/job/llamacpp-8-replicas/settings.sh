# Everything that was decided about this job, for job.sh and node.sh; plan.json says why.
# shellcheck shell=bash disable=SC2016,SC2034,SC2054
deployment=llama3-8b
model_name=llama3-8b
weights=/opt/models/Meta-Llama-3-8B-Instruct/model.gguf
weights_directory=/opt/models/Meta-Llama-3-8B-Instruct
key_file=/scratch/alice/hpc-serve/deployments/llama3-8b/jobs/abcdefghij/key

# Slurm's commands, where the PATH of a job lacks them.
slurm_directory=''
nodes=1
cpus_per_node=64
time_limit_minutes=480
replicas_span_nodes=0

# Of every replica: the index of its node, and its GPUs among those that the job has there.
replica_node=(0 0 0 0 0 0 0 0)
replica_gpus=(0 1 2 3 4 5 6 7)

# How a program is run: a container runtime and its image, or neither.
runtime=apptainer
runtime_path=/usr/bin/apptainer
image=/opt/images/llama-server.sif

# NAME=VALUE of the engine's environment, and its arguments; node.sh fills in {model}, {host}, {port}, {keyFile},
# {key} and {scratch}.
engine_environment=(APPEND_PATH=/app)
engine_arguments=(llama-server --model '{model}' --alias llama3-8b --host '{host}' --port '{port}' --api-key-file '{keyFile}' --ctx-size 32768 --parallel 4 --n-gpu-layers 99 --split-mode none --threads 1)

health_path=/health
probe_path=/v1/completions
probe_body='{"model":"llama3-8b","prompt":"Hello","max_tokens":1}'
