import { sh } from '../render/quote.ts';
import type { Request } from './request.ts';

type Option = readonly [flag: string, value: string | number | undefined];

function options(request: Request): readonly Option[] {
  const { engine, engineVersion, timeMinutes } = request;
  const version = engineVersion === undefined ? '' : `@${engineVersion}`;
  return [
    ['--gpus', request.gpus],
    ['--tensor', request.tensor],
    ['--pipeline', request.pipeline],
    ['--expert', request.expert],
    ['--partition', request.partition],
    ['--time', timeMinutes === undefined ? undefined : `${timeMinutes}m`],
    ['--engine', engine === undefined ? undefined : `${engine}${version}`],
    ['--account', request.account],
    ['--qos', request.qos],
    ['--reservation', request.reservation],
    ['--image', request.image],
    ['--weights', request.weights ?? request.precision],
    ['--precision', request.weights === undefined ? undefined : request.precision],
    ['--kv-cache', request.kvCache],
    ['--max-model-len', request.maxModelLen],
    ['--max-num-seqs', request.maxNumSeqs],
    ['--max-num-batched-tokens', request.maxNumBatchedTokens],
    ['--gpu-memory-utilization', request.gpuMemoryUtilization],
    ['--optimize', request.optimize],
    ['--concurrency', request.concurrency],
    ['--input-tokens', request.inputTokens],
    ['--output-tokens', request.outputTokens],
    ['--max-latency', request.maxLatencyMs],
    ['--name', request.deployment],
  ];
}

/** The command line that asks for `request`, quoted for a shell. */
export function commandOf(verb: 'plan' | 'submit', request: Request, where: readonly Option[]): string {
  const given = [...where, ...options(request)].flatMap(([flag, value]) =>
    value === undefined ? [] : [flag, sh(String(value))],
  );
  return [`hpc-serve ${verb}`, sh(request.model), ...given].join(' ');
}
