/** `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most. */
export function formatSeconds(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  if (total < 3600) return joined(Math.floor(total / 60), 'min', total % 60, 's');
  if (total < 86_400) return joined(Math.floor(total / 3600), 'h', Math.floor((total % 3600) / 60), 'min');
  return joined(Math.floor(total / 86_400), 'd', Math.floor((total % 86_400) / 3600), 'h');
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `512 B`, `41 kB`, `3.2 MB`: decimal units, as files are counted. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const kilo = bytes / 1000;
  if (kilo < 1000) return `${Math.round(kilo)} kB`;
  return `${(kilo / 1000).toFixed(1)} MB`;
}

/** `3 GPUs`, `1 GPU`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
