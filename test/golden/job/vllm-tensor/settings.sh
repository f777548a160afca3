# Everything that was decided about this job, for job.sh and node.sh; plan.json says why.
# shellcheck shell=bash disable=SC2016,SC2034,SC2054
deployment=llama3-1-70b
model_name=llama3.1-70b
weights=/opt/models/Llama-3.1-70B-Instruct
weights_directory=/opt/models/Llama-3.1-70B-Instruct
key_file=/scratch/alice/hpc-serve/deployments/llama3-1-70b/jobs/abcdefghij/key

# Slurm's commands, where the PATH of a job lacks them.
slurm_directory=''
nodes=1
cpus_per_node=32
time_limit_minutes=480
replicas_span_nodes=0

# Of every replica: the index of its node, and its GPUs among those that the job has there.
replica_node=(0)
replica_gpus=(0,1,2,3)

# How a program is run: a container runtime and its image, or neither.
runtime=apptainer
runtime_path=/usr/bin/apptainer
image=/opt/images/vllm.sif

# NAME=VALUE of the engine's environment, and its arguments; node.sh fills in {model}, {host}, {port}, {keyFile},
# {key} and {scratch}.
engine_environment=('VLLM_API_KEY={key}' HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1 'HF_HOME={scratch}/huggingface' 'VLLM_CACHE_ROOT={scratch}/vllm' 'TRITON_CACHE_DIR={scratch}/triton' 'TORCHINDUCTOR_CACHE_DIR={scratch}/inductor')
engine_arguments=(vllm serve '{model}' --served-model-name llama3.1-70b --host '{host}' --port '{port}' --tensor-parallel-size 4 --pipeline-parallel-size 1 --max-model-len 131072 --max-num-seqs 1024 --max-num-batched-tokens 8192 --gpu-memory-utilization 0.9)

health_path=/health
probe_path=/v1/completions
probe_body='{"model":"llama3.1-70b","prompt":"Hello","max_tokens":1}'
