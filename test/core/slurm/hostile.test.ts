import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTimeOption, parseSlurmDuration } from '../../../src/core/slurm/duration.ts';
import { explainError } from '../../../src/core/slurm/errors.ts';
import { parseGresGpus } from '../../../src/core/slurm/gres.ts';
import { parseMemoryMiB } from '../../../src/core/slurm/memory.ts';
import { parseNodeState } from '../../../src/core/slurm/node-state.ts';
import { expandNodeList } from '../../../src/core/slurm/nodelist.ts';
import { explainReason } from '../../../src/core/slurm/reasons.ts';
import { parseAssociations, parseQos } from '../../../src/core/slurm/sacctmgr.ts';
import { parseSacct } from '../../../src/core/slurm/sacct.ts';
import { parseSbatch, parseStartEstimate } from '../../../src/core/slurm/sbatch-reply.ts';
import { parseScancel } from '../../../src/core/slurm/scancel.ts';
import { parseSlurmConfig } from '../../../src/core/slurm/scontrol-config.ts';
import { parseNodes } from '../../../src/core/slurm/scontrol-node.ts';
import { parsePartitions } from '../../../src/core/slurm/scontrol-partition.ts';
import { parseReservations } from '../../../src/core/slurm/scontrol-reservation.ts';
import { parseSinfo } from '../../../src/core/slurm/sinfo.ts';
import { parseSqueue } from '../../../src/core/slurm/squeue.ts';
import { interpretState } from '../../../src/core/slurm/states.ts';
import { parseTres } from '../../../src/core/slurm/tres.ts';
import { parseSlurmVersion } from '../../../src/core/slurm/version.ts';
import { captured } from './captured.ts';

/** Everything that reads what a cluster or a person says, and a true text for each. */
const readers: readonly (readonly [string, (text: string) => unknown, string])[] = [
  ['parseSqueue', parseSqueue, captured('24.11.5', 'squeue.txt')],
  ['parseSacct', (text) => parseSacct(text), captured('22.05.8', 'sacct.txt')],
  ['parseSinfo', parseSinfo, captured('24.11.5', 'sinfo.txt')],
  ['parseNodes', parseNodes, captured('24.11.5', 'nodes.txt')],
  ['parsePartitions', parsePartitions, captured('24.11.5', 'partitions.txt')],
  ['parseReservations', parseReservations, captured('24.11.5', 'reservations.txt')],
  ['parseSlurmConfig', parseSlurmConfig, captured('24.11.5', 'config.txt')],
  ['parseAssociations', parseAssociations, captured('24.11.5', 'associations.txt')],
  ['parseQos', parseQos, captured('24.11.5', 'qos.txt')],
  ['parseSbatch', (text) => parseSbatch({ exitCode: 1, stdout: text, stderr: text }), '77\n'],
  [
    'parseStartEstimate',
    (text) => parseStartEstimate({ exitCode: 0, stdout: '', stderr: text }),
    captured('26.05.5', 'test-only.stderr'),
  ],
  [
    'parseScancel',
    (text) => parseScancel({ exitCode: 1, stdout: '', stderr: text }),
    'Invalid job id specified',
  ],
  ['explainError', explainError, captured('24.11.5', 'refused-memory.stderr')],
  ['explainReason', explainReason, 'ReqNodeNotAvail, UnavailableNodes:node[1-2]'],
  ['interpretState', interpretState, 'CANCELLED by 1000'],
  ['parseNodeState', parseNodeState, 'MIXED+PLANNED'],
  ['expandNodeList', expandNodeList, 'gpu[01-04,7],rack[1-2]n[1-3]'],
  ['parseTres', parseTres, 'cpu=96,mem=1T,gres/gpu:h100=8'],
  ['parseGresGpus', parseGresGpus, 'gpu:h100:8(S:0-1),gpu:a100:4'],
  ['parseMemoryMiB', parseMemoryMiB, '1.5T'],
  ['parseSlurmDuration', parseSlurmDuration, '1-02:03:04'],
  ['parseTimeOption', parseTimeOption, '1d12h'],
  ['parseSlurmVersion', parseSlurmVersion, 'slurm 24.11.5'],
];

/** A true text with one piece cut out, repeated or replaced by anything. */
function damaged(truth: string): fc.Arbitrary<string> {
  const position = fc.nat({ max: truth.length });
  return fc
    .tuple(position, position, fc.string({ unit: 'binary', maxLength: 20 }))
    .map(([from, to, noise]) => truth.slice(0, from) + noise + truth.slice(to));
}

describe.each(readers)('%s', (_name, read, truth) => {
  it('never throws, whatever it reads', () => {
    fc.assert(
      fc.property(fc.oneof(damaged(truth), fc.string({ unit: 'binary', maxLength: 400 })), (text) => {
        read(text);
      }),
      { numRuns: 400 },
    );
  });

  it('takes linear time', () => {
    for (const unit of [
      ' ',
      'a',
      '1',
      '=',
      'A=',
      ',',
      '[',
      '(',
      '\x1f',
      '\x1e\n',
      'n[1-9]',
      '1-',
      '1:',
      'gpu:',
      'NodeName=',
      truth,
    ]) {
      const text = unit.repeat(Math.ceil(200_000 / unit.length));
      const start = performance.now();
      read(text);
      read(`${truth}${text}`);
      expect(performance.now() - start).toBeLessThan(1_000);
    }
  });
});
