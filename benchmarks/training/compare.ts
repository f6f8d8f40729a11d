/** One workload on every program that trains it, in turns. */
import { floatingPointOperations, networkOf } from '@tributary/training/network';
import type { BenchmarkRow } from '../benchmark.ts';
import { figure } from '../fastest.ts';
import type { BenchmarkBrowser } from './browser.ts';
import { type Peaks, PROGRAMS, type ProgramName } from './page/protocol.ts';
import type { Program } from './program.ts';
import { openPyTorch } from './pytorch.ts';
import { median, ratio } from './turns.ts';
import { modelOf, type Workload } from './workload.ts';

type Name = ProgramName | 'pytorch';

export interface Pace {
  readonly turns: number;
  /** A turn has as many steps as fill this time. */
  readonly turnSeconds: number;
  /** Whether programs that need seconds for a step of a convolution take part. */
  readonly withSlow: boolean;
}

export async function compare(
  workload: Workload,
  { browser, pace, peaks }: { browser: BenchmarkBrowser; pace: Pace; peaks: ReadonlyMap<Name, Peaks> },
): Promise<BenchmarkRow[]> {
  const contenders: Contender[] = [];
  const refused = new Map<Name, string>();
  const dispatches = new Map<Name, number | undefined>();
  try {
    for (const name of ['pytorch', ...PROGRAMS] as const) {
      if (!pace.withSlow && SLOW.has(name)) continue;
      // Goes one example at a time, so that one batch tells all.
      if (name === 'reference' && workload.batch > 10) continue;
      const program = await (name === 'pytorch' ? openPyTorch(workload) : browser.open(name, workload));
      if ('reason' in program) refused.set(name, program.reason);
      else contenders.push(await contenderOf(name, program, pace));
    }
    await takeTurns(contenders, pace);
  } finally {
    for (const { name, program } of contenders) {
      const { dispatchesPerStep } = await program.close();
      dispatches.set(name, dispatchesPerStep);
    }
  }

  const turnsOf = (name: Name) => contenders.find((contender) => contender.name === name)?.secondsPerStep;
  const tfjsOnCpu = turnsOf('tfjs-wasm') ? 'tfjs-wasm' : 'tfjs-cpu';
  const { forward, backward } = floatingPointOperations(networkOf(modelOf(workload)));
  const rows = contenders.map(({ name, secondsPerStep }): BenchmarkRow => {
    const examplesPerSecond = workload.batch / median(secondsPerStep);
    const tfjs = ON_GPU.has(name) ? 'tfjs-webgpu' : tfjsOnCpu;
    const flopsPerSecond = (forward + backward) * examplesPerSecond;
    const { multiplyAdds = null, matrixProduct = null } = peaks.get(name) ?? {};
    return {
      ...workload,
      backend: name,
      examplesPerSecond: figure(examplesPerSecond),
      fastest: figure(workload.batch / Math.min(...secondsPerStep)),
      ratioToPyTorch: ratio(turnsOf('pytorch'), secondsPerStep),
      ratioToTfjs: ratio(turnsOf(tfjs), secondsPerStep),
      tfjs: turnsOf(tfjs) ? tfjs : null,
      gigaflopsPerSecond: figure(flopsPerSecond / 1e9),
      shareOfPeak: multiplyAdds && figure(flopsPerSecond / multiplyAdds),
      shareOfGemmPeak: matrixProduct && figure(flopsPerSecond / matrixProduct),
      dispatchesPerStep: dispatches.get(name) ?? null,
      note: null,
    };
  });
  const absent = [...refused].map(
    ([name, note]): BenchmarkRow => ({ ...workload, backend: name, examplesPerSecond: null, note }),
  );
  return [...rows, ...absent];
}

interface Contender {
  readonly name: Name;
  readonly program: Program;
  /** Of a turn; 0 takes no turns. */
  readonly steps: number;
  /** One for each turn, or only one. */
  readonly secondsPerStep: number[];
}

/** Each is held against the tfjs of the same kind of processor. */
const ON_GPU = new Set<Name>(['webgpu', 'tfjs-webgpu']);
const SLOW = new Set<Name>(['reference', 'tfjs-cpu', ...ON_GPU]);
const SLOW_STEP_SECONDS = 2;

async function takeTurns(contenders: readonly Contender[], pace: Pace): Promise<void> {
  for (let turn = 0; turn < pace.turns; turn += 1) {
    for (const { program, steps, secondsPerStep } of contenders) {
      if (steps > 0) secondsPerStep.push((await program.run(steps)) / steps);
    }
  }
}

async function contenderOf(name: Name, program: Program, { turnSeconds }: Pace): Promise<Contender> {
  // The first step compiles and allocates; of who needs seconds for it, it tells enough.
  const first = await program.run(1);
  if (first > SLOW_STEP_SECONDS) return { name, program, steps: 0, secondsPerStep: [first] };
  for (let steps = 1; ; steps *= 4) {
    const seconds = await program.run(steps);
    if (seconds < turnSeconds / 4) continue;
    return {
      name,
      program,
      steps: Math.max(1, Math.round((steps * turnSeconds) / seconds)),
      secondsPerStep: [],
    };
  }
}
