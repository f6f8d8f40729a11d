/**
 * The coordinator under load: it in one process, all its clients in this one, on the same cores. A column that ends in
 * `Limit` is what is wanted. Linux only: it reads `/proc`.
 */
import type { BenchmarkOptions, BenchmarkRow } from '../benchmark.ts';
import { measureBurst } from './burst.ts';
import { measureHostile } from './hostile.ts';
import { measureIdle } from './idle.ts';
import { measureJoins } from './joins.ts';

const SCENARIOS = { burst: measureBurst, idle: measureIdle, joins: measureJoins, hostile: measureHostile };

export async function run(options: BenchmarkOptions): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const measure of chosenScenarios()) rows.push(await measure(options));
  return rows;
}

/** All, or the one that `TRIBUTARY_LOAD` names. */
function chosenScenarios() {
  const name = process.env.TRIBUTARY_LOAD;
  return Object.entries(SCENARIOS).flatMap(([key, measure]) => (!name || name === key ? [measure] : []));
}
