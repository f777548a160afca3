import { fail, ok, type Result } from '../result.ts';
import { isObject } from './fields.ts';

/** What the headers of a checkpoint's files add up to. */
export interface Checkpoint {
  readonly parameters: number;
  /** Bytes of tensors, without headers. */
  readonly bytes: number;
}

/** The format's own limit on a header. */
const longestHeader = 100_000_000;

function invalid(source: string, message: string): Result<never> {
  return fail({ kind: 'model-config', source, problems: [{ field: '', message }] });
}

/** Layer that a tensor belongs to; undefined for those outside the layers. */
function layerOf(tensor: string): number | undefined {
  const found = /(?:^|\.)layers\.(\d{1,6})\./.exec(tensor);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** Multi-token-prediction layers come after the model's own or under `mtp.`; engines leave them out. */
function isServed(tensor: string, layers: number): boolean {
  const layer = layerOf(tensor);
  return !/(?:^|\.)mtp\./.test(tensor) && (layer === undefined || layer < layers);
}

/** Bytes and values of one tensor; undefined where the entry is not one. */
function sizeOf(entry: unknown): Checkpoint | undefined {
  if (!isObject(entry) || !Array.isArray(entry['shape']) || !Array.isArray(entry['data_offsets']))
    return undefined;
  const [from, to] = entry['data_offsets'].map(Number);
  const parameters = entry['shape'].reduce<number>((product, size) => product * Number(size), 1);
  if (from === undefined || to === undefined || !(from >= 0 && to >= from)) return undefined;
  return Number.isSafeInteger(to) && Number.isSafeInteger(parameters) && parameters >= 0
    ? { parameters, bytes: to - from }
    : undefined;
}

/**
 * The tensors of one safetensors file, from the bytes at its beginning: eight of length, little-endian, and a JSON header. Those of
 * layers from `layers` on are left out. `source` names the file in failures.
 */
export function readSafetensorsHeader(start: Uint8Array, layers: number, source: string): Result<Checkpoint> {
  if (start.length < 8) return invalid(source, 'is too short for a safetensors header');
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader)
    return invalid(source, `says that its header has ${length} bytes, which can't be`);
  if (start.length < 8 + length) {
    return invalid(source, `ends after ${start.length} of the ${8 + length} bytes of its header`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(start.subarray(8, 8 + length)));
  } catch {
    return invalid(source, 'has a header that is not JSON');
  }
  if (!isObject(header)) return invalid(source, 'has a header that is not a JSON object');
  let sum: Checkpoint = { parameters: 0, bytes: 0 };
  for (const [tensor, entry] of Object.entries(header)) {
    if (tensor === '__metadata__' || !isServed(tensor, layers)) continue;
    const size = sizeOf(entry);
    if (size === undefined)
      return invalid(source, `describes the tensor ${JSON.stringify(tensor.slice(0, 80))} wrongly`);
    sum = { parameters: sum.parameters + size.parameters, bytes: sum.bytes + size.bytes };
  }
  return ok(sum);
}

/** Bytes of a checkpoint in several files, from the text of its `model.safetensors.index.json`. */
export function readSafetensorsIndex(text: string, source: string): Result<Pick<Checkpoint, 'bytes'>> {
  if (text.length > longestHeader) return invalid(source, 'is longer than an index can be');
  try {
    const index: unknown = JSON.parse(text);
    const metadata = isObject(index) ? index['metadata'] : undefined;
    const bytes = isObject(metadata) ? metadata['total_size'] : undefined;
    if (typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0) return ok({ bytes });
  } catch {
    return invalid(source, 'is not JSON');
  }
  return invalid(source, 'has no metadata.total_size');
}
