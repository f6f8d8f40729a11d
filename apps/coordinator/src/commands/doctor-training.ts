/** `doctor --training`: how fast this machine trains, how fast it could, and what to do when the two are far apart. */
import { availableParallelism, loadavg } from 'node:os';
import type { BackendMeasurement, DeviceMeasurement, KernelMeasurement } from '@tributary/training/roofline';
import { print, printJson, say } from './command.ts';

const SECONDS_PER_MEASUREMENT = 0.05;

export async function doctorTraining({ json }: { readonly json: boolean }): Promise<number> {
  say('Measuring the backends of this machine, half a minute ...');
  const { measureDevice } = await import('@tributary/training/roofline');
  const load = loadavg()[0]!;
  const measured = await measureDevice({ seconds: SECONDS_PER_MEASUREMENT });
  const advice = adviceOn(measured, { load, cores: availableParallelism() });
  if (json) printJson({ ...measured, advice });
  else print([...measured.backends.map(asText), advice.map((line) => `-> ${line}`).join('\n')].join('\n\n'));
  return 0;
}

/** Below this share of its bound a kernel is called slow; plain TypeScript is slow by nature. */
const SLOW_SHARE = 0.1;

export function adviceOn(
  { backends, missing }: DeviceMeasurement,
  { load, cores }: { readonly load: number; readonly cores: number },
): string[] {
  const advice = missing.map(({ name, reason }) => `${name}: ${reason}; ${REMEDIES[name]}`);
  if (load > cores / 2)
    advice.push('other programs were busy: close them and measure again before believing these figures');
  for (const { name, kernels } of backends) {
    const slow = kernels.filter(({ shareOfBound }) => shareOfBound < SLOW_SHARE);
    if (name === 'reference' || slow.length === 0) continue;
    advice.push(
      `${name}: ${[...new Set(slow.map(kernelName))].join(', ')} stay below a tenth of what the machine could do; ` +
        'when a quiet machine shows the same, it is worth an issue with the output of `--json`',
    );
  }
  if (!backends.some(({ name }) => name !== 'reference'))
    advice.push(
      'only plain TypeScript trains here, about a hundred times slower: use a newer browser or Node',
    );
  return advice.length > 0 ? advice : ['nothing to do'];
}

const REMEDIES = {
  wasm: 'every browser and Node of the last years has it; a policy that forbids WebAssembly takes it away',
  'wasm-relaxed': 'Node 22, Chrome 114 and Firefox 145 have it and fuse multiplications with additions',
  webgpu: "measure it in a browser: the dashboard's page `This device` does; chrome://gpu says why it is off",
  reference: 'it needs nothing and should run everywhere',
} as const;

function asText({ name, adapter, ceilings, kernels, models }: BackendMeasurement): string {
  const title = `${name}${adapter && ` on ${adapter}`}: peak ${giga(ceilings.flopsPerSecond)} GFLOP/s, ${giga(ceilings.bytesPerSecond)} GB/s`;
  const rows = kernels.map((kernel) => [
    kernelName(kernel),
    kernel.pass,
    kernel.work.flops === 0 ? '-' : giga(kernel.work.flops / kernel.seconds),
    giga(kernel.work.bytes / kernel.seconds),
    `${Math.round(100 * kernel.shareOfBound)} %`,
  ]);
  const speeds = models.map(({ model, batch, examplesPerSecond }) => [
    model,
    `batch ${batch}`,
    `${Math.round(examplesPerSecond)} examples per second`,
  ]);
  return [
    title,
    table([['kernel', 'pass', 'GFLOP/s', 'GB/s', 'of its bound'], ...rows]),
    '',
    table(speeds),
  ].join('\n');
}

const kernelName = ({ kind, model }: KernelMeasurement): string =>
  model === null ? 'product of matrices' : `${kind} of ${model}`;
const giga = (value: number): string => (value / 1e9).toFixed(1);

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd())
    .join('\n');
}
