#!/usr/bin/env node
/**
 * npm run bench [name…] [-- --check]: measures, and prints every number as a ratio to what was measured beside it in
 * the same run. With --check it exits 1 where a limit is missed.
 */
import './ensure.mjs';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './files.mjs';

const { importTs } = await import('./run-ts.mjs');
const known = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

/** `ours` against its limit; true where there is none. */
function holds({ limit }, value) {
  if (limit === undefined) return true;
  return 'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast;
}

function limitText({ limit }) {
  if (limit === undefined) return '';
  return 'atMost' in limit ? `≤ ${limit.atMost}` : `≥ ${limit.atLeast}`;
}

function number(value) {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

function row(measurement) {
  const { what, unit, ours, reference } = measurement;
  const value = reference === undefined ? ours : ours / reference.value;
  const held = holds(measurement, value);
  const cells = [
    what,
    `${number(ours)} ${unit}`,
    reference === undefined ? '' : `${reference.what}: ${number(reference.value)} ${unit}`,
    reference === undefined ? '' : value.toFixed(2),
    limitText(measurement),
    measurement.limit === undefined ? '' : held ? '✓' : '✗',
  ];
  return { cells, held };
}

function print(rows) {
  const table = [['', 'ours', 'against', 'ratio', 'limit', ''], ...rows.map(({ cells }) => cells)];
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  for (const cells of table) {
    process.stdout.write(
      `${cells
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

const wanted = process.argv.slice(2).filter((argument) => argument !== '--check');
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`No benchmark is called "${unknown[0]}". The benchmarks are: ${known.join(', ')}.\n`);
  process.exit(2);
}
const rows = [];
for (const name of wanted.length > 0 ? wanted : known) {
  process.stderr.write(`Measuring ${name} …\n`);
  const { run } = await importTs(`bench/${name}.ts`);
  rows.push(...(await run()).map(row));
}
print(rows);
process.exitCode = process.argv.includes('--check') && rows.some(({ held }) => !held) ? 1 : 0;
