import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { loadProfile } from '../flows/load-profile.ts';
import { openSession, type Session } from '../flows/session.ts';
import type { Context } from './context.ts';

export interface Connected {
  readonly profile: ClusterProfile;
  readonly session: Session;
}

/**
 * Runs `work` with the profile of the chosen cluster and a session to it, which is closed afterwards; a failure is
 * reported. Gives the exit code.
 */
export async function withCluster(
  context: Context,
  options: { readonly cluster: string | undefined; readonly json: boolean },
  work: (connected: Connected) => Promise<Result<number>>,
): Promise<number> {
  const profile = await loadProfile(context, options.cluster);
  const failed = async (failure: Failure): Promise<number> => {
    const { reportFailure } = await import('./report/report.ts');
    return reportFailure(context, failure, options.json);
  };
  if (!profile.ok) return failed(profile.failure);
  const session = openSession(context.remotes, profile.value, context.signal);
  try {
    const result = await work({ profile: profile.value, session });
    return result.ok ? result.value : await failed(result.failure);
  } finally {
    await session.close();
  }
}
