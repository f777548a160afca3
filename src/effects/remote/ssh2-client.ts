import type { Duplex } from 'node:stream';
import type { Client, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import type { Failure } from '../../core/failure.ts';
import type { Log, Prompt } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { Authentication, type AuthenticationNeeds } from './authenticate.ts';
import { decideHostKey, hostVerifier } from './host-verifier.ts';
import { listIdentities } from './identities.ts';
import type { Ssh2Library } from './ssh2-library.ts';
import type { KnownHosts } from './known-hosts.ts';
import { lossOf, unreachable } from './network-errors.ts';
import { onAuthenticationAnswer } from './ssh2-internals.ts';
import type { SshSettings } from './ssh-settings.ts';

/** What a connection is opened with, besides its host's settings. */
export interface ClientNeeds {
  readonly library: Ssh2Library;
  readonly known: KnownHosts;
  readonly prompt: Prompt | undefined;
  readonly log: Log;
  readonly signal: AbortSignal | undefined;
}

/** An authenticated connection to one host. */
export interface OpenClient {
  readonly client: Client;
  readonly settings: SshSettings;
  /** Resolves when the connection has ended, with the reason where it was not asked for. */
  readonly lost: Promise<string | undefined>;
  close(): void;
}

/** Milliseconds between signs of life, and how many may stay unanswered. */
const aliveIntervalMs = 15_000;

/** Opens an SSH connection over a stream: verifies the host, then authenticates the user. */
export async function openClient(
  settings: SshSettings,
  stream: Duplex,
  needs: ClientNeeds,
): Promise<Result<OpenClient>> {
  const prompt = settings.batchMode ? undefined : needs.prompt;
  const hide = (secret: string) => needs.log.hide(secret);
  const reading = { library: needs.library, prompt, hide };
  const identities = await listIdentities(settings, reading);
  if (stream.destroyed)
    return fail(unreachable(settings.host, new Error('it closed the connection at once')));
  return new Handshake(settings, { ...needs, prompt }).open(
    stream,
    (callbacks) => new Authentication(settings, { ...reading, identities, ...callbacks }),
  );
}

/** One attempt to open a connection: from the first byte to `ready`, or to the failure that ends it. */
class Handshake {
  readonly #settings: SshSettings;
  readonly #needs: ClientNeeds;
  readonly #client: Client;
  /** Says more than what ssh2 reports afterwards. */
  #cause: Failure | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hearsAnswers = false;
  #fail: (failure: Failure) => void = () => undefined;
  #break: (error: unknown) => void = () => undefined;

  constructor(settings: SshSettings, needs: ClientNeeds) {
    this.#settings = settings;
    this.#needs = needs;
    this.#client = new needs.library.Client();
  }

  async open(
    stream: Duplex,
    authenticate: (callbacks: Pick<AuthenticationNeeds, 'whileAsking' | 'onBug'>) => Authentication,
  ): Promise<Result<OpenClient>> {
    const authentication = authenticate({
      whileAsking: this.#whileAsking,
      onBug: (error) => this.#break(error),
    });
    const client = this.#client;
    const { signal } = this.#needs;
    const abort = () => this.#fail({ kind: 'interrupted' });
    const lost = lossAfter(client);
    const opened = new Promise<Result<OpenClient>>((resolve, reject) => {
      this.#break = (error) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        stream.destroy();
      };
      this.#fail = (failure) => {
        resolve(fail(this.#cause ?? failure));
        stream.destroy();
      };
      client.once('ready', () => resolve(ok(openClientOf(client, this.#settings, lost))));
      client.on('error', (error) => this.#failed(error, authentication));
      client.once('close', () =>
        this.#fail(unreachable(this.#settings.host, new Error('it closed the connection'))),
      );
    });
    signal?.addEventListener('abort', abort, { once: true });
    this.#startTimer();
    client.connect(this.#config(stream, authentication));
    this.#hearsAnswers = onAuthenticationAnswer(client, (methods, partial) =>
      authentication.answered(methods, partial),
    );
    if (signal?.aborted === true) abort();
    try {
      return await opened;
    } finally {
      clearTimeout(this.#timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  #config(stream: Duplex, authentication: Authentication): ConnectConfig {
    const settings = this.#settings;
    const handler: NonNullable<ConnectConfig['authHandler']> = (offered, partial, next) => {
      // After an attempt through an agent ssh2 repeats an older answer here, so this one is second best.
      if (!this.#hearsAnswers && Array.isArray(offered)) authentication.answered(offered, partial);
      authentication.next().then(next as (method: unknown) => void, this.#break);
    };
    return {
      sock: stream,
      username: settings.user,
      authHandler: handler,
      hostVerifier: hostVerifier(this.#decide, this.#break),
      algorithms: { serverHostKey: hostKeyAlgorithms(this.#needs.known.keyTypes) },
      // The timer of this class is used instead: it stands still while a person is asked.
      readyTimeout: 0,
      keepaliveInterval: settings.aliveIntervalMs ?? aliveIntervalMs,
      keepaliveCountMax: settings.aliveCount,
      agentForward: false,
    };
  }

  readonly #decide = async (key: Buffer): Promise<boolean> => {
    const { known, prompt } = this.#needs;
    this.#cause = await this.#whileAsking(() => decideHostKey(this.#settings, known, key, prompt));
    return this.#cause === undefined;
  };

  #failed(
    error: Error & { readonly level?: string; readonly code?: unknown },
    authentication: Authentication,
  ): void {
    this.#needs.log.debug('ssh2', { host: this.#settings.host, level: error.level, message: error.message });
    // A key that couldn't sign: the next one is tried.
    if (error.level === 'agent') return;
    const refused = error.level === 'client-authentication' || /too many authentication/i.test(error.message);
    this.#fail(refused ? authentication.failure() : unreachable(this.#settings.host, error));
  }

  readonly #whileAsking = async <T>(question: () => Promise<T>): Promise<T> => {
    clearTimeout(this.#timer);
    try {
      return await question();
    } finally {
      this.#startTimer();
    }
  };

  #startTimer(): void {
    this.#timer = setTimeout(() => {
      const late = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
      this.#fail(unreachable(this.#settings.host, late));
    }, this.#settings.connectTimeoutMs);
  }
}

/** Resolves when the connection has ended, with the first error on it. */
function lossAfter(client: Client): Promise<string | undefined> {
  return new Promise((resolve) => {
    let reason: string | undefined;
    client.on('error', (error) => (reason ??= lossOf(error)));
    client.once('close', () => resolve(reason ?? 'the host closed it'));
  });
}

function openClientOf(client: Client, settings: SshSettings, lost: Promise<string | undefined>): OpenClient {
  let asked = false;
  return {
    client,
    settings,
    lost: lost.then((reason) => (asked ? undefined : reason)),
    close: () => {
      asked = true;
      client.end();
    },
  };
}

/** ssh2's algorithms for host keys, in its order, but without SHA-1. */
const algorithms: readonly { readonly keyType: string; readonly names: readonly ServerHostKeyAlgorithm[] }[] =
  [
    { keyType: 'ssh-ed25519', names: ['ssh-ed25519'] },
    { keyType: 'ecdsa-sha2-nistp256', names: ['ecdsa-sha2-nistp256'] },
    { keyType: 'ecdsa-sha2-nistp384', names: ['ecdsa-sha2-nistp384'] },
    { keyType: 'ecdsa-sha2-nistp521', names: ['ecdsa-sha2-nistp521'] },
    { keyType: 'ssh-rsa', names: ['rsa-sha2-512', 'rsa-sha2-256'] },
  ];

/** The recorded key types first: else a host with several keys would present one that was never recorded. */
function hostKeyAlgorithms(knownTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const known = algorithms.filter((algorithm) => knownTypes.includes(algorithm.keyType));
  const others = algorithms.filter((algorithm) => !known.includes(algorithm));
  return [...known, ...others].flatMap((algorithm) => algorithm.names);
}
