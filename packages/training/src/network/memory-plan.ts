/**
 * Where everything of one network lies while it trains: one arena, laid out before the first step, so that what an engine
 * will take is known before it takes it. Buffers that are never alive together share their place (greedy by size:
 * Pisarchyk and Lee 2020, section 5.2).
 */
import { type ClientOptimiser, TributaryError } from '@tributary/fl-core';
import { momentsOf } from '../check-request.ts';
import type { GradientClipping } from './engine.ts';
import { gradientFlow, inputsOf } from './gradient-flow.ts';
import type { Network, Operation, ValueId } from './network.ts';

/** What an operation needs beside its values, in bytes. */
export interface OperationMemory {
  /** Kept from a forward pass to the backward pass over the same examples. */
  readonly saved: number;
  /** Holds nothing between two calls; all operations share the largest of these. */
  readonly scratch: number;
}

/** How an engine keeps its buffers. */
export interface MemoryLayout {
  /** Bytes of one number in values and their gradients. Parameters and moments are float32 always. */
  readonly bytesPerNumber: number;
  /** Values that take half of that; none where it says nothing. Both ends of a reshape, or neither. */
  readonly halves?: ReadonlySet<ValueId>;
  /** Bytes of one number in the gradient of the parameters. */
  readonly bytesPerParameterGradient: number;
  /** Every buffer begins at a multiple of this many bytes. */
  readonly alignment: number;
  /** Bytes that an engine keeps beside what belongs to the network; none where it says nothing. */
  readonly control?: (network: Network, examplesPerPass: number) => number;
  /** What is taken to have an arena of so many bytes, where that is more: whole pages, and what kernels keep for themselves. */
  readonly taken?: (arenaBytes: number) => number;
  needs(operation: Operation, network: Network, examplesPerPass: number): OperationMemory;
}

export interface MemoryRequest {
  readonly network: Network;
  readonly optimiser: ClientOptimiser;
  readonly clipping: GradientClipping | null;
  readonly layout: MemoryLayout;
  /** Of a thread beside another one, with which parameters, moments and frozen parameters lie: nothing is kept for them. */
  readonly onlyGradient?: true;
}

/** Offsets count bytes from the start of the arena. */
export interface MemoryPlan {
  readonly examplesPerPass: number;
  readonly parameters: number;
  readonly gradient: number;
  /** Of the microbatch at hand; null without clipping. */
  readonly microbatchGradient: number | null;
  readonly moments: readonly number[];
  readonly frozen: number;
  /** 32-bit integers, a row of labels for each example of a pass. */
  readonly labels: number;
  /** By `ValueId`. A reshape's output lies where its input lies. */
  readonly values: readonly number[];
  /** By `ValueId`; null where no gradient is needed. */
  readonly gradients: readonly (number | null)[];
  /** One for each operation. */
  readonly saved: readonly number[];
  readonly scratch: number;
  /** With `READABLE_BEYOND` after its last buffer. */
  readonly arenaBytes: number;
  /** The most that training ever takes. */
  readonly bytes: number;
}

/** Kernels may read this far beyond the end of a buffer, whatever lies there. */
export const READABLE_BEYOND = 64;

export function planMemory(request: MemoryRequest, examplesPerPass: number): MemoryPlan {
  const { network, optimiser, clipping, layout, onlyGradient } = request;
  let end = 0;
  const reserve = (bytes: number): number => {
    const offset = end;
    end = aligned(end + bytes, layout.alignment);
    return offset;
  };
  const vector = onlyGradient ? 0 : 4 * network.trainedSize;
  const parameters = reserve(vector);
  const gradientBytes = layout.bytesPerParameterGradient * network.trainedSize;
  const gradient = reserve(gradientBytes);
  const microbatchGradient = clipping === null ? null : reserve(gradientBytes);
  const moments = Array.from({ length: momentsOf(optimiser.kind) }, () => reserve(vector));
  const frozen = reserve(onlyGradient ? 0 : 4 * network.frozenSize);
  const labels = reserve(4 * network.values[network.logits].rows * examplesPerPass);
  reserve(layout.control?.(network, examplesPerPass) ?? 0);
  const needs = network.operations.map((operation) => layout.needs(operation, network, examplesPerPass));
  const scratch = reserve(Math.max(0, ...needs.map((need) => need.scratch)));

  const buffers = passBuffers(network, needs, (value) => bytesOfNumber(layout, value) * examplesPerPass);
  const placed = placeGreedily(buffers, layout.alignment);
  const at = ({ of, index }: BufferName): number | undefined => {
    const found = placed.offsets.get(keyOf({ of, index }));
    return found === undefined ? undefined : end + found;
  };
  const arenaBytes = end + placed.bytes + READABLE_BEYOND;
  const alias = aliasesOf(network);
  const gradientAlias = gradientAliasesOf(network);
  return {
    examplesPerPass,
    parameters,
    gradient,
    microbatchGradient,
    moments,
    frozen,
    labels,
    values: network.values.map((_, index) => at({ of: 'value', index: alias[index] })!),
    gradients: network.values.map((_, index) => at({ of: 'gradient', index: gradientAlias[index] }) ?? null),
    saved: network.operations.map((_, index) => at({ of: 'saved', index })!),
    scratch,
    arenaBytes,
    bytes: layout.taken?.(arenaBytes) ?? arenaBytes,
  };
}

/**
 * The most examples, up to `most`, whose pass fits into `budgetBytes`. Smaller passes give the same gradient.
 * @throws TributaryError `model-unsupported` when not even one example fits
 */
export function examplesPerPassWithin(
  request: MemoryRequest,
  limits: { readonly most: number; readonly budgetBytes: number },
): number {
  const bytesFor = (examples: number): number => planMemory(request, examples).bytes;
  if (bytesFor(limits.most) <= limits.budgetBytes) return limits.most;
  const least = bytesFor(1);
  if (least > limits.budgetBytes) {
    throw new TributaryError(
      'model-unsupported',
      `training this model takes ${megabytes(least)} MB, and ${megabytes(limits.budgetBytes)} MB are allowed`,
    );
  }
  let fits = 1;
  let tooMany = limits.most;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (bytesFor(middle) <= limits.budgetBytes) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

/** Bytes of one number of a value. */
export function bytesOfNumber({ bytesPerNumber, halves }: MemoryLayout, value: ValueId): number {
  return halves?.has(value) ? bytesPerNumber / 2 : bytesPerNumber;
}

interface BufferName {
  readonly of: 'value' | 'gradient' | 'saved';
  /** A `ValueId`, or the index of an operation. */
  readonly index: number;
}

interface PassBuffer extends BufferName {
  readonly bytes: number;
  /** First and last moment of its life. */
  readonly from: number;
  readonly to: number;
}

/**
 * The moments of a step: the input arrives (0), operation i runs forwards (i + 1), the loss begins the backward pass
 * (n + 1), operation i runs backwards (2n + 1 - i).
 */
function passBuffers(
  network: Network,
  needs: readonly OperationMemory[],
  bytesPerElement: (value: ValueId) => number,
): readonly PassBuffer[] {
  const { operations, values, logits } = network;
  const count = operations.length;
  const flow = gradientFlow(network);
  const forwardOf = (index: number): number => index + 1;
  const lossMoment = count + 1;
  const backwardOf = (index: number): number => 2 * count + 1 - index;
  /** An operation reads its input and output for the last time in its backward pass, when it has one. */
  const lastUseBy = (index: number): number => (flow[index].isNeeded ? backwardOf(index) : forwardOf(index));

  const valueLives = values.map(() => ({ from: 0, to: 0 }));
  const gradientLives = values.map(() => ({ from: Number.POSITIVE_INFINITY, to: -1 }));
  valueLives[logits].to = lossMoment;
  operations.forEach((operation, index) => {
    const output = valueLives[operation.output];
    output.from = forwardOf(index);
    for (const value of [operation.output, ...inputsOf(operation)]) {
      valueLives[value].to = Math.max(valueLives[value].to, lastUseBy(index));
    }
    if (!flow[index].isNeeded) return;
    gradientLives[operation.output].to = backwardOf(index);
    const begins = (value: ValueId): void => {
      gradientLives[value].from = Math.min(gradientLives[value].from, backwardOf(index));
    };
    if (flow[index].input !== 'none') begins(operation.input);
    if (flow[index].other !== 'none' && operation.kind === 'sum') begins(operation.other);
  });
  gradientLives[logits].from = lossMoment;

  const bytesOf = (value: ValueId): number =>
    values[value].rows * values[value].width * bytesPerElement(value);
  const merged = (
    of: 'value' | 'gradient',
    lives: readonly Life[],
    alias: readonly ValueId[],
  ): PassBuffer[] =>
    values.flatMap((_, index) => {
      if (alias[index] !== index) return [];
      const sharing = lives.filter((life, other) => alias[other] === index && life.to >= life.from);
      if (sharing.length === 0) return [];
      const from = Math.min(...sharing.map((life) => life.from));
      const to = Math.max(...sharing.map((life) => life.to));
      return [{ of, index, bytes: bytesOf(index), from, to }];
    });
  return [
    ...merged('value', valueLives, aliasesOf(network)),
    ...merged('gradient', gradientLives, gradientAliasesOf(network)),
    ...needs.map(({ saved }, index): PassBuffer => {
      return { of: 'saved', index, bytes: saved, from: forwardOf(index), to: lastUseBy(index) };
    }),
  ];
}

interface Life {
  readonly from: number;
  readonly to: number;
}

/** For each value the one whose place it shares: itself, but for reshapes. */
function aliasesOf({ operations, values }: Network): readonly ValueId[] {
  const alias = values.map((_, index) => index);
  for (const operation of operations) {
    if (operation.kind === 'reshape') alias[operation.output] = alias[operation.input];
  }
  return alias;
}

/** As values do; but where another consumer has begun the input's gradient, a reshape adds to it from a place of its own. */
function gradientAliasesOf(network: Network): readonly ValueId[] {
  const flow = gradientFlow(network);
  const alias = network.values.map((_, index) => index);
  network.operations.forEach((operation, index) => {
    if (operation.kind !== 'reshape' || flow[index].input !== 'write') return;
    alias[operation.output] = alias[operation.input];
  });
  return alias;
}

/** The largest first, each at the lowest place that no buffer takes that is alive at the same time. */
function placeGreedily(
  buffers: readonly PassBuffer[],
  alignment: number,
): { readonly offsets: ReadonlyMap<string, number>; readonly bytes: number } {
  const placed: (PassBuffer & { readonly start: number; readonly end: number })[] = [];
  // The sort is stable, so of equals the earlier one comes first.
  for (const buffer of [...buffers].sort((a, b) => b.bytes - a.bytes)) {
    const meets = placed
      .filter((other) => other.from <= buffer.to && buffer.from <= other.to)
      .sort((a, b) => a.start - b.start);
    let start = 0;
    for (const other of meets) {
      if (start + buffer.bytes <= other.start) break;
      start = Math.max(start, other.end);
    }
    placed.push({ ...buffer, start, end: aligned(start + buffer.bytes, alignment) });
  }
  return {
    offsets: new Map(placed.map((buffer) => [keyOf(buffer), buffer.start])),
    bytes: Math.max(0, ...placed.map(({ end }) => end)),
  };
}

const keyOf = ({ of, index }: BufferName): string => `${of} ${index}`;

function aligned(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);
