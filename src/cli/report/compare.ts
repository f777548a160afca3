import { findGpu } from '../../core/catalog/gpu.ts';
import { stripControl } from '../../core/render/terminal.ts';
import type { ExpectedStart } from '../../flows/compare.ts';
import { columns } from '../columns.ts';
import { formatSeconds } from '../format.ts';

/** Wait, speed and cost of the places side by side, the best first. */
export function compareText(starts: readonly ExpectedStart[]): string {
  const rows = starts.map(({ plan, waitSeconds, because }) => {
    const { placement, prediction, cost, parallelism } = plan;
    const gpu = findGpu(placement.gpu)?.name ?? placement.gpu;
    return [
      placement.partition,
      `${placement.nodes * placement.gpusPerNode} × ${gpu}`,
      `${parallelism.replicas} × tensor ${parallelism.tensor}`,
      waitSeconds === null ? `? (${because ?? ''})` : waitSeconds === 0 ? 'now' : formatSeconds(waitSeconds),
      String(Math.round(prediction.outputTokensPerSecond.value)),
      prediction.perTokenLatencyMs.value.toFixed(1),
      cost.gpuHours.toFixed(1),
    ];
  });
  const head = ['PARTITION', 'GPUS', 'REPLICAS', 'STARTS IN', 'TOKENS/S', 'MS/TOKEN', 'GPU-HOURS'];
  return stripControl(columns([head, ...rows]));
}
