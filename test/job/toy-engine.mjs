#!/usr/bin/env node
// Stands in for an engine: the flags of llama-server that matter, on loopback, with faults on demand in $TOY_FAULT.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const value = (flag) => process.argv[process.argv.indexOf(flag) + 1];
const { TOY_FAULT: fault = '', TOY_NOTES: notes = '/dev/null', CUDA_VISIBLE_DEVICES: gpus } = process.env;
const port = Number(value('--port'));
const note = (what) =>
  appendFileSync(notes, `${JSON.stringify({ at: Date.now(), pid: process.pid, port, gpus, ...what })}\n`);
const first = !existsSync(`${notes}.${gpus}`);
writeFileSync(`${notes}.${gpus}`, '');
note({ start: process.argv.slice(2), tmp: process.env.TMPDIR });

function serve(key, born = Date.now()) {
  createServer((request, response) => {
    const age = Date.now() - born;
    note({ url: request.url, authorised: request.headers.authorization !== undefined });
    if (request.url === '/health') response.writeHead(age < 300 ? 503 : 200).end();
    else if (fault === 'broken') response.writeHead(500).end();
    else if (request.headers.authorization !== `Bearer ${key}`) response.writeHead(401).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[{"text":"!"}]}');
  }).listen(port, '127.0.0.1');
}

if (process.env.TOY_SQUATTER !== undefined) {
  serve('of somebody else', 0);
  setTimeout(() => process.exit(0), 8000);
} else if (fault === 'crash') {
  process.exit(7);
} else if ((fault === 'taken' || fault === 'impostor') && first) {
  // Somebody else was faster: with `taken` the engine notices and ends, with `impostor` it does not.
  const owner = fault === 'impostor' ? { uid: 65534, gid: 65534 } : {};
  spawn(process.execPath, process.argv.slice(1), {
    ...owner,
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, TOY_SQUATTER: '1', TOY_NOTES: `${notes}.squatter` },
  }).unref();
  setTimeout(() => fault === 'taken' && process.exit(1), 500);
  if (fault === 'impostor') setInterval(() => undefined, 1000);
} else {
  serve(readFileSync(value('--api-key-file'), 'utf8'));
  if (fault === 'stubborn') process.on('SIGTERM', () => note({ ignored: 'SIGTERM' }));
}
