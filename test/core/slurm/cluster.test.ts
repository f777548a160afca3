import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainError } from '../../../src/core/slurm/errors.ts';
import { parseNodeState } from '../../../src/core/slurm/node-state.ts';
import {
  associationArguments,
  defaultAccountArguments,
  parseAssociations,
  parseQos,
  qosArguments,
} from '../../../src/core/slurm/sacctmgr.ts';
import { parseSlurmConfig } from '../../../src/core/slurm/scontrol-config.ts';
import { parseNodes } from '../../../src/core/slurm/scontrol-node.ts';
import { parsePartitions } from '../../../src/core/slurm/scontrol-partition.ts';
import { scontrolArguments } from '../../../src/core/slurm/scontrol-records.ts';
import { parseReservations } from '../../../src/core/slurm/scontrol-reservation.ts';
import { parseSinfo, type PartitionNodes, sinfoArguments } from '../../../src/core/slurm/sinfo.ts';
import { parseSqueue } from '../../../src/core/slurm/squeue.ts';
import { isAtLeast, parseSlurmVersion } from '../../../src/core/slurm/version.ts';
import { captured, releases } from './captured.ts';

describe.each(releases)('a cluster of %s', (release) => {
  it('has partitions of nodes (sinfo)', () => {
    const parsed = parseSinfo(captured(release, 'sinfo.txt'));
    const groups: readonly PartitionNodes[] = parsed.ok ? parsed.value : [];
    expect(groups.find((group) => group.partition === 'h100')).toMatchObject({
      default: false,
      up: true,
      maxTimeMinutes: 2_880,
      nodes: 'node1',
      nodeCount: 1,
      cpus: 96,
      memoryMiB: 1_000_000,
      gpus: [{ type: 'h100', count: 8 }],
      features: ['h100', 'nvlink'],
    });
    expect(groups.find((group) => group.partition === 'debug')).toMatchObject({
      default: true,
      maxTimeMinutes: 30,
    });
    const drained = groups.filter((group) => !group.state.usable);
    expect(new Set(drained.map((group) => group.nodes))).toEqual(new Set(['node2']));
  });

  it('has partitions with limits (scontrol)', () => {
    const partitions = parsePartitions(captured(release, 'partitions.txt'));
    const find = (name: string): unknown => partitions.find((partition) => partition.name === name);
    expect(find('debug')).toMatchObject({
      default: true,
      up: true,
      maxNodes: 1,
      maxTimeMinutes: 30,
      defaultTimeMinutes: 10,
      allowAccounts: null,
      priorityTier: 20,
    });
    expect(find('h100')).toMatchObject({
      maxNodes: null,
      maxTimeMinutes: 2_880,
      preemptMode: 'OFF',
      nodes: 'node1',
    });
    expect(find('preempt')).toMatchObject({ preemptMode: 'REQUEUE', maxTimeMinutes: 10_080 });
  });

  it('has nodes, and an administrator can not change their state by a reason', () => {
    const nodes = parseNodes(captured(release, 'nodes.txt'));
    expect(nodes[0]).toMatchObject({
      name: 'node1',
      cpus: 96,
      memoryMiB: 1_000_000,
      gpus: [{ type: 'h100', count: 8 }],
      partitions: ['h100', 'debug', 'preempt'],
      reason: null,
    });
    expect(nodes[0]?.state.usable).toBe(true);
    expect(nodes[1]).toMatchObject({
      name: 'node2',
      state: { words: ['idle', 'drain'], usable: false },
      allocatedCpus: 0,
    });
    expect(nodes[1]?.reason).toMatch(/^disk State=IDLE is full = bad \[root@/);
  });

  it('has reservations', () => {
    const reservations = parseReservations(captured(release, 'reservations.txt'));
    expect(reservations).toMatchObject([
      {
        name: 'mw',
        nodes: 'node2',
        flags: ['MAINT', 'IGNORE_JOBS', 'SPEC_NODES'],
        users: ['root'],
        accounts: [],
      },
      { name: 'teach', nodes: 'node1', flags: ['SPEC_NODES'], users: [], accounts: ['ml'], active: false },
    ]);
    const [mw] = reservations;
    expect(Number(mw?.end) - Number(mw?.start)).toBe(3_600);
  });

  it('has accounts and QOS', () => {
    const associations = parseAssociations(captured(release, 'associations.txt'));
    expect(associations.ok && associations.value.find((one) => one.account === 'ml')).toMatchObject({
      partition: null,
      qos: ['limited', 'normal', 'short'],
      defaultQos: 'normal',
      maxTimeMinutes: null,
    });
    const qos = parseQos(captured(release, 'qos.txt'));
    const limited = qos.ok ? qos.value.find((one) => one.name === 'limited') : undefined;
    expect(limited).toMatchObject({
      priority: 1,
      maxTimeMinutes: 120,
      maxJobsPerUser: 2,
      maxSubmitJobsPerUser: null,
    });
    expect(limited?.groupTres.get('gres/gpu')).toBe(4);
  });

  it('has a configuration and a version', () => {
    expect(parseSlurmConfig(captured(release, 'config.txt'))).toMatchObject({
      version: release,
      accounting: true,
      enforcesPartitionLimits: false,
      privateJobs: false,
    });
    expect(parseSlurmConfig(captured(release, 'config.txt')).minJobAgeSeconds).toBeGreaterThan(0);
    expect(parseSlurmVersion(captured(release, 'version.txt'))).toEqual(parseSlurmVersion(release));
  });
});

it('has the GPUs that jobs hold, where scontrol was asked for details', () => {
  const held = (text: string): readonly unknown[] => parseNodes(text).map((node) => node.allocatedGpus);
  expect(held(captured('24.11.5', 'nodes.txt'))).toEqual([3, 0, 0, 0]);
  expect(held(captured('22.05.8', 'nodes.txt'))).toEqual([null, null]);
});

describe('a cluster without accounting, with untyped GPUs and other names', () => {
  it('has partitions and nodes', () => {
    const parsed = parseSinfo(captured('24.11.5-other', 'sinfo.txt'));
    const groups = parsed.ok ? parsed.value : [];
    const gpusOf = (partition: string): unknown =>
      new Set(
        groups.filter((group) => group.partition === partition).map((group) => JSON.stringify(group.gpus)),
      );
    const typed = JSON.stringify([{ type: 'nvidia_a100_80gb_pcie', count: 4 }]);
    const untyped = JSON.stringify([{ type: null, count: 4 }]);
    expect(gpusOf('batch')).toEqual(new Set([typed, untyped]));
    expect(gpusOf('gpu-large')).toEqual(new Set([typed]));
    expect(gpusOf('gpu_small')).toEqual(new Set([untyped]));
    expect(groups.find((group) => group.partition === 'batch')?.maxTimeMinutes).toBeNull();
    expect(groups.find((group) => group.partition === 'gpu_small')?.maxTimeMinutes).toBe(480);
    const nodes = parseNodes(captured('24.11.5-other', 'nodes.txt'));
    expect(nodes.map((node) => [node.name, node.allocatedGpus])).toEqual([
      ['node1', 3],
      ['node2', 4],
      ['node3', 0],
      ['node4', 4],
    ]);
    const [batch] = parsePartitions(captured('24.11.5-other', 'partitions.txt'));
    expect(batch).toMatchObject({
      name: 'batch',
      default: true,
      preemptMode: 'REQUEUE',
      maxTimeMinutes: null,
    });
  });

  it('has jobs without account and QOS', () => {
    const jobs = parseSqueue(captured('24.11.5-other', 'squeue.txt'));
    expect(jobs.ok && jobs.value).toMatchObject([
      { name: 'hs.run.abcdefghij', state: 'RUNNING', account: null, qos: null, nodes: 'node1' },
      { name: 'hs.two.abcdefghij', state: 'RUNNING', nodes: 'node[2,4]', nodeCount: 2 },
    ]);
  });

  it.each(['sacct', 'associations'])('says so (%s)', (program) => {
    const explained = explainError(captured('24.11.5-other', `${program}.stderr`));
    expect(explained).toMatchObject({ meaning: 'This cluster keeps no accounting.', retry: 'never' });
  });
});

describe('what the programs are asked', () => {
  it('names the fields that the parsers read, also in the probe', () => {
    const probe = readFileSync(join(import.meta.dirname, '../../../templates/remote/probe.sh'), 'utf8');
    for (const argument of [associationArguments('alice').at(-1) ?? '', qosArguments().at(-1) ?? '']) {
      expect(argument).toMatch(/^format=[A-Za-z,]+$/);
      expect(probe).toContain(` ${argument}\n`);
    }
  });

  it('keeps nodes of different sizes apart', () => {
    expect(sinfoArguments().slice(0, 2)).toEqual(['--noheader', '--exact']);
  });

  it('asks for what jobs hold of a node, and of nothing else', () => {
    expect(scontrolArguments('node')).toEqual(['--oneliner', '--details', 'show', 'node']);
    expect(scontrolArguments('partition')).toEqual(['--oneliner', 'show', 'partition']);
  });
});

it('reads no reservations', () => {
  expect(parseReservations('No reservations in the system\n')).toEqual([]);
});

it.each([
  ['idle', ['idle'], true],
  ['mixed-', ['mixed', 'planned'], true],
  ['allocated*', ['allocated', 'not_responding'], false],
  ['idle~', ['idle', 'powered_down'], true],
  ['allocated#', ['allocated', 'powering_up'], true],
  ['drained$', ['drained', 'maintenance'], false],
  ['maint', ['maint'], false],
  ['down*', ['down', 'not_responding'], false],
  ['draining@', ['draining', 'reboot_requested'], false],
  ['idle^*', ['idle', 'reboot_issued', 'not_responding'], false],
  ['MIXED+PLANNED', ['mixed', 'planned'], true],
  ['IDLE+MAINTENANCE+RESERVED', ['idle', 'maintenance', 'reserved'], false],
  ['allocated+', ['allocated', 'completing'], true],
  ['', [], false],
])('the node state "%s"', (raw, words, usable) => {
  expect(parseNodeState(raw)).toEqual({ words, usable });
});

it.each([
  ['slurm 23.02.7-1.el9', { major: 23, minor: 2, patch: 7 }],
  ['slurm-wlm 22.05.8', { major: 22, minor: 5, patch: 8 }],
  ['slurm 26.05.0-0rc1', { major: 26, minor: 5, patch: 0 }],
  ['24.11', { major: 24, minor: 11, patch: 0 }],
  ['slurm', undefined],
  ['10.20.30.40', undefined],
])('the version "%s"', (text, version) => {
  expect(parseSlurmVersion(text)).toEqual(version);
});

it('compares versions by year and month', () => {
  const at = (text: string): boolean => isAtLeast(parseSlurmVersion(text), 23, 2);
  expect([at('22.05.8'), at('23.02.0'), at('23.11.1'), at('24.05.0'), at('?')]).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
});

it.each(['alice bob', "a'b", '', 'x=y', '-n'])('throws for the user name "%s"', (user) => {
  expect(() => associationArguments(user)).toThrow(TypeError);
  expect(() => defaultAccountArguments(user)).toThrow(TypeError);
});

it.each(['sacctmgr: error: …\n', 'a|b\n'])('refuses %j as associations', (text) => {
  expect(parseAssociations(text).ok).toBe(false);
});
