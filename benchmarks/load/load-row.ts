/** One line of the load benchmark: what was measured beside what is wanted. */
import { figure } from '../fastest.ts';
import type { Measurement } from './coordinator.ts';

export type LoadRow = Readonly<Record<string, string | number | boolean | null>>;

export interface Limits {
  readonly seconds?: number;
  readonly stallSeconds?: number;
  readonly memoryBytes?: number;
  readonly peakBytes?: number;
}

export function loadRow(
  scenario: string,
  clients: number,
  measured: Measurement & { readonly seconds: number },
  limits: Limits,
): LoadRow {
  const isWithin = (Object.keys(limits) as (keyof Limits)[]).every((name) => measured[name] <= limits[name]!);
  return {
    scenario,
    clients,
    seconds: figure(measured.seconds),
    secondsLimit: limits.seconds ?? null,
    coordinatorCpuSeconds: figure(measured.cpuSeconds),
    stallSeconds: figure(measured.stallSeconds),
    stallSecondsLimit: limits.stallSeconds ?? null,
    memoryBytes: measured.memoryBytes,
    memoryBytesLimit: limits.memoryBytes ?? null,
    peakBytes: measured.peakBytes,
    peakBytesLimit: limits.peakBytes ?? null,
    isWithin,
  };
}
