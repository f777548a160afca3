import type * as Ssh2 from 'ssh2';
import type { Failure } from '../../core/failure.ts';
import type { Prompt } from '../../core/ports.ts';
import { stripControl } from '../../core/render/terminal.ts';
import type { Identity } from './identities.ts';
import type { Ssh2Library } from './ssh2-library.ts';
import type { SshSettings } from './ssh-settings.ts';

/** What authentication needs besides the settings. */
export interface AuthenticationNeeds {
  readonly library: Ssh2Library;
  readonly identities: readonly Identity[];
  /** Absent where nobody is there to ask. */
  readonly prompt: Prompt | undefined;
  /** Called around every question to a person, so that no clock runs meanwhile. */
  readonly whileAsking: <T>(question: () => Promise<T>) => Promise<T>;
  readonly hide: (secret: string) => void;
  /** Takes an error that is a bug. */
  readonly onBug: (error: unknown) => void;
}

/**
 * Chooses the next way to prove who the user is, in OpenSSH's order: public keys, keyboard-interactive, password.
 * Every question is put to a person once: a one-time code that was refused is never sent again by itself, and nothing
 * is tried that the server does not offer.
 */
export class Authentication {
  /** What was tried, for the message. */
  readonly tried: string[] = [];
  /** Set when the person gave up. */
  gaveUp = false;
  readonly #settings: SshSettings;
  readonly #needs: AuthenticationNeeds;
  readonly #identities: Identity[];
  /** What the server still accepts; undefined until it has said so. */
  #offered: readonly string[] | undefined;
  readonly #asked = new Set<string>();

  constructor(settings: SshSettings, needs: AuthenticationNeeds) {
    this.#settings = settings;
    this.#needs = needs;
    this.#identities = settings.methods.includes('publickey') ? [...needs.identities] : [];
  }

  /** The server's answer to the last attempt. `partial`: it was accepted, and more is wanted. */
  answered(offered: readonly string[], partial: boolean): void {
    this.#offered = offered;
    if (partial) this.#asked.clear();
  }

  /** The next attempt, or false when nothing is left. */
  async next(): Promise<Ssh2.AnyAuthMethod | false> {
    const username = this.#settings.user;
    if (this.gaveUp) return false;
    if (this.#offered?.includes('publickey') !== false) {
      const attempt = await this.#nextKey(username);
      if (attempt !== undefined) return attempt;
    }
    // Costs nothing with OpenSSH's server, and tells what it accepts.
    if (this.#offered === undefined) return { type: 'none', username };
    if (this.#may('keyboard-interactive')) {
      return { type: 'keyboard-interactive', username, prompt: this.#answerQuestions };
    }
    if (!this.#asked.has('keyboard-interactive') && this.#may('password')) {
      const password = await this.#ask(`Password of ${username}@${this.#settings.host}:`, false);
      if (password !== undefined) return { type: 'password', username, password };
    }
    return false;
  }

  /** Why the connection could not be opened, once `next` has given up. */
  failure(): Failure {
    if (this.gaveUp) return { kind: 'interrupted' };
    const { host, user } = this.#settings;
    return { kind: 'authentication', host, user, tried: this.tried };
  }

  async #nextKey(username: string): Promise<Ssh2.AnyAuthMethod | undefined> {
    for (let identity = this.#identities.shift(); identity; identity = this.#identities.shift()) {
      const key = await this.#needs.whileAsking(identity.load.bind(identity));
      if (key === undefined) {
        this.tried.push(`publickey ${identity.label} (can't be read)`);
        continue;
      }
      this.tried.push(`publickey ${identity.label}`);
      return { type: 'agent', username, agent: this.#agentOf(identity, key) };
    }
    return undefined;
  }

  /** An agent of one key: ssh2's way to sign only after the server has accepted a key, and to wait for the signature. */
  #agentOf(identity: Identity, key: Ssh2.ParsedKey): Ssh2.BaseAgent {
    const { whileAsking, library } = this.#needs;
    const gaveUp = () => {
      this.tried.push(`publickey ${identity.label} (could not be decrypted)`);
    };
    class OneKey extends library.BaseAgent {
      override getIdentities(callback: (error?: Error | null, keys?: Ssh2.ParsedKey[]) => void): void {
        callback(null, [key]);
      }
      override sign(
        _key: unknown,
        data: Buffer,
        options: Ssh2.SigningRequestOptions | Ssh2.SignCallback,
        callback?: Ssh2.SignCallback,
      ): void {
        const done = typeof options === 'function' ? options : callback;
        const hash = typeof options === 'function' ? undefined : options.hash;
        whileAsking(() => identity.sign(data, hash)).then(
          (signature) => {
            if (signature === undefined) gaveUp();
            done?.(signature === undefined ? new Error('no signature') : null, signature);
          },
          (error: unknown) => done?.(error instanceof Error ? error : new Error(String(error))),
        );
      }
    }
    return new OneKey();
  }

  /** Whether `method` can be tried now; notes it as tried. */
  #may(method: 'keyboard-interactive' | 'password'): boolean {
    const { methods, batchMode } = this.#settings;
    if (this.#asked.has(method) || !methods.includes(method)) return false;
    if (this.#offered?.includes(method) !== true) return false;
    this.#asked.add(method);
    const canAsk = this.#needs.prompt !== undefined && !batchMode;
    this.tried.push(canAsk ? method : `${method} (no terminal to ask on)`);
    return canAsk;
  }

  readonly #answerQuestions: Ssh2.KeyboardInteractiveAuthMethod['prompt'] = (
    ...[name, instructions, , questions, finish]
  ) => {
    const introduction = [name, instructions].filter((text) => text.trim() !== '');
    const answer = async () => {
      const answers: string[] = [];
      for (const [index, question] of questions.entries()) {
        const text = stripControl([...(index === 0 ? introduction : []), question.prompt.trim()].join('\n'));
        const given = this.gaveUp ? undefined : await this.#ask(text, question.echo === true);
        answers.push(given ?? '');
      }
      finish(answers);
    };
    answer().catch(this.#needs.onBug);
  };

  async #ask(text: string, echo: boolean): Promise<string | undefined> {
    const { prompt, whileAsking, hide } = this.#needs;
    const answer = await whileAsking(async () => (echo ? prompt?.line(text) : prompt?.secret(text)));
    if (answer === undefined) this.gaveUp = true;
    else if (!echo) hide(answer);
    return answer;
  }
}
