import type { Band, MemoryPicture, Plan, PlanOutline } from '../../core/plan/plan.ts';
import { findGpu } from '../../core/catalog/gpu.ts';
import { stripControl } from '../../core/render/terminal.ts';
import { formatSeconds, plural } from '../format.ts';
import type { Style } from '../style.ts';

const barWidth = 48;
/** What fills a GPU, from the left; each has its own sign, so that the bar reads without colour. */
const parts = [
  ['weights', '█', 'weightsGiB'],
  ['activations', '▓', 'activationsGiB'],
  ['runtime', '▒', 'runtimeGiB'],
  ['KV cache', '░', 'kvCacheGiB'],
] as const;

/** One GPU's memory as a bar: `██████▓▒░░░░····`. The parts are rounded so that they never add up to more than it. */
function memoryBar(memory: MemoryPicture, width = barWidth): string {
  let before = 0;
  let bar = '';
  for (const [, sign, key] of parts) {
    before += memory[key];
    const until = Math.min(width, Math.round((before / memory.gpuGiB) * width));
    bar += sign.repeat(Math.max(0, until - bar.length));
  }
  return bar.padEnd(width, '·');
}

function memoryLines(memory: MemoryPicture, style: Style): readonly string[] {
  const legend = parts.map(([name, sign, key]) => `${sign} ${name} ${memory[key].toFixed(1)}`);
  const free = Math.max(0, memory.gpuGiB - memory.totalGiB);
  return [
    `${memoryBar(memory)}  ${memory.totalGiB.toFixed(1)} of ${memory.gpuGiB.toFixed(1)} GiB of the fullest GPU`,
    style.dim(`${legend.join('  ')}  · left ${free.toFixed(1)}`),
  ];
}

/** Three significant digits: more would pretend. */
function figure(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

function banded({ value, low, high }: Band, unit: string): string {
  return `${figure(value)} ${unit} (${figure(low)} to ${figure(high)})`;
}

/** The decision in one line. */
function planLine({ model, parallelism, placement, precision, engine }: PlanOutline): string {
  const { tensor, pipeline, expert, replicas } = parallelism;
  const cut = [
    ...(tensor > 1 ? [`tensor ${tensor}`] : []),
    ...(pipeline > 1 ? [`pipeline ${pipeline}`] : []),
    ...(expert > 1 ? [`expert ${expert}`] : []),
  ].join(' × ');
  const gpus = placement.nodes * placement.gpusPerNode;
  const gpu = findGpu(placement.gpu)?.name ?? placement.gpu;
  const copies = plural(replicas, 'replica');
  const version = engine.version === null ? '' : ` ${engine.version}`;
  return (
    `${model.name} (${precision.weights}) by ${engine.name}${version} on ${gpus} × ${gpu}: ` +
    `${copies}${cut === '' ? '' : `, ${cut}`}`
  );
}

function isPlan(plan: PlanOutline | Plan): plan is Plan {
  return 'jobName' in plan;
}

function whereText(plan: PlanOutline | Plan): string {
  const { nodes, gpusPerNode, partition } = plan.placement;
  const size = `${plural(nodes, 'node')} of ${plural(gpusPerNode, 'GPU')}`;
  if (!isPlan(plan)) return partition === null ? size : `${size} in partition ${partition}`;
  const { account, qos, timeLimitMinutes } = plan.placement;
  const time = timeLimitMinutes === 0 ? 'no time limit' : formatSeconds(timeLimitMinutes * 60);
  return [
    `${size} in partition ${partition ?? ''} of ${plan.cluster}`,
    ...(account === null ? [] : [`account ${account}`]),
    ...(qos === null ? [] : [`QOS ${qos}`]),
    time,
  ].join(', ');
}

/** The whole plan for a person. `next` is the command that carries it out. */
export function planText(plan: PlanOutline | Plan, next: string | undefined, style: Style): string {
  const { capacity, prediction, traffic, cost } = plan;
  const requests = `${plural(traffic.concurrency, 'request')} at once`;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [
      'why',
      plan.decisions.map(({ what, value, because }) => stripControl(`${what}: ${value}, because ${because}`)),
    ],
    ['memory', memoryLines(plan.memory, style)],
    [
      'capacity',
      [
        `${capacity.maxModelLen} tokens of context, ${plural(capacity.concurrentRequests, 'such request')} at once per replica`,
        `${capacity.kvCacheTokens} tokens of KV cache per replica`,
      ],
    ],
    [
      'speed',
      [
        `${banded(prediction.outputTokensPerSecond, 'tokens/s')}, ${banded(prediction.perTokenLatencyMs, 'ms per token')}`,
        style.dim(`with ${requests}, ${traffic.inputTokens} tokens in and ${traffic.outputTokens} out`),
      ],
    ],
    ['where', [stripControl(whereText(plan))]],
    [
      'cost',
      [
        `${figure(cost.gpuHours)} GPU-hours; ${figure(cost.gpuHoursPerMillionTokens)} GPU-hours per million output tokens`,
      ],
    ],
  ];
  const lines = [
    style.bold(stripControl(planLine(plan))),
    ...sections.flatMap(([name, texts]) =>
      texts.map((text, index) => `  ${(index === 0 ? name : '').padEnd(9)} ${text}`),
    ),
    ...plan.warnings.map((warning) => `  ${style.yellow('!')} ${stripControl(warning)}`),
    ...(next === undefined ? [] : [`  → ${stripControl(next)}`]),
  ];
  return `${lines.join('\n')}\n`;
}
