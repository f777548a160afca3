import { resolve } from 'node:path';
import { parseTarget } from '../../core/cluster/parse-target.ts';
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { init, type InitRequest } from '../../flows/init.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { initDocument, initSummary } from '../report/init.ts';
import { reportFailure, reportFlow, writeJson } from '../report/report.ts';

/** `init <host>`: gets to know a cluster and writes its profile. */
export async function initCommand(context: Context, host: string, options: Options): Promise<number> {
  const json = options['json'] === true;
  const request = requestOf(host, options);
  if (!request.ok) return reportFailure(context, request.failure, json);
  const prompt = options['yes'] === true || json ? undefined : context.prompt;
  const result = await reportFlow(context, init({ ...context, prompt }, request.value), json);
  if (!result.ok) return reportFailure(context, result.failure, json);
  if (json) writeJson(context, initDocument(result.value));
  else {
    context.stderr.write(initSummary(result.value, context.stderr));
    if (result.value.outcome === 'dry-run') context.stdout.write(result.value.text);
  }
  return 0;
}

function requestOf(host: string, options: Options): Result<InitRequest> {
  const target = parseTarget(host);
  if (!target.ok) return target;
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === 'string' ? value : undefined;
  };
  const list = (name: string): readonly string[] => {
    const value = options[name];
    return Array.isArray(value) ? value.map(String) : [];
  };
  const transport = text('transport');
  const identityFile = text('identity');
  const configFile = text('sshConfig');
  return ok({
    connection: {
      transport: transport === 'openssh' || transport === 'local' ? transport : 'ssh2',
      ...target.value,
      ...(identityFile === undefined ? {} : { identityFile: resolve(identityFile) }),
      ...(configFile === undefined ? {} : { configFile: resolve(configFile) }),
    },
    name: text('name'),
    root: text('root'),
    search: [...list('images'), ...list('models')],
    gpus: list('gpu'),
    lookOnNode: options['node'] !== false,
    force: options['force'] === true,
    dryRun: options['dryRun'] === true,
  });
}
