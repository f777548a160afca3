import { confirm, isCancel, password, select, text } from '@clack/prompts';
import type { Prompt } from '../core/ports.ts';

/** Questions on stderr, so that stdout stays the result. */
const output = process.stderr;

/** Asks on the terminal; Ctrl-C gives up the question. */
export const terminalPrompt: Prompt = {
  async line(message) {
    const answer = await text({ message, output });
    return isCancel(answer) ? undefined : answer;
  },
  async secret(message) {
    const answer = await password({ message, output });
    return isCancel(answer) ? undefined : answer;
  },
  async confirm(message) {
    const answer = await confirm({ message, output, initialValue: false });
    return !isCancel(answer) && answer;
  },
  async choose(message, choices) {
    const options = choices.map(({ value, label }) => ({ value, label }));
    const answer = await select({ message, output, options });
    return isCancel(answer) ? undefined : answer;
  },
};
