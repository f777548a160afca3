import type { Event } from '../../core/event.ts';
import { exitCodeOf, type Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import type { Context } from '../context.ts';
import { styleOf } from '../style.ts';
import { wordsOf } from '../words.ts';
import { eventLine } from './event-line.ts';
import { startProgress } from './progress.ts';

/** Writes one JSON value as one line of stdout. */
export function writeJson(context: Context, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Tells a failure: in words on stderr, and with `--json` as a document on stdout too. Gives the exit code. */
export function reportFailure(context: Context, failure: Failure, json: boolean): number {
  const exitCode = exitCodeOf(failure);
  const { what, evidence, next } = wordsOf(failure);
  if (json) {
    writeJson(context, { event: 'failed', exitCode, message: what, evidence, next, failure });
    return exitCode;
  }
  const style = styleOf(context.stderr);
  const lines = [
    `${style.red('✗')} ${what}`,
    ...evidence.map((line) => `  ${style.dim(line)}`),
    ...next.map((line) => `  → ${line}`),
  ];
  context.stderr.write(`${lines.join('\n')}\n`);
  return exitCode;
}

/** Runs a flow to its end and tells its events as they come: lines on stderr, or with `--json` events on stdout. */
export async function reportFlow<T>(
  context: Context,
  flow: AsyncGenerator<Event, Result<T>>,
  json: boolean,
): Promise<Result<T>> {
  if (json) return reportJson(context, flow);
  const progress = startProgress(context.stderr, context.clock);
  const style = styleOf(context.stderr);
  try {
    for (;;) {
      const step = await flow.next();
      if (step.done === true) return step.value;
      const told = eventLine(step.value, context.clock.now() / 1000, style);
      if (told.line !== undefined) progress.line(told.line);
      if (told.waitingFor !== undefined) progress.waitFor(told.waitingFor);
    }
  } finally {
    progress.stop();
  }
}

async function reportJson<T>(context: Context, flow: AsyncGenerator<Event, Result<T>>): Promise<Result<T>> {
  for (;;) {
    const step = await flow.next();
    if (step.done === true) return step.value;
    if (step.value.event !== 'working') writeJson(context, step.value);
  }
}
