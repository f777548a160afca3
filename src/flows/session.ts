import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Remote, Remotes, RemoteTarget } from '../core/ports.ts';
import type { Result } from '../core/result.ts';

/** Gives a connection that works, opening a new one where the last was lost. */
export type Reconnect = () => Promise<Result<Remote>>;

/** One connection to a cluster, opened when first needed and again after it was lost. */
export interface Session {
  /** The live connection, or a new one. */
  readonly remote: Reconnect;
  close(): Promise<void>;
}

export function openSession(
  remotes: Remotes,
  profile: Pick<ClusterProfile, 'connection'>,
  signal: AbortSignal,
): Session {
  let current: Promise<Result<Remote>> | undefined;
  const connect = async (): Promise<Result<Remote>> => {
    const remote = await remotes.connect(targetOf(profile), signal);
    if (!remote.ok) current = undefined;
    else void remote.value.lost.then(() => (current = undefined));
    return remote;
  };
  return {
    remote: () => (current ??= connect()),
    async close() {
      const open = await current;
      if (open?.ok === true) await open.value.close();
    },
  };
}

/** How a profile's cluster is reached. */
export function targetOf(profile: Pick<ClusterProfile, 'connection'>): RemoteTarget {
  const { transport, host, user, port, identityFile, configFile } = profile.connection;
  return { transport, host, user, port, identityFile, configFile };
}
