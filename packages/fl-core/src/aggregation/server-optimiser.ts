/**
 * Server optimisers (Reddi et al. 2021, "Adaptive federated optimization", algorithm 2): the mean model delta
 * is a pseudo-gradient with its sign turned. Pairs of pure functions; only operations that IEEE 754 rounds
 * correctly, so that the next model is the same bits on every machine.
 */
import { TributaryError } from '../errors.ts';
import type { ParameterSet } from '../parameters.ts';
import type { ServerOptimiserSpec } from '../task/aggregation-plan.ts';

export type OptimiserState =
  | { readonly kind: 'sgd'; readonly velocity: Float64Array }
  | { readonly kind: 'adam'; readonly firstMoment: Float64Array; readonly secondMoment: Float64Array };

/** @param size number of parameters; plain averaging keeps no state, so its buffer is empty */
export function initialOptimiserState(spec: ServerOptimiserSpec, size: number): OptimiserState {
  switch (spec.kind) {
    case 'sgd':
      return { kind: 'sgd', velocity: new Float64Array(spec.momentum === 0 ? 0 : size) };
    case 'adam':
      return { kind: 'adam', firstMoment: new Float64Array(size), secondMoment: new Float64Array(size) };
  }
}

export interface ServerStep {
  /** The model that the round started from. */
  readonly parameters: ParameterSet;
  /** The weighted mean of the model deltas. */
  readonly mean: Float64Array;
  readonly state: OptimiserState;
}

/** The next model and the next state; the arguments stay as they are. */
export function applyServerOptimiser(
  spec: ServerOptimiserSpec,
  step: ServerStep,
): { readonly parameters: ParameterSet; readonly state: OptimiserState } {
  if (spec.kind === 'sgd' && step.state.kind === 'sgd') return averageWithMomentum(spec, step, step.state);
  if (spec.kind === 'adam' && step.state.kind === 'adam') return federatedAdam(spec, step, step.state);
  throw new TributaryError('internal', `a ${step.state.kind} state does not fit the ${spec.kind} optimiser`);
}

type SgdSpec = Extract<ServerOptimiserSpec, { kind: 'sgd' }>;
type AdamSpec = Extract<ServerOptimiserSpec, { kind: 'adam' }>;

/** FedAvg and FedAvgM (Hsu et al. 2019): v <- momentum v + mean; w <- w + learningRate v. */
function averageWithMomentum(
  spec: SgdSpec,
  { parameters, mean }: ServerStep,
  state: Extract<OptimiserState, { kind: 'sgd' }>,
) {
  const values = new Float32Array(parameters.values.length);
  const velocity = new Float64Array(state.velocity.length);
  const hasMomentum = velocity.length > 0;
  for (let i = 0; i < values.length; i += 1) {
    let direction = mean[i]!;
    if (hasMomentum) {
      direction += spec.momentum * state.velocity[i]!;
      velocity[i] = direction;
    }
    values[i] = parameters.values[i]! + spec.learningRate * direction;
  }
  return { parameters: { shapes: parameters.shapes, values }, state: { kind: 'sgd', velocity } as const };
}

/** FedAdam without bias correction, as published: w <- w + learningRate m / (sqrt(v) + tau). */
function federatedAdam(
  spec: AdamSpec,
  { parameters, mean }: ServerStep,
  state: Extract<OptimiserState, { kind: 'adam' }>,
) {
  const { learningRate, beta1, beta2, tau } = spec;
  const size = parameters.values.length;
  const values = new Float32Array(size);
  const firstMoment = new Float64Array(size);
  const secondMoment = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    const m = beta1 * state.firstMoment[i]! + (1 - beta1) * mean[i]!;
    const v = beta2 * state.secondMoment[i]! + (1 - beta2) * mean[i]! * mean[i]!;
    firstMoment[i] = m;
    secondMoment[i] = v;
    values[i] = parameters.values[i]! + (learningRate * m) / (Math.sqrt(v) + tau);
  }
  return {
    parameters: { shapes: parameters.shapes, values },
    state: { kind: 'adam', firstMoment, secondMoment } as const,
  };
}

const KIND_BYTES = { sgd: 1, adam: 2 } as const;

/** One kind byte, seven zero bytes, then the moments as little-endian float64. */
export function encodeOptimiserState(state: OptimiserState): Uint8Array {
  const moments = state.kind === 'sgd' ? [state.velocity] : [state.firstMoment, state.secondMoment];
  const size = moments[0]!.length;
  const bytes = new Uint8Array(8 + 8 * size * moments.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, KIND_BYTES[state.kind]);
  moments.forEach((moment, which) => {
    for (let i = 0; i < size; i += 1) view.setFloat64(8 + 8 * (which * size + i), moment[i]!, true);
  });
  return bytes;
}

/** @throws TributaryError `blob-corrupt` */
export function decodeOptimiserState(bytes: Uint8Array): OptimiserState {
  const kind = bytes[0];
  const count = (bytes.length - 8) / 8;
  const isWhole = Number.isInteger(count) && count >= 0;
  if (!isWhole || (kind !== KIND_BYTES.sgd && (kind !== KIND_BYTES.adam || count % 2 !== 0))) {
    throw new TributaryError('blob-corrupt', 'not an optimiser state');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 1) values[i] = view.getFloat64(8 + 8 * i, true);
  if (kind === KIND_BYTES.sgd) return { kind: 'sgd', velocity: values };
  return { kind: 'adam', firstMoment: values.slice(0, count / 2), secondMoment: values.slice(count / 2) };
}
