import { expect, test } from 'vitest';
import { parseProgress } from '../../src/sandbox/progress.ts';

test.each([
  [
    'STEP 3/7 Users, file systems, models',
    { kind: 'step', step: 3, steps: 7, text: 'Users, file systems, models' },
  ],
  ['  … still Slurm (12 s)', { kind: 'still', text: 'Slurm', seconds: 12 }],
  ['sandbox: port 2222 on 127.0.0.1 is in use', { kind: 'end', text: 'port 2222 on 127.0.0.1 is in use' }],
  ['  repairing: node2: not running; ', { kind: 'note', text: 'repairing: node2: not running;' }],
  ['E: dpkg was interrupted', { kind: 'note', text: 'E: dpkg was interrupted' }],
])('reads "%s"', (line, progress) => {
  expect(parseProgress(line)).toEqual(progress);
});
