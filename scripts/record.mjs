#!/usr/bin/env node
/**
 * node scripts/record.mjs OUTPUT.svg COMMAND: runs a command under a terminal and draws what it left on the screen. Nothing
 * in the picture is edited; README.md shows docs/demo.svg, made by `node scripts/record.mjs docs/demo.svg 'npm run -s demo'`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const columns = 116;
const cell = { width: 7.8, height: 17 };
const margin = 16;
const colours = { 31: '#f47067', 32: '#8ddb8c', 33: '#f0c674', 34: '#6cb6ff', 36: '#76d9e6' };

/** Runs the command under a pseudo-terminal (util-linux's script) and gives every byte that it wrote. */
function record(command) {
  const folder = mkdtempSync(join(tmpdir(), 'hpc-serve-record-'));
  try {
    const log = join(folder, 'log');
    const sized = `stty rows 50 cols ${columns}; exec ${command}`;
    const argv = ['--quiet', '--return', '--flush', '--log-out', log, '--command', sized];
    const env = { ...process.env, TERM: 'xterm-256color', NO_COLOR: undefined, CI: undefined };
    const { status } = spawnSync('script', argv, { stdio: ['ignore', 'inherit', 'inherit'], env });
    if (status !== 0) throw new Error(`${command} ended with status ${status}`);
    // script writes a line of its own before and after.
    return readFileSync(log, 'utf8')
      .replace(/^Script started[^\n]*\n/, '')
      .replace(/\n[^\n]*\n?$/, '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A select-graphic-rendition sequence applied to a style. */
function restyle(style, parameters) {
  for (const code of parameters.split(';').map(Number)) {
    if (code === 0) style = {};
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (code === 39) style = { ...style, colour: undefined };
    else if (code in colours) style = { ...style, colour: colours[code] };
  }
  return style;
}

/** The lines that stay: carriage returns and erasures are carried out, other control sequences are left out. */
function screen(text) {
  const lines = [[]];
  let column = 0;
  let style = {};
  const newLine = () => {
    lines.push([]);
    column = 0;
  };
  const put = (token) => {
    if (column === columns) newLine();
    lines.at(-1)[column++] = { token, style };
  };
  // eslint-disable-next-line no-control-regex
  for (const [token, parameters, final] of text.matchAll(/\x1b\[([0-9;?]*)([A-Za-z])|\x1b.|[^\x1b]/gsu)) {
    if (final === 'm') style = restyle(style, parameters);
    else if (final === 'K') lines.at(-1).length = parameters === '2' ? 0 : column;
    else if (token === '\r') column = 0;
    else if (token === '\n') newLine();
    else if (token >= ' ') put(token);
  }
  return lines;
}

/** Neighbouring characters of one style, as one element each. */
function runs(line) {
  const found = [];
  for (const { token, style } of Array.from(line, (one) => one ?? { token: ' ', style: {} })) {
    const last = found[found.length - 1];
    if (last?.style === style) last.text += token;
    else found.push({ text: token, style });
  }
  return found;
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function span({ text, style }) {
  const look = [
    style.bold ? 'font-weight="bold"' : '',
    style.dim ? 'opacity="0.65"' : '',
    style.colour ? `fill="${style.colour}"` : '',
  ].filter(Boolean);
  return `<tspan ${look.join(' ')}>${escape(text)}</tspan>`.replace('<tspan >', '<tspan>');
}

function draw(lines) {
  const width = Math.round(columns * cell.width) + 2 * margin;
  const height = lines.length * cell.height + 2 * margin;
  const rows = lines.map((line, row) => {
    const y = margin + (row + 0.8) * cell.height;
    return `<text x="${margin}" y="${y.toFixed(1)}" xml:space="preserve">${runs(line).map(span).join('')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<rect width="100%" height="100%" rx="8" fill="#1c2128"/>
<g fill="#d5dbe1" font-family="ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace" font-size="13">
${rows.join('\n')}
</g>
</svg>
`;
}

const [output, command] = process.argv.slice(2);
if (command === undefined) {
  process.stderr.write('Usage: node scripts/record.mjs OUTPUT.svg COMMAND\n');
  process.exit(2);
}
const lines = screen(record(command));
while (lines.length > 0 && lines[lines.length - 1].length === 0) lines.pop();
writeFileSync(output, draw(lines));
