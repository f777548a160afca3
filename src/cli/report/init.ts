import type { Finding } from '../../core/cluster/findings.ts';
import { stripControl } from '../../core/render/terminal.ts';
import type { InitResult } from '../../flows/init.ts';
import { columns } from '../columns.ts';
import type { Screen } from '../context.ts';
import { styleOf } from '../style.ts';

/** What `init --json` prints. */
export function initDocument({ profile, file, outcome, changed, findings }: InitResult): unknown {
  return { event: 'profile', outcome, path: file?.path, changed, ...findings, profile };
}

/** What `init` found, what it could not, and what comes next. */
export function initSummary(result: InitResult, screen: Screen): string {
  const style = styleOf(screen);
  const { found, notes } = result.findings;
  const paragraphs = [
    table(found, ''),
    notes.length === 0 ? '' : `\n${style.yellow('To know:')}\n${table(notes, '  ')}`,
    `\n${style.green('✓')} ${conclusion(result)}\n`,
  ];
  return paragraphs.join('');
}

/** One finding a row; the name of a row like the one above is not repeated. */
function table(findings: readonly Finding[], indent: string): string {
  const rows = findings.map(({ what, text }, index) => [
    `${indent}${what === findings[index - 1]?.what ? '' : what}`,
    stripControl(text).replaceAll('\n', ' '),
  ]);
  return columns(rows);
}

function conclusion({ profile, file, outcome, changed }: InitResult): string {
  const path = file?.path ?? '';
  switch (outcome) {
    case 'new':
      return `The profile of ${profile.name} is ${path}. Next: hpc-serve submit <model> --cluster ${profile.name}`;
    case 'changed':
      return `${path} was written anew${changed.length === 0 ? '' : `; it differs in ${changed.join(', ')}`}.`;
    case 'same':
      return `${path} says all that was found; nothing was written.`;
    case 'dry-run':
      return 'Nothing was written.';
  }
}
