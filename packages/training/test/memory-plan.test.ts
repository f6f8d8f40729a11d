/** The plan against a slow memory that remembers for each byte who wrote it. */
import type { BuiltInModelSpec } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { gradientFlow, inputsOf } from '../src/network/gradient-flow.ts';
import {
  examplesPerPassWithin,
  type MemoryLayout,
  type MemoryPlan,
  type MemoryRequest,
  planMemory,
  READABLE_BEYOND,
} from '../src/network/memory-plan.ts';
import type { Network } from '../src/network/network.ts';
import { networkOf } from '../src/network/network-of.ts';
import { SMALL_MODELS } from './small-models.ts';
import { ADAM, SGD } from './small-problems.ts';

const LAYOUT: MemoryLayout = {
  bytesPerNumber: 4,
  bytesPerParameterGradient: 4,
  alignment: 64,
  needs: (operation, _network, examples) => ({
    saved: operation.kind === 'sum' ? 0 : 4 * examples * (operation.output + 3),
    scratch: 100 * operation.output,
  }),
};
const CLIPPING = { clippingNorm: 1, microbatchSize: 2 };
/** Two consumers of one value on both sides of a reshape, so that gradients meet in the reshape's place. */
const BRANCHED: Network = {
  values: [
    { rows: 1, width: 6 },
    { rows: 2, width: 5 },
    { rows: 1, width: 10 },
    { rows: 1, width: 10 },
    { rows: 2, width: 5 },
    { rows: 2, width: 5 },
    { rows: 2, width: 5 },
  ],
  operations: [
    dense(0, 1),
    { kind: 'reshape', input: 1, output: 2 },
    dense(2, 3),
    { kind: 'reshape', input: 3, output: 4 },
    { kind: 'sum', input: 4, other: 1, output: 5, scale: 1 },
    dense(5, 6),
  ],
  input: 0,
  logits: 6,
  trainedSize: 300,
  frozenSize: 0,
};
const NETWORKS: Record<string, Network> = {
  ...Object.fromEntries(
    Object.entries<BuiltInModelSpec>(SMALL_MODELS).map(([name, model]) => [name, networkOf(model)]),
  ),
  branched: BRANCHED,
};

describe.each(Object.entries(NETWORKS))('the memory plan of %s', (_name, network) => {
  const requests: MemoryRequest[] = [
    { network, optimiser: SGD, clipping: null, layout: LAYOUT },
    { network, optimiser: ADAM, clipping: CLIPPING, layout: LAYOUT },
    {
      network,
      optimiser: ADAM,
      clipping: null,
      layout: { ...LAYOUT, bytesPerNumber: 8, bytesPerParameterGradient: 8, alignment: 256 },
    },
  ];

  it('keeps every buffer whole for as long as a step reads it', () => {
    for (const request of requests) {
      for (const examples of [1, 3, 10]) runOnLabels(request, planMemory(request, examples));
    }
  });

  it('predicts exactly what it lays out, aligned, and with room to read beyond the end', () => {
    for (const request of requests) {
      const plan = planMemory(request, 3);
      const buffers = buffersOf(request, plan);
      const end = Math.max(...buffers.map(({ offset, bytes }) => offset + bytes));
      const { alignment } = request.layout;
      expect(plan.bytes).toBe(Math.ceil(end / alignment) * alignment + READABLE_BEYOND);
      expect(buffers.every(({ offset }) => offset % alignment === 0)).toBe(true);
      expect(planMemory(request, 3)).toEqual(plan);
    }
  });

  it('takes no more than all buffers side by side', () => {
    for (const request of requests) {
      const { alignment } = request.layout;
      const plan = planMemory(request, 3);
      const sideBySide = buffersOf(request, plan)
        .map(({ bytes }) => Math.ceil(bytes / alignment) * alignment)
        .reduce((a, b) => a + b);
      expect(plan.bytes).toBeLessThanOrEqual(sideBySide + READABLE_BEYOND);
    }
  });
});

describe('the examples of a pass', () => {
  const request: MemoryRequest = {
    network: networkOf(SMALL_MODELS['mcmahan-cnn']),
    optimiser: ADAM,
    clipping: null,
    layout: LAYOUT,
  };

  it('are as many as fit the budget, and no more', () => {
    for (let wished = 1; wished <= 40; wished += 3) {
      const budgetBytes = planMemory(request, wished).bytes;
      expect(examplesPerPassWithin(request, { most: 40, budgetBytes })).toBe(wished);
      expect(examplesPerPassWithin(request, { most: 40, budgetBytes: budgetBytes + 1 })).toBe(wished);
      if (wished > 1)
        expect(examplesPerPassWithin(request, { most: 40, budgetBytes: budgetBytes - 1 })).toBe(wished - 1);
    }
  });

  it('are never more than asked for', () => {
    expect(examplesPerPassWithin(request, { most: 7, budgetBytes: 1e12 })).toBe(7);
  });

  it('cannot be none: a model beyond the budget is refused with its size', () => {
    const { bytes } = planMemory(request, 1);
    expect(() => examplesPerPassWithin(request, { most: 7, budgetBytes: bytes - 1 })).toThrow(
      expect.objectContaining({
        code: 'model-unsupported',
        message: expect.stringContaining(`${Math.ceil(bytes / 1e6)} MB`),
      }),
    );
  });
});

function dense(input: number, output: number): Network['operations'][number] {
  const kernel = { store: 'trained', offset: 0 } as const;
  return { kind: 'dense', input, output, kernel, bias: null, activation: 'linear' };
}

interface Buffer {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

function sizes({ network, layout }: MemoryRequest, plan: MemoryPlan) {
  const { examplesPerPass } = plan;
  const valueBytes = (id: number): number =>
    network.values[id]!.rows * network.values[id]!.width * examplesPerPass * layout.bytesPerNumber;
  return {
    value: (id: number): Buffer => ({ name: `value ${id}`, offset: plan.values[id]!, bytes: valueBytes(id) }),
    gradient: (id: number): Buffer => {
      expect(plan.gradients[id], `gradient ${id}`).not.toBeNull();
      return { name: `gradient ${id}`, offset: plan.gradients[id]!, bytes: valueBytes(id) };
    },
    saved: (index: number): Buffer => {
      const operation = network.operations[index]!;
      const bytes = layout.needs(operation, network, examplesPerPass).saved;
      return { name: `saved ${index}`, offset: plan.saved[index]!, bytes };
    },
  };
}

function standing({ network, layout }: MemoryRequest, plan: MemoryPlan): Buffer[] {
  const vector = (name: string, offset: number, bytes = 4): Buffer => ({
    name,
    offset,
    bytes: bytes * network.trainedSize,
  });
  const { examplesPerPass } = plan;
  const scratches = network.operations.map(
    (operation) => layout.needs(operation, network, examplesPerPass).scratch,
  );
  return [
    vector('parameters', plan.parameters),
    vector('gradient', plan.gradient, layout.bytesPerParameterGradient),
    ...(plan.microbatchGradient === null
      ? []
      : [vector('microbatch', plan.microbatchGradient, layout.bytesPerParameterGradient)]),
    ...plan.moments.map((offset, index) => vector(`moment ${index}`, offset)),
    { name: 'frozen', offset: plan.frozen, bytes: 4 * network.frozenSize },
    {
      name: 'labels',
      offset: plan.labels,
      bytes: 4 * examplesPerPass * network.values[network.logits]!.rows,
    },
    { name: 'scratch', offset: plan.scratch, bytes: Math.max(...scratches) },
  ];
}

function buffersOf(request: MemoryRequest, plan: MemoryPlan): Buffer[] {
  const { value, gradient, saved } = sizes(request, plan);
  return [
    ...standing(request, plan),
    ...request.network.values.map((_, id) => value(id)),
    ...request.network.values.flatMap((_, id) => (plan.gradients[id] === null ? [] : [gradient(id)])),
    ...request.network.operations.map((_, index) => saved(index)),
  ];
}

/** Walks through a step; each write labels its bytes, each read finds its own label on all of them. */
function runOnLabels(request: MemoryRequest, plan: MemoryPlan): void {
  const { network } = request;
  const memory = new Int32Array(plan.bytes);
  const numbers = new Map<string, number>();
  const alias = new Map<string, string>();
  const numberOf = (name: string): number => {
    const known = alias.get(name) ?? name;
    if (!numbers.has(known)) numbers.set(known, numbers.size + 1);
    return numbers.get(known)!;
  };
  const write = ({ name, offset, bytes }: Buffer) => memory.fill(numberOf(name), offset, offset + bytes);
  const read = ({ name, offset, bytes }: Buffer): void => {
    const expected = numberOf(name);
    expect(
      memory.subarray(offset, offset + bytes).every((label) => label === expected),
      name,
    ).toBe(true);
  };
  const { value, gradient, saved } = sizes(request, plan);
  const flow = gradientFlow(network);

  for (const buffer of standing(request, plan)) write(buffer);
  write(value(network.input));
  network.operations.forEach((operation, index) => {
    for (const input of inputsOf(operation)) read(value(input));
    if (operation.kind === 'reshape') {
      expect(plan.values[operation.output]).toBe(plan.values[operation.input]);
      const first = `value ${operation.input}`;
      alias.set(`value ${operation.output}`, alias.get(first) ?? first);
      return;
    }
    write(value(operation.output));
    write(saved(index));
  });
  read(value(network.logits));
  write(gradient(network.logits));
  for (let index = network.operations.length - 1; index >= 0; index -= 1) {
    const operation = network.operations[index]!;
    const { isNeeded, input, other } = flow[index]!;
    if (!isNeeded) continue;
    for (const id of [operation.output, ...inputsOf(operation)]) read(value(id));
    read(gradient(operation.output));
    if (operation.kind === 'reshape' && input === 'write') {
      expect(plan.gradients[operation.input]).toBe(plan.gradients[operation.output]);
      write(gradient(operation.input));
      continue;
    }
    if (operation.kind !== 'reshape') read(saved(index));
    if (input === 'add') read(gradient(operation.input));
    if (input === 'write') write(gradient(operation.input));
    if (operation.kind === 'sum' && other === 'add') read(gradient(operation.other));
    if (operation.kind === 'sum' && other === 'write') write(gradient(operation.other));
    // The writes did not spoil what the operation still reads.
    for (const id of [operation.output, ...inputsOf(operation)]) read(value(id));
    read(gradient(operation.output));
  }
  for (const buffer of standing(request, plan)) read(buffer);
}
