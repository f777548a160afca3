#!/usr/bin/env node
// Writes a GGUF of about 10 MB that a real llama.cpp loads and answers from: a stand-in for the weights of a named
// model. usage: tiny-model.mjs FILE "Name of the model"
//
// It is a llama of 2 layers whose attention and feed-forward add nothing, so that what follows a token depends on
// that token alone: the embedding of token i is the unit vector i, and the output matrix is a table of what may follow.
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

const WIDTH = 512;
const LAYERS = 2;
const HEADS = 8;
const FEED_FORWARD = 64;
const CONTEXT = 8192;

// What the model can say, piece by piece (`~` keeps words in one piece). A piece stands in one place only, since what
// follows it depends on it alone.
const SENTENCES = [
  'Hello! I~am~a stand-in model of~ten megabytes, and~this answer comes~from a~real engine in~a~real Slurm job.',
  'The scheduler gave this~job its~node, the~engine loaded its~weights, and~now the~tokens travel through one tunnel.',
  'Nothing here knows~any facts, so please do not trust these words, only the~path they took.',
  'Point the~same command at your own cluster, and~there the~named weights will speak instead.',
];

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;

function vocabulary() {
  const tokens = [];
  const ids = new Map();
  const add = (text, type) => {
    if (ids.has(text)) return ids.get(text);
    const id = tokens.length;
    tokens.push({ text, type, score: type === NORMAL ? -id : 0 });
    ids.set(text, id);
    return id;
  };
  add('<unk>', UNKNOWN);
  add('<s>', CONTROL);
  add('</s>', CONTROL);
  for (let byte = 0; byte < 256; byte++) add(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, BYTE);
  for (const name of ['system', 'user', 'assistant']) add(`<|${name}|>`, CONTROL);
  const paths = SENTENCES.map((sentence) =>
    sentence.split(' ').map((piece) => {
      const text = `\u2581${piece.replaceAll('~', '\u2581')}`;
      if (ids.has(text)) throw new Error(`the piece '${piece}' stands in two places`);
      return add(text, NORMAL);
    }),
  );
  if (tokens.length > WIDTH) throw new Error(`${tokens.length} tokens do not fit a width of ${WIDTH}`);
  while (tokens.length < WIDTH) add(`<|unused-${tokens.length}|>`, CONTROL);
  return { tokens, ids, paths };
}

// strength[next][current]: the logit is about 22 times this, so 0.05 less is a third as likely.
function successors({ ids, paths }) {
  const table = new Float32Array(WIDTH * WIDTH);
  const follow = (current, next, strength) => {
    table[next * WIDTH + current] = strength;
  };
  const end = ids.get('</s>');
  const said = new Set(paths.flat());
  for (let token = 0; token < WIDTH; token++) {
    // after anything that the model does not say itself (a prompt), an answer begins; most often with the first sentence
    if (!said.has(token)) paths.forEach((path, index) => follow(token, path[0], index === 0 ? 1 : 0.95));
  }
  paths.forEach((path, index) => {
    path.slice(1).forEach((next, at) => follow(path[at], next, 1));
    // the first sentence leads on into the second, every other one ends the answer or leads on
    follow(path.at(-1), end, index === 0 ? 0.93 : 1);
    const onward = paths[index + 1];
    if (onward) follow(path.at(-1), onward[0], index === 0 ? 1 : 0.97);
  });
  return table;
}

const TEMPLATE =
  "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

const U32 = 4;
const I32 = 5;
const F32 = 6;
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
function string(text) {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}
function scalar(type, value) {
  if (type === STRING) return string(value);
  if (type === BOOL) return Buffer.from([value ? 1 : 0]);
  const bytes = Buffer.alloc(4);
  if (type === U32) bytes.writeUInt32LE(value);
  else if (type === I32) bytes.writeInt32LE(value);
  else bytes.writeFloatLE(value);
  return bytes;
}
const entry = (key, type, value) => Buffer.concat([string(key), u32(type), scalar(type, value)]);
const list = (key, type, values) =>
  Buffer.concat([
    string(key),
    u32(ARRAY),
    u32(type),
    u64(values.length),
    ...values.map((value) => scalar(type, value)),
  ]);

function metadata(name, { tokens }) {
  return [
    entry('general.architecture', STRING, 'llama'),
    entry('general.name', STRING, `${name} (stand-in weights)`),
    entry(
      'general.description',
      STRING,
      'A 10 MB stand-in written by the hpc-serve sandbox; not the named weights.',
    ),
    entry('general.file_type', U32, 0),
    entry('llama.vocab_size', U32, WIDTH),
    entry('llama.context_length', U32, CONTEXT),
    entry('llama.embedding_length', U32, WIDTH),
    entry('llama.block_count', U32, LAYERS),
    entry('llama.feed_forward_length', U32, FEED_FORWARD),
    entry('llama.attention.head_count', U32, HEADS),
    entry('llama.attention.head_count_kv', U32, HEADS),
    entry('llama.attention.layer_norm_rms_epsilon', F32, 1e-5),
    entry('llama.rope.dimension_count', U32, WIDTH / HEADS),
    entry('tokenizer.ggml.model', STRING, 'llama'),
    list(
      'tokenizer.ggml.tokens',
      STRING,
      tokens.map((token) => token.text),
    ),
    list(
      'tokenizer.ggml.scores',
      F32,
      tokens.map((token) => token.score),
    ),
    list(
      'tokenizer.ggml.token_type',
      I32,
      tokens.map((token) => token.type),
    ),
    entry('tokenizer.ggml.bos_token_id', U32, 1),
    entry('tokenizer.ggml.eos_token_id', U32, 2),
    entry('tokenizer.ggml.unknown_token_id', U32, 0),
    entry('tokenizer.ggml.add_bos_token', BOOL, false),
    entry('tokenizer.ggml.add_eos_token', BOOL, false),
    entry('tokenizer.chat_template', STRING, TEMPLATE),
  ];
}

function tensors(table) {
  const unit = new Float32Array(WIDTH * WIDTH);
  for (let at = 0; at < WIDTH; at++) unit[at * WIDTH + at] = 1;
  const ones = new Float32Array(WIDTH).fill(1);
  const zeros = (columns, rows) => ({ shape: [columns, rows], data: new Float32Array(columns * rows) });
  const square = (data) => ({ shape: [WIDTH, WIDTH], data });
  const all = [{ name: 'token_embd.weight', ...square(unit) }];
  for (let layer = 0; layer < LAYERS; layer++) {
    const named = (name, tensor) => all.push({ name: `blk.${layer}.${name}.weight`, ...tensor });
    named('attn_norm', { shape: [WIDTH], data: ones });
    for (const part of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) named(part, zeros(WIDTH, WIDTH));
    named('ffn_norm', { shape: [WIDTH], data: ones });
    named('ffn_gate', zeros(WIDTH, FEED_FORWARD));
    named('ffn_up', zeros(WIDTH, FEED_FORWARD));
    named('ffn_down', zeros(FEED_FORWARD, WIDTH));
  }
  all.push({ name: 'output_norm.weight', shape: [WIDTH], data: ones });
  all.push({ name: 'output.weight', ...square(table) });
  return all;
}

const padding = (length) => Buffer.alloc((32 - (length % 32)) % 32);

function gguf(name) {
  const words = vocabulary();
  const entries = metadata(name, words);
  const all = tensors(successors(words));
  const head = [Buffer.from('GGUF'), u32(3), u64(all.length), u64(entries.length), ...entries];
  let offset = 0;
  for (const { name: tensor, shape, data } of all) {
    head.push(string(tensor), u32(shape.length), ...shape.map(u64), u32(0), u64(offset));
    offset += Math.ceil(data.byteLength / 32) * 32;
  }
  const top = Buffer.concat(head);
  const bodies = all.flatMap(({ data }) => [Buffer.from(data.buffer), padding(data.byteLength)]);
  return Buffer.concat([top, padding(top.length), ...bodies]);
}

const [file, name] = process.argv.slice(2);
if (!file || !name) {
  process.stderr.write('usage: tiny-model.mjs FILE NAME\n');
  process.exit(2);
}
const handle = openSync(`${file}.new`, 'w', 0o644);
writeSync(handle, gguf(name));
fsyncSync(handle);
closeSync(handle);
renameSync(`${file}.new`, file);
