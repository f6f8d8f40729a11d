/** Measures every backend that runs here: its ceilings, the share of them that each kernel reaches, and whole steps. */
import { frozenTensors, initialParameters, tensorSize } from '@tributary/fl-core';
import type { OperationKind } from '../network/network.ts';
import { networkOf } from '../network/network-of.ts';
import { type KernelProbe, kernelProbes } from './kernel-probes.ts';
import {
  MEASURED_BACKENDS,
  type Measurable,
  type MeasuredBackend,
  type MeasuredBackendName,
  type MissingBackend,
} from './measured-backend.ts';
import { openMeasuredBackend } from './open-measured-backend.ts';
import { type Ceilings, type KernelWork, shareOfBound } from './roofline.ts';
import { secondsPerCall } from './timing.ts';
import { randomExamples, TYPICAL_MODELS, type TypicalModel } from './typical-models.ts';

export interface KernelMeasurement {
  readonly kind: OperationKind;
  /** Whose heaviest operation of that kind it is; null for a product of large matrices. */
  readonly model: TypicalModel | null;
  readonly pass: 'forward' | 'backward';
  readonly work: KernelWork;
  readonly seconds: number;
  readonly shareOfBound: number;
}

export interface ModelMeasurement {
  readonly model: TypicalModel;
  readonly batch: number;
  readonly examplesPerSecond: number;
}

export interface BackendMeasurement {
  readonly name: MeasuredBackendName;
  readonly adapter: string;
  readonly ceilings: Ceilings;
  readonly kernels: readonly KernelMeasurement[];
  readonly models: readonly ModelMeasurement[];
}

export interface DeviceMeasurement {
  readonly backends: readonly BackendMeasurement[];
  readonly missing: readonly (MissingBackend & { readonly name: MeasuredBackendName })[];
}

export interface MeasuringProgress {
  readonly backend: MeasuredBackendName;
  readonly done: number;
  readonly total: number;
}

export interface MeasuringOptions {
  /** For each measurement; there are some forty for each backend. */
  readonly seconds: number;
  readonly onProgress?: (progress: MeasuringProgress) => void;
}

export async function measureDevice(options: MeasuringOptions): Promise<DeviceMeasurement> {
  const opened = await Promise.all(
    MEASURED_BACKENDS.map(async (name) => ({ name, result: await openMeasuredBackend(name) })),
  );
  const usable = opened.flatMap(({ result }) => ('reason' in result ? [] : [result]));
  const probes = kernelProbes();
  const passes = probes.reduce((sum, { backward }) => sum + (backward ? 2 : 1), 0);
  const total = usable.length * (4 + passes + Object.keys(TYPICAL_MODELS).length);
  let done = 0;
  const backends: BackendMeasurement[] = [];
  for (const backend of usable) {
    const step = (): void => {
      done += 1;
      options.onProgress?.({ backend: backend.name, done, total });
    };
    backends.push(await measureBackend(backend, { probes, seconds: options.seconds, step }));
    backend.dispose();
  }
  return {
    backends,
    missing: opened.flatMap(({ name, result }) =>
      'reason' in result ? [{ name, reason: result.reason }] : [],
    ),
  };
}

interface Plan {
  readonly probes: readonly KernelProbe[];
  readonly seconds: number;
  /** After each measurement. */
  step(): void;
}

async function measureBackend(backend: MeasuredBackend, plan: Plan): Promise<BackendMeasurement> {
  const { probes, seconds, step } = plan;
  const timed = async ({ run }: Measurable): Promise<number> => {
    const shortest = await secondsPerCall(run, { seconds });
    step();
    return shortest;
  };
  const { multiplyAdds, triad, name, adapter } = backend;
  // Before and after the kernels: whatever else the machine does must not lower the ceilings for all of them.
  const peaks: number[] = [multiplyAdds.work.flops / (await timed(multiplyAdds))];
  const bandwidths: number[] = [triad.work.bytes / (await timed(triad))];
  const measured: Omit<KernelMeasurement, 'shareOfBound'>[] = [];
  for (const probe of probes) {
    for (const pass of probe.backward ? (['forward', 'backward'] as const) : (['forward'] as const)) {
      const measurable = backend[pass](probe);
      const taken = await timed(measurable);
      const { kind } = probe.network.operations[probe.index];
      measured.push({ kind, model: probe.model, pass, work: measurable.work, seconds: taken });
    }
  }
  peaks.push(multiplyAdds.work.flops / (await timed(multiplyAdds)));
  bandwidths.push(triad.work.bytes / (await timed(triad)));
  const ceilings = { flopsPerSecond: Math.max(...peaks), bytesPerSecond: Math.max(...bandwidths) };
  const kernels = measured.map((kernel) => ({
    ...kernel,
    shareOfBound: shareOfBound(ceilings, kernel.work, kernel.seconds),
  }));
  const models: ModelMeasurement[] = [];
  for (const model of Object.keys(TYPICAL_MODELS) as TypicalModel[]) {
    models.push(await measureModel(backend, model, seconds));
    step();
  }
  return { name, adapter, ceilings, kernels, models };
}

const SMALL_BATCH = 2;
const BATCH = 32;
/** Whoever needs longer for a batch is measured with a small one. */
const MOST_SECONDS = 0.5;

async function measureModel(
  backend: MeasuredBackend,
  model: TypicalModel,
  seconds: number,
): Promise<ModelMeasurement> {
  const few = await secondsPerStep(backend, { model, batch: SMALL_BATCH, seconds: seconds / 4 });
  if ((few * BATCH) / SMALL_BATCH > MOST_SECONDS)
    return { model, batch: SMALL_BATCH, examplesPerSecond: SMALL_BATCH / few };
  const many = await secondsPerStep(backend, { model, batch: BATCH, seconds });
  return { model, batch: BATCH, examplesPerSecond: BATCH / many };
}

async function secondsPerStep(
  backend: MeasuredBackend,
  { model, batch, seconds }: { model: TypicalModel; batch: number; seconds: number },
): Promise<number> {
  const spec = TYPICAL_MODELS[model];
  const engine = await backend.engine({
    network: networkOf(spec),
    optimiser: { kind: 'sgd', learningRate: 0.05 },
    batchSize: batch,
    clipping: null,
    examplesPerPass: batch,
  });
  try {
    const frozen = (frozenTensors(spec) ?? []).reduce((sum, { shape }) => sum + tensorSize(shape), 0);
    engine.load(initialParameters(spec, 'roofline').values, [], new Float32Array(frozen));
    const examples = randomExamples(spec, { count: batch, percentZeros: 0 });
    const indices = Int32Array.from({ length: batch }, (_, index) => index);
    let step = 0;
    return await secondsPerCall(
      async (times) => {
        for (let time = 0; time < times; time += 1) {
          step += 1;
          engine.step(examples, indices, step);
        }
        await engine.takeLoss();
      },
      { seconds },
    );
  } finally {
    engine.dispose();
  }
}
