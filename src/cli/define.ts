import { InvalidArgumentError, Option } from 'commander';
import type { Context } from './context.ts';

/** Turns a command's function into commander's action: it gets the context first, and its result is the exit code. */
export type Action = (
  run: (context: Context, ...values: never[]) => Promise<number>,
) => (...values: unknown[]) => Promise<void>;

/** An option's value as commander hands it over. */
export type Options = Readonly<Record<string, unknown>>;

export function clusterOption(): Option {
  return new Option('-c, --cluster <name>', 'cluster profile to use').env('HPC_SERVE_CLUSTER');
}

export function jsonOption(): Option {
  return new Option('--json', 'one JSON document or event per line on stdout');
}

/** Parses a whole number within limits; anything else is a usage error. */
export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,9}$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Parses a number within limits; anything else is a usage error. */
export function number(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Write a number from ${least} to ${most}.`);
    }
    return value;
  };
}
