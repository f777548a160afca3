import { stripControl } from '../../core/render/terminal.ts';
import type { ReplicaAddress, TunnelEvent } from '../../core/tunnel/event.ts';
import type { Context } from '../context.ts';
import { formatSeconds, plural } from '../format.ts';
import { styleOf } from '../style.ts';
import { writeJson } from './report.ts';

/** Tells an event of a tunnel: settings to paste on stdout, everything else on stderr. Keys go to stdout alone. */
export function tellTunnelEvent(context: Context, event: TunnelEvent, json: boolean): void {
  if (json) {
    const { kind, ...rest } = event;
    return writeJson(context, { event: kind, ...rest });
  }
  const style = styleOf(context.stderr);
  const say = (mark: string, text: string): void => context.stderr.write(`${mark} ${stripControl(text)}\n`);
  switch (event.kind) {
    case 'connected':
      return say(style.green('✓'), `connected to ${event.host}`);
    case 'listening': {
      say(
        style.green('✓'),
        `${event.deployment} (model ${event.model}) is at ${event.baseUrl}, served by ${placesOf(event.replicas)}`,
      );
      const key = event.key === undefined ? '' : ` OPENAI_API_KEY=${event.key}`;
      context.stdout.write(`export OPENAI_BASE_URL=${event.baseUrl}${key}\n`);
      if (event.key === undefined) say(style.yellow('!'), 'its key could not be read');
      return;
    }
    case 'moved':
      return say(
        style.green('✓'),
        `${event.deployment} is served by ${placesOf(event.replicas)} now; the local port stays`,
      );
    case 'waiting-for-endpoint':
      return say(
        style.yellow('!'),
        `${event.deployment} has no endpoint (${event.state}); connections wait for one`,
      );
    case 'key-changed':
      say(style.yellow('!'), `the key of ${event.deployment} has changed`);
      context.stdout.write(`export OPENAI_API_KEY=${event.key}\n`);
      return;
    case 'reconnecting':
      return say(
        style.yellow('!'),
        `the connection to ${event.host} is lost (${event.because}); opening it again`,
      );
    case 'healed':
      return say(
        style.green('✓'),
        `connected to ${event.host} again after ${formatSeconds(event.downMs / 1000)}`,
      );
    case 'turned-away':
      return say(style.yellow('!'), `a connection to ${event.deployment} was closed: ${event.because}`);
    case 'not-listening':
      return say(
        style.yellow('!'),
        `${event.deployment} is not served: no free local port from ${event.port} on`,
      );
  }
}

function placesOf(replicas: readonly ReplicaAddress[]): string {
  const nodes = [...new Set(replicas.map(({ node }) => node))];
  return `${plural(replicas.length, 'replica')} on ${nodes.join(', ')}`;
}
