import { expect, it } from 'vitest';
import { parseScancel, scancelArguments } from '../../../src/core/slurm/scancel.ts';
import { captured } from './captured.ts';

it('cancels by id, and only under the expected name', () => {
  expect(scancelArguments('12')).toEqual(['12']);
  expect(scancelArguments('12', 'hs.demo.abcdefghij')).toEqual(['--name=hs.demo.abcdefghij', '12']);
});

it('takes a job that is gone for cancelled', () => {
  const stderr = captured('24.11.5', 'scancel-other-name.stderr');
  expect(parseScancel({ exitCode: 1, stdout: '', stderr })).toEqual({ kind: 'done' });
  expect(parseScancel({ exitCode: 0, stdout: '', stderr: '' })).toEqual({ kind: 'done' });
});

it('does not take anything else for cancelled', () => {
  const stderr = 'scancel: error: Kill job error on job id 5: Access/permission denied\n';
  expect(parseScancel({ exitCode: 1, stdout: '', stderr })).toMatchObject({
    kind: 'failed',
    explained: { retry: 'never' },
  });
  expect(parseScancel({ exitCode: 255, stdout: '', stderr: '' })).toMatchObject({
    kind: 'failed',
    explained: undefined,
  });
});
