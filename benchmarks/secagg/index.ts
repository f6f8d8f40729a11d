/**
 * What a secure sum costs: CPU seconds of a member (WebCrypto, as in a tab) and of the coordinator (node:crypto, a process
 * of its own, one core), its memory, and every byte that a member sends. `npm run bench secagg`.
 *
 * `limitRatio` is what the bare cipher and the memory would take for the same bytes, measured in the same process, over what was
 * taken: the lower one of both sides. It hardly depends on the machine; the seconds do.
 */
import type { BenchmarkOptions, BenchmarkRow } from '../benchmark.ts';
import { figure } from '../fastest.ts';
import { openBrowserMembers } from './browser-members.ts';
import { casesOf, type SumCase, thresholdsOf } from './cases.ts';
import { runCase, type SumCosts } from './run-case.ts';
import { nodeMembers, type TimedMembers } from './timed-members.ts';

/** The least disturbed one counts. */
const REPEATS = 3;
/** Larger sums are measured once. */
const MOST_REPEATED = 2e8;

export async function run({ quick }: BenchmarkOptions): Promise<BenchmarkRow[]> {
  const browser = await openBrowserMembers();
  try {
    const rows: BenchmarkRow[] = [];
    for (const { inBrowser, ...of } of casesOf({ quick })) {
      const row = await measure(of, inBrowser ? browser : nodeMembers, { quick });
      process.stderr.write(`${JSON.stringify(row)}\n`);
      rows.push(row);
    }
    return rows;
  } finally {
    await browser.close();
  }
}

async function measure(of: SumCase, timed: TimedMembers, { quick }: BenchmarkOptions): Promise<BenchmarkRow> {
  const isLong = quick || of.protocol === 'lightsecagg' || of.n * of.params > MOST_REPEATED;
  const runs: SumCosts[] = [];
  for (let repeat = 0; repeat < (isLong ? 1 : REPEATS); repeat += 1) runs.push(await runCase(of, timed));
  const { protocol, n, params, bits, dropout } = of;
  const sent = runs[0]!.uploadBytes;
  // LightSecAgg is no stream cipher over vectors.
  const ratios = protocol === 'sa-1' ? runs.map(limitRatios) : [];
  const bestOf = (pick: (ratio: LimitRatios) => number) =>
    ratios.length > 0 ? figure(Math.max(...ratios.map(pick))) : null;
  return {
    protocol,
    n,
    ...thresholdsOf(of),
    params,
    bits,
    dropout,
    client: timed.runtime,
    clientCpuSeconds: figure(Math.min(...runs.map((costs) => costs.clientCpuSeconds))),
    serverCpuSeconds: figure(Math.min(...runs.map(({ coordinator }) => coordinator.cpuSeconds))),
    serverPeakBytes: Math.min(...runs.map(({ coordinator }) => coordinator.peakBytes)),
    uploadBytes: sent,
    uploadRatio: figure(sent / Math.ceil((params * bits) / 8)),
    exact: runs.every(({ isExact }) => isExact),
    limitRatio: bestOf(({ client, server }) => Math.min(client, server)),
    clientLimitRatio: bestOf(({ client }) => client),
    serverLimitRatio: bestOf(({ server }) => server),
  };
}

interface LimitRatios {
  readonly client: number;
  readonly server: number;
}

/** Both from one run, since the machine is another one in the next. */
const limitRatios = ({ clientMedianSeconds, clientLimitSeconds, coordinator }: SumCosts): LimitRatios => ({
  client: clientLimitSeconds / clientMedianSeconds,
  server: coordinator.limitSeconds / coordinator.cpuSeconds,
});
