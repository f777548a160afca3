import { describe, expect, it } from 'vitest';
import { parseNodeState } from '../../../src/core/slurm/node-state.ts';
import {
  associationArguments,
  defaultAccountArguments,
  parseAssociations,
  parseQos,
} from '../../../src/core/slurm/sacctmgr.ts';
import { parseSlurmConfig } from '../../../src/core/slurm/scontrol-config.ts';
import { parseNodes } from '../../../src/core/slurm/scontrol-node.ts';
import { parsePartitions } from '../../../src/core/slurm/scontrol-partition.ts';
import { parseReservations } from '../../../src/core/slurm/scontrol-reservation.ts';
import { parseSinfo, type PartitionNodes } from '../../../src/core/slurm/sinfo.ts';
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
      preemptible: false,
      nodes: 'node1',
    });
    expect(find('preempt')).toMatchObject({ preemptible: true, maxTimeMinutes: 10_080 });
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
      allocatedGpus: 0,
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
