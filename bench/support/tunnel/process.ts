/**
 * One program of the tunnel's benchmark in a process of its own: `node process.mjs <role> <JSON>`. It reports by one message to
 * its parent, and lives until the parent ends it.
 */
import { ok } from '../../../src/core/result.ts';
import { localPorts } from '../../../src/effects/proxy/local-ports.ts';
import { tunnel } from '../../../src/flows/tunnel.ts';
import { clock } from '../../../src/effects/clock.ts';
import type { RemoteTarget } from '../../../src/core/ports.ts';
import { remotesIn } from '../../../test/support/login-host.ts';
import { quietLog } from '../../../test/support/quiet.ts';
import { deploymentOf, endpointAt, nameOf } from '../../../test/support/tunnel-world.ts';
import { answering, delayed, sending, serve } from './far-side.ts';
import { bulk, requests, type RequestLoad } from './load.ts';

/** Ports of the two servers behind a tunnel, or of the tunnel's local ends. */
export interface Ports {
  readonly answering: number;
  readonly sending: number;
}

export interface TunnelOrder {
  readonly target: RemoteTarget;
  readonly directory: string;
  readonly far: Ports;
}

const [role = '', order = 'null'] = process.argv.slice(2);
const parsed: unknown = JSON.parse(order);

async function perform(): Promise<unknown> {
  switch (role) {
    case 'far-side':
      return { answering: await serve(answering), sending: await serve(sending) } satisfies Ports;
    case 'delay':
      return serve(delayed(parsed as number));
    case 'requests':
      return requests(parsed as RequestLoad);
    case 'bulk':
      return bulk(parsed as number);
    case 'tunnel':
      return serveTunnel(parsed as TunnelOrder);
    default:
      throw new Error(`no role is called ${role}`);
  }
}

async function serveTunnel({ target, directory, far }: TunnelOrder): Promise<Ports> {
  const known = [
    deploymentOf([endpointAt(far.answering)], { deployment: nameOf('answering') }),
    deploymentOf([endpointAt(far.sending)], { deployment: nameOf('sending') }),
  ];
  const readEndpoints = () => Promise.resolve(ok(known));
  const world = { remotes: remotesIn(directory), localPorts, clock, log: quietLog(), readEndpoints };
  const events = tunnel(target, { kind: 'all' }, world, new AbortController().signal);
  const ports = new Map<string, number>();
  while (ports.size < known.length) {
    const step = await events.next();
    if (step.done === true) throw new Error(`the tunnel ended: ${JSON.stringify(step.value)}`);
    if (step.value.kind === 'listening') ports.set(step.value.deployment, step.value.port);
  }
  return { answering: ports.get('answering') ?? 0, sending: ports.get('sending') ?? 0 };
}

process.on('disconnect', () => process.exit(0));
process.send?.(await perform());
