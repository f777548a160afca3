import type { Outlined } from './outline.ts';
import { figures } from './alternatives.ts';
import type { Decision } from './plan.ts';
import type { Request } from './request.ts';
import type { Layout } from './search.ts';

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

const gib = (value: number): string => `${value.toFixed(1)} GiB`;

function tensorReason({ model, layout }: Outlined): string {
  const { tensor } = layout.sharding;
  const { gpu } = layout;
  if (tensor === 1) return 'a replica needs no more than one GPU a stage';
  const heads =
    model.mlaRank !== null
      ? `${model.heads} heads divide by ${tensor}`
      : model.kvHeads % tensor === 0
        ? `${model.kvHeads} KV heads divide by ${tensor}`
        : `${model.kvHeads} KV heads are copied for ${tensor} ranks`;
  const near =
    gpu.nvlinkDomain > 1 && tensor <= layout.neighbours
      ? `the NVLink domain has ${Math.min(gpu.nvlinkDomain, layout.neighbours)} GPUs`
      : tensor <= layout.neighbours
        ? `they share a node, over PCIe`
        : `you asked for it, over the network`;
  return `${heads}, and ${near}`;
}

function pipelineReason({ model, engine, layout }: Outlined): string {
  const across = layout.gpus > layout.arrangement.gpusPerNode;
  const by =
    engine.sharding === 'layers'
      ? `${engine.title} hands out whole layers`
      : `${model.layers} layers are cut into stages`;
  return across ? `${by}, one node or more for each` : by;
}

function memoryReason({ layout }: Outlined): string {
  const { memory } = layout;
  return `${gib(memory.weightsGiB)} of weights and ${gib(memory.kvCacheGiB)} of KV cache fit in ${gib(memory.gpuGiB)}`;
}

function decideReplicas(outlined: Outlined, others: readonly Layout[]): Decision {
  const { model, layout } = outlined;
  const { replicas, gpus, gpu } = layout;
  const size = gpus === 1 ? `one ${gpu.name}` : `${gpus} × ${gpu.name}`;
  const [next] = others;
  return {
    what: 'replicas',
    value: `${replicas === 1 ? '1 replica' : `${replicas} replicas`} of ${model.name} on ${size}${replicas === 1 ? '' : ' each'}`,
    because: `${memoryReason(outlined)}${gpus === 1 ? '' : ' per GPU'}${next === undefined ? '' : `; next best: ${figures(next)}`}`,
  };
}

/** Why the model is cut so, and what that gives. */
export function layoutDecisions(outlined: Outlined, others: readonly Layout[]): readonly Decision[] {
  const { model, engine, layout } = outlined;
  const { capacity, sharding } = layout;
  const { tensor, pipeline, expert } = sharding;
  const shares =
    engine.batching.kind === 'slots'
      ? `${engine.title} cuts its KV cache into equal slots`
      : `the KV cache holds ${capacity.kvCacheTokens} tokens`;
  return [
    decideReplicas(outlined, others),
    ...(layout.gpus === 1
      ? []
      : [{ what: 'tensor', value: String(tensor), because: tensorReason(outlined) }]),
    ...(pipeline === 1
      ? []
      : [{ what: 'pipeline', value: String(pipeline), because: pipelineReason(outlined) }]),
    ...(expert === 1
      ? []
      : [
          {
            what: 'expert',
            value: String(expert),
            because: `${model.moe?.experts ?? 0} experts divide by ${expert}`,
          },
        ]),
    {
      what: 'context',
      value: `${capacity.maxModelLen} tokens, ${count(capacity.concurrentRequests, 'full request')} at once per replica`,
      because: `${model.name} was made for ${model.contextLength}, and ${shares}`,
    },
  ];
}

/** What the user should know about the layout. */
export function layoutWarnings({ model, layout }: Outlined, request: Request): readonly string[] {
  const { gpu, capacity } = layout;
  const wanted = request.concurrency;
  const taken = layout.rates.batch * layout.replicas;
  const needed = (request.inputTokens ?? 0) + (request.outputTokens ?? 0);
  return [
    ...(capacity.maxModelLen > model.contextLength
      ? [`${model.name} was made for ${model.contextLength} tokens, not ${capacity.maxModelLen}.`]
      : []),
    ...(layout.careful
      ? [
          `It fits with little reserve only: ${layout.load.fraction} of the memory, ${layout.load.maxNumSeqs} sequences at once.`,
        ]
      : []),
    ...(capacity.maxModelLen < needed
      ? [`Requests of ${needed} tokens are longer than the context of ${capacity.maxModelLen}.`]
      : []),
    ...(wanted !== undefined && taken < wanted
      ? [`${taken} of ${wanted} requests are served at once; the others wait for a place.`]
      : []),
    ...(model.gated
      ? [`${model.huggingFaceId} is gated: its page asks for consent before the weights are downloaded.`]
      : []),
    ...(gpu.estimated.length > 0
      ? [`The figures of ${gpu.name} (${gpu.estimated.join(', ')}) are estimates.`]
      : []),
  ];
}
