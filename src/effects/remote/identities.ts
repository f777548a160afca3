import { readFile } from 'node:fs/promises';
import type * as Ssh2 from 'ssh2';
import type { Prompt } from '../../core/ports.ts';
import { within } from './deadline.ts';
import type { Ssh2Library } from './ssh2-library.ts';
import type { SshSettings } from './ssh-settings.ts';

/** A key that can be offered to a server. */
export interface Identity {
  /** For messages: the file, or the agent's comment. */
  readonly label: string;
  /** The public key; undefined where it can't be had, as with a file that nobody can decrypt. */
  load(): Promise<Ssh2.ParsedKey | undefined>;
  /** Signs for the server that has accepted the key; undefined where the person gave up. */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer | undefined>;
}

/** What is needed to read keys. */
export interface KeyReading {
  readonly library: Ssh2Library;
  readonly prompt: Prompt | undefined;
  readonly hide: (secret: string) => void;
}

const agentTimeoutMs = 5000;
/** How often a passphrase is asked for before the key is passed over. */
const passphraseTries = 2;

/**
 * The keys of a host in OpenSSH's order (sshconnect2.c `pubkey_prepare`): keys of the agent that are configured, other
 * keys of the agent (not with IdentitiesOnly), then files that the agent has not.
 */
export async function listIdentities(
  settings: SshSettings,
  reading: KeyReading,
): Promise<readonly Identity[]> {
  const files = await Promise.all(settings.identityFiles.map((path) => keyFile(path, reading)));
  const usable = files.filter((file) => file !== undefined);
  const inAgent: Identity[] = [];
  const otherInAgent: Identity[] = [];
  const taken = new Set<KeyFile>();
  for (const identity of await agentIdentities(settings.agent, reading.library)) {
    const blob = identity.key.getPublicSSH();
    const configured = usable.find((file) => file.publicKey?.getPublicSSH().equals(blob) === true);
    if (configured !== undefined) taken.add(configured);
    (configured === undefined ? otherInAgent : inAgent).push(identity.identity);
  }
  const onlyFiles = usable.filter((file) => !taken.has(file) && file.private);
  return [
    ...inAgent,
    ...(settings.identitiesOnly ? [] : otherInAgent),
    ...onlyFiles.map((file) => file.identity),
  ];
}

interface KeyFile {
  readonly publicKey: Ssh2.ParsedKey | undefined;
  /** False for a public key alone: it only chooses among the agent's keys. */
  readonly private: boolean;
  readonly identity: Identity;
}

async function keyFile(path: string, reading: KeyReading): Promise<KeyFile | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = keyOf(reading.library.utils.parseKey(text));
  const isPrivate = text.includes('PRIVATE KEY-----');
  const beside =
    isPrivate && parsed === undefined ? await readFile(`${path}.pub`, 'utf8').catch(() => '') : '';
  const publicKey = parsed ?? keyOf(reading.library.utils.parseKey(publicPartOf(text) ?? beside));
  // Asked once: whoever gives up, or doesn't know the passphrase, is not asked again for the same key.
  let asked: Promise<Ssh2.ParsedKey | undefined> | undefined;
  const decrypt = async () => {
    if (parsed?.isPrivateKey() === true) return parsed;
    asked ??= askPassphrase(path, text, reading);
    return asked;
  };
  return {
    publicKey,
    private: isPrivate,
    identity: {
      label: path,
      load: async () => publicKey ?? decrypt(),
      sign: async (data, hash) => (await decrypt())?.sign(data, hash),
    },
  };
}

async function askPassphrase(
  path: string,
  text: string,
  { library, prompt, hide }: KeyReading,
): Promise<Ssh2.ParsedKey | undefined> {
  if (prompt === undefined) return undefined;
  for (let attempt = 0; attempt < passphraseTries; attempt++) {
    const again = attempt === 0 ? '' : 'That was not it. ';
    const passphrase = await prompt.secret(`${again}Passphrase of the key ${path}:`);
    if (passphrase === undefined) return undefined;
    hide(passphrase);
    const key = keyOf(library.utils.parseKey(text, passphrase));
    if (key !== undefined) return key;
  }
  return undefined;
}

/** ssh2 gives an Error for what it can't read, and its types allow a list. */
function keyOf(parsed: Ssh2.ParsedKey | Ssh2.ParsedKey[] | Error): Ssh2.ParsedKey | undefined {
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key instanceof Error ? undefined : key;
}

/** The public key that stands unencrypted in an encrypted OpenSSH key file (PROTOCOL.key). */
function publicPartOf(text: string): string | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const next = () => {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    const field = bytes.subarray(at + 4, end);
    at = end;
    return field;
  };
  // Cipher, key derivation, its options; then the number of keys, which is one.
  next();
  next();
  next();
  at += 4;
  const blob = next();
  if (blob === undefined || blob.length < 8) return undefined;
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
  return `${type} ${blob.toString('base64')}`;
}

interface AgentIdentity {
  readonly key: Ssh2.ParsedKey;
  readonly identity: Identity;
}

/** The keys of the agent; none when it doesn't answer. */
async function agentIdentities(
  socket: string | undefined,
  library: Ssh2Library,
): Promise<readonly AgentIdentity[]> {
  if (socket === undefined || socket === '') return [];
  const agent = new library.OpenSSHAgent(socket);
  const listing = new Promise<readonly Ssh2.ParsedKey[]>((resolve) => {
    agent.getIdentities((error, keys) => {
      const list = error || keys === undefined ? [] : keys;
      resolve(list.flatMap((key) => keyOf(library.utils.parseKey(key as Ssh2.ParsedKey)) ?? []));
    });
  });
  const keys = (await within(agentTimeoutMs, listing)) ?? [];
  return keys.map((key) => ({
    key,
    identity: {
      label: key.comment === '' ? 'a key of the agent' : `${key.comment} (agent)`,
      load: () => Promise.resolve(key),
      sign: (data, hash) =>
        new Promise((resolve, reject) => {
          const options = hash === undefined ? {} : { hash: hash as 'sha256' };
          agent.sign(key, data, options, (error, signature) => {
            if (signature === undefined) reject(error ?? new Error('the agent refused to sign'));
            else resolve(signature);
          });
        }),
    },
  }));
}
