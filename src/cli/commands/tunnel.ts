import { DeploymentName } from '../../core/names.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { targetOf } from '../../flows/session.ts';
import { readEndpoints } from '../../flows/read-endpoints.ts';
import { tunnel, type TunnelScope } from '../../flows/tunnel.ts';
import type { ClusterProfile } from '../../core/cluster/profile.ts';
import { loadProfile } from '../../flows/load-profile.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { clusterAndJson } from '../options.ts';
import { reportFailure } from '../report/report.ts';
import { tellTunnelEvent } from '../report/tunnel.ts';

/** `tunnel [name]`: reach a deployment, or with --all every one, from this machine until Ctrl-C. */
export async function tunnelCommand(
  context: Context,
  name: string | undefined,
  written: Options,
): Promise<number> {
  const options = clusterAndJson(written);
  const scope = scopeOf(name, written);
  if (!scope.ok) return reportFailure(context, scope.failure, options.json);
  const profile = await loadProfile(context, options.cluster);
  if (!profile.ok) return reportFailure(context, profile.failure, options.json);
  const served = await serveTunnel(context, profile.value, scope.value, options.json);
  return served.ok ? served.value : reportFailure(context, served.failure, options.json);
}

/** Keeps a tunnel open until Ctrl-C, which is its proper end. */
export async function serveTunnel(
  context: Context,
  profile: ClusterProfile,
  scope: TunnelScope,
  json: boolean,
): Promise<Result<number>> {
  const { remotes, localPorts, clock, log, signal } = context;
  const world = {
    remotes,
    localPorts,
    clock,
    log,
    readEndpoints: (remote: Parameters<typeof readEndpoints>[1]) => readEndpoints(context, remote, profile),
  };
  const events = tunnel(targetOf(profile), scope, world, signal);
  for (;;) {
    const step = await events.next();
    if (step.done !== true) tellTunnelEvent(context, step.value, json);
    else if (!step.value.ok) return step.value.failure.kind === 'interrupted' ? ok(0) : step.value;
  }
}

function scopeOf(name: string | undefined, written: Options): Result<TunnelScope> {
  const port = typeof written['port'] === 'number' ? written['port'] : undefined;
  if (written['all'] === true) {
    if (name === undefined && port === undefined) return ok({ kind: 'all' });
    return fail({
      kind: 'usage',
      message: '--all serves every deployment, each on a port of its own: leave out the name and --port.',
    });
  }
  const deployment = DeploymentName.safeParse(name);
  if (deployment.success) return ok({ kind: 'one', deployment: deployment.data, port });
  return fail({
    kind: 'usage',
    message:
      name === undefined
        ? 'Name a deployment, or add --all.'
        : `"${name}" is not a name that a deployment can have.`,
    hint: 'hpc-serve status lists the deployments.',
  });
}
