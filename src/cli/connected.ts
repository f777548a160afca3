import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Result } from '../core/result.ts';
import { loadProfile } from '../flows/load-profile.ts';
import { openSession, type Session } from '../flows/session.ts';
import type { Context } from './context.ts';
import { reportFailure } from './report/report.ts';

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
  if (!profile.ok) return reportFailure(context, profile.failure, options.json);
  const session = openSession(context.remotes, profile.value, context.signal);
  try {
    const result = await work({ profile: profile.value, session });
    return result.ok ? result.value : reportFailure(context, result.failure, options.json);
  } finally {
    await session.close();
  }
}
