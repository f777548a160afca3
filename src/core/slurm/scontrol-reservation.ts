import { orNull, parseEpoch } from './fields.ts';
import { list, parseScontrolRecords } from './scontrol-records.ts';

/** A reservation. Times are seconds since 1970; lists are empty where the field is not set. */
export interface SlurmReservation {
  readonly name: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly nodes: string;
  readonly partition: string | null;
  /** `MAINT`, `IGNORE_JOBS`, `DAILY`, … */
  readonly flags: readonly string[];
  readonly users: readonly string[];
  readonly accounts: readonly string[];
  readonly active: boolean;
}

/** Reads `scontrol --oneliner show reservation`; none are an empty list. */
export function parseReservations(text: string): readonly SlurmReservation[] {
  return parseScontrolRecords(text).map((record) => {
    const value = (key: string): string => record.get(key) ?? '';
    return {
      name: value('ReservationName'),
      start: parseEpoch(value('StartTime')),
      end: parseEpoch(value('EndTime')),
      nodes: orNull(value('Nodes')) ?? '',
      partition: orNull(value('PartitionName')),
      flags: list(value('Flags')),
      users: list(value('Users')),
      accounts: list(value('Accounts')),
      active: value('State') === 'ACTIVE',
    };
  });
}
