/**
 * What the coordinator keeps to itself between two models: the moments of the server optimiser and, when models are rounded
 * to a grid, the parameters as they were before (Tang et al. 2019, "DoubleSqueeze", algorithm 1: the server's own error
 * feedback). What rounding takes from one model goes out with a later one.
 */
import { gridSteps, roundToGrid } from '@tributary/compression';
import { TributaryError } from '../errors.ts';
import { type ParameterSet, parameterCount, type TensorShape } from '../parameters.ts';
import type { DownlinkPlan } from '../task/compression-plan.ts';
import { initialParameters } from '../task/initial-parameters.ts';
import type { TaskManifest } from '../task/manifest.ts';
import {
  applyServerOptimiser,
  decodeOptimiserState,
  encodeOptimiserState,
  initialOptimiserState,
  type OptimiserState,
} from './server-optimiser.ts';

export type ServerPlan = Pick<TaskManifest, 'aggregation' | 'downlink'>;

export interface ServerState {
  readonly optimiser: OptimiserState;
  /** Null where models go out as they are; and before the first step, when there is nothing but the first model. */
  readonly master: MasterParameters | null;
}

interface MasterParameters {
  readonly values: Float32Array;
  /** The grid of the model that went out: binary logarithms of its steps, one for each tensor. */
  readonly steps: Int16Array;
}

export function initialServerState({ aggregation }: ServerPlan, shapes: readonly TensorShape[]): ServerState {
  const optimiser = initialOptimiserState(aggregation.serverOptimiser, parameterCount(shapes));
  return { optimiser, master: null };
}

/** The first model of a run, drawn from its seed. */
export function firstModel({
  model,
  seed,
  downlink,
}: Pick<TaskManifest, 'model' | 'seed' | 'downlink'>): ParameterSet {
  const drawn = initialParameters(model, seed);
  return downlink.codec === 'grid' ? onGrid(drawn, downlink, null).model : drawn;
}

/**
 * The next model to go out, and what is kept to oneself of it; the arguments stay as they are.
 * @throws CodecError `codec-not-finite` when a model that is to be rounded has a value that is no number
 */
export function nextModel(
  { aggregation, downlink }: ServerPlan,
  step: {
    /** The model that went out last: what the round started from. */
    readonly model: ParameterSet;
    /** The weighted mean of the model deltas. */
    readonly mean: Float64Array;
    readonly state: ServerState;
  },
): { readonly model: ParameterSet; readonly state: ServerState } {
  const { optimiser, master } = step.state;
  const { shapes } = step.model;
  const next = applyServerOptimiser(aggregation.serverOptimiser, {
    parameters: master ? { shapes, values: master.values } : step.model,
    mean: step.mean,
    state: optimiser,
  });
  if (downlink.codec !== 'grid') {
    return { model: next.parameters, state: { optimiser: next.state, master: null } };
  }
  const { model, steps } = onGrid(next.parameters, downlink, master?.steps ?? null);
  return { model, state: { optimiser: next.state, master: { values: next.parameters.values, steps } } };
}

type GridPlan = Extract<DownlinkPlan, { codec: 'grid' }>;

function onGrid({ shapes, values }: ParameterSet, { bits }: GridPlan, previous: Int16Array | null) {
  const steps = gridSteps(values, shapes, { bits, previous });
  return { model: { shapes, values: roundToGrid(values, shapes, steps) }, steps };
}

/** The optimiser's state; behind it, if there are any, the master parameters as float32 and their steps as int16. */
export function encodeServerState({ optimiser, master }: ServerState): Uint8Array {
  const moments = encodeOptimiserState(optimiser);
  if (!master) return moments;
  const { values, steps } = master;
  const bytes = new Uint8Array(moments.length + 4 * values.length + 2 * steps.length);
  bytes.set(moments);
  const view = new DataView(bytes.buffer, moments.length);
  for (let i = 0; i < values.length; i += 1) view.setFloat32(4 * i, values[i]!, true);
  steps.forEach((step, tensor) => void view.setInt16(4 * values.length + 2 * tensor, step, true));
  return bytes;
}

/** @throws TributaryError `blob-corrupt` */
export function decodeServerState(
  bytes: Uint8Array,
  { downlink }: Pick<ServerPlan, 'downlink'>,
  shapes: readonly TensorShape[],
): ServerState {
  if (downlink.codec !== 'grid') return { optimiser: decodeOptimiserState(bytes), master: null };
  const size = parameterCount(shapes);
  const at = bytes.length - 4 * size - 2 * shapes.length;
  if (at < 0) throw new TributaryError('blob-corrupt', 'not a state with master parameters');
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i += 1) values[i] = view.getFloat32(4 * i, true);
  const steps = Int16Array.from(shapes, (_, tensor) => view.getInt16(4 * size + 2 * tensor, true));
  return { optimiser: decodeOptimiserState(bytes.subarray(0, at)), master: { values, steps } };
}
