import { sh } from '../../core/render/quote.ts';
import { stripControl } from '../../core/render/terminal.ts';
import type { Prepared } from '../../flows/submit.ts';
import { planSentence } from './event-line.ts';

/** Everything that `submit` would do: the plan with its reasons, every file, and the command. Secrets are not shown. */
export function dryRunText({ plan, bundle }: Prepared): string {
  const lines = [
    `# ${planSentence(plan)}`,
    ...plan.decisions.map(({ what, value, because }) => `#   ${what}: ${value}, because ${because}`),
    ...plan.warnings.map((warning) => `# note: ${warning}`),
    '',
    `# Files below ${plan.paths.job}`,
  ];
  for (const file of bundle.files) {
    const mode = `0${file.mode.toString(8)}`;
    lines.push('', `# ---- ${file.path} (${mode}, ${file.content.length} bytes)`);
    if (file.secret === true) lines.push('# (secret: not shown)');
    else lines.push(stripControl(file.content).trimEnd());
  }
  lines.push('', '# Command, on the login host', `cd ${sh(plan.paths.job)} && sh ./sbatch.sh`, '');
  return lines.join('\n');
}
