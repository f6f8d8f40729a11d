/** The WebAssembly engine against the reference engine, which is compared with calculus. */
import type { ClientOptimiser } from '@tributary/fl-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { Engine, EngineSpec } from '../src/network/engine.ts';
import { planMemory } from '../src/network/memory-plan.ts';
import { createReferenceEngine } from '../src/reference/reference-engine.ts';
import { giveBackArena, lendArena } from '../src/wasm/arena.ts';
import { createWasmEngine, wasmLayout } from '../src/wasm/wasm-engine.ts';
import {
  BATCH,
  EXAMPLES,
  gradientOf,
  MODEL_PROBLEMS,
  OPERATION_PROBLEMS,
  type Problem,
  slopesAt,
  someOf,
} from './engine-problems.ts';
import { ADAM, MOMENTUM, relativeDistance, SGD } from './small-problems.ts';

const PROBLEMS = Object.entries({ ...OPERATION_PROBLEMS, ...MODEL_PROBLEMS });

/** A quiet NaN that no arithmetic makes. */
const UNTOUCHED = 0x7fdeadbe;

const onWasm = (spec: EngineSpec): Engine => createWasmEngine(spec, 'strict')!;

describe.each(PROBLEMS)('the WebAssembly engine: %s', (_name, problem) => {
  it('finds the gradient of the reference, in one pass and in several', () => {
    const expected = gradientOf(createReferenceEngine, problem);
    const whole = gradientOf(onWasm, problem, { examplesPerPass: EXAMPLES });
    expect(relativeDistance(whole, expected)).toBeLessThan(1e-5);
    const parts = gradientOf(onWasm, problem, { examplesPerPass: 2 });
    expect(relativeDistance(parts, expected)).toBeLessThan(1e-5);
  });

  it('follows the gradient that central differences find', () => {
    const indices = someOf(problem.parameters.length, 12);
    const gradient = gradientOf(onWasm, problem, { examplesPerPass: EXAMPLES });
    const found = indices.map((index) => gradient[index]!);
    expect(relativeDistance(found, slopesAt(problem, indices))).toBeLessThan(1e-3);
  });

  it('clips each microbatch as the reference does', () => {
    const norms = [0, 1, 2].map((example) =>
      normOf(gradientOf(onWasm, problem, { batch: Int32Array.of(example) })),
    );
    const clippingNorm = (Math.min(...norms) + Math.max(...norms)) / 2;
    for (const microbatchSize of [1, 2]) {
      for (const examplesPerPass of [1, EXAMPLES]) {
        const changes = { clipping: { clippingNorm, microbatchSize }, examplesPerPass };
        const expected = gradientOf(createReferenceEngine, problem, changes);
        expect(relativeDistance(gradientOf(onWasm, problem, changes), expected)).toBeLessThan(1e-5);
      }
    }
  });

  it('lets no microbatch contribute more than the clipping norm, and a huge norm change nothing', () => {
    const one = Int32Array.of(1);
    const free = gradientOf(onWasm, problem, { batch: one });
    const bound = normOf(free) / 3;
    const clipped = gradientOf(onWasm, problem, {
      batch: one,
      clipping: { clippingNorm: bound, microbatchSize: 1 },
    });
    expect(normOf(clipped)).toBeGreaterThan(bound * (1 - 1e-5));
    expect(normOf(clipped)).toBeLessThan(bound * (1 + 1e-5));
    expect(
      gradientOf(onWasm, problem, { batch: one, clipping: { clippingNorm: 1e9, microbatchSize: 1 } }),
    ).toEqual(free);
  });

  it('predicts and loses as the reference does', () => {
    const [reference, wasm] = [createReferenceEngine, onWasm].map((create) =>
      loaded(create, problem, { optimiser: SGD, examplesPerPass: 2 }),
    ) as [Engine, Engine];
    const expected = reference.predict(problem.examples, 0, EXAMPLES) as Float32Array;
    expect(
      relativeDistance(wasm.predict(problem.examples, 0, EXAMPLES) as Float32Array, expected),
    ).toBeLessThan(1e-5);
    for (const engine of [reference, wasm]) engine.step(problem.examples, BATCH, 1);
    const loss = wasm.takeLoss() as number;
    expect(Math.abs(loss / (reference.takeLoss() as number) - 1)).toBeLessThan(1e-5);
    expect(wasm.takeLoss()).toBe(0);
    wasm.dispose();
  });
});

describe.each<ClientOptimiser>([SGD, MOMENTUM, ADAM])('the WebAssembly engine with $kind', (optimiser) => {
  it.each(['mlp', 'char-gru'])('goes the way of the reference over ten steps: %s', (name) => {
    const problem = MODEL_PROBLEMS[name]!;
    const [reference, wasm] = [createReferenceEngine, onWasm].map((create) => {
      const engine = loaded(create, problem, { optimiser, examplesPerPass: 2 });
      for (let step = 1; step <= 10; step += 1) engine.step(problem.examples, BATCH, step);
      return engine;
    }) as [Engine, Engine];
    const moved = (engine: Engine): number[] =>
      Array.from(engine.parameters() as Float32Array, (value, i) => value - problem.parameters[i]!);
    expect(relativeDistance(moved(wasm), moved(reference))).toBeLessThan(1e-4);
    const states = wasm.optimiserState() as Float32Array[];
    (reference.optimiserState() as Float32Array[]).forEach((moment, index) => {
      expect(relativeDistance(states[index]!, moment)).toBeLessThan(1e-4);
    });
  });
});

describe('an engine in a memory that another one left', () => {
  const problem = MODEL_PROBLEMS['char-transformer']!;

  // While an engine lives, the next one gets the memory of the last.
  const bystander = onWasm({ ...specOf(problem), optimiser: SGD, examplesPerPass: 1 });
  afterAll(() => bystander.dispose());

  it('computes what it computes in a new one', () => {
    const fresh = gradientOf(onWasm, problem, { examplesPerPass: EXAMPLES });
    const wild = { ...problem, parameters: problem.parameters.map(() => Number.NaN) };
    expect(gradientOf(onWasm, wild, { examplesPerPass: EXAMPLES }).some(Number.isNaN)).toBe(true);
    expect(gradientOf(onWasm, problem, { examplesPerPass: EXAMPLES })).toEqual(fresh);
  });

  it('continues from loaded moments with the same bits', () => {
    const options = { optimiser: ADAM, examplesPerPass: EXAMPLES };
    const whole = loaded(onWasm, problem, options);
    whole.step(problem.examples, BATCH, 1);
    const [parameters, state] = [whole.parameters(), whole.optimiserState()] as [
      Float32Array,
      Float32Array[],
    ];
    whole.step(problem.examples, BATCH, 2);
    const later = onWasm({ ...specOf(problem), ...options });
    later.load(parameters, state, problem.frozen);
    later.step(problem.examples, BATCH, 2);
    expect(later.parameters()).toEqual(whole.parameters());
    for (const engine of [whole, later]) engine.dispose();
  });
});

describe.each(Object.keys(MODEL_PROBLEMS))('the memory of %s', (name) => {
  const problem = MODEL_PROBLEMS[name]!;
  const COUNT = 32;

  it('is what the plan says: a step touches nothing beyond, and nearly all', () => {
    const indices = Int32Array.from({ length: COUNT }, (_, index) => index % EXAMPLES);
    const spec = { ...specOf(problem), batchSize: COUNT, examplesPerPass: COUNT, optimiser: ADAM };
    const [arena, bystander] = [lendArena('strict', 1 << 22)!, lendArena('strict', 1)!];
    const memory = new Uint32Array(arena.memory.buffer, arena.base);
    memory.fill(UNTOUCHED);
    giveBackArena(arena);
    const engine = onWasm(spec);
    engine.load(problem.parameters, [], problem.frozen);
    engine.step(problem.examples, indices, 1);
    const touched = 4 * (memory.findLastIndex((word) => word !== UNTOUCHED) + 1);
    const { arenaBytes, bytes } = planMemory({ ...spec, layout: wasmLayout('strict') }, COUNT);
    expect(touched).toBeLessThanOrEqual(arenaBytes);
    expect(touched).toBeGreaterThan(arenaBytes / 1.05);
    expect(engine.bytes).toBe(bytes);
    engine.dispose();
    giveBackArena(bystander);
    // At most two memories of others are kept, so the third one is taken for this alone.
    const lent = [1, 2, 3].map(() => lendArena('strict', arenaBytes)!);
    expect(lent[2]!.memory.buffer.byteLength).toBe(bytes);
    for (const each of lent) giveBackArena(each);
  });
});

type Options = Pick<EngineSpec, 'optimiser' | 'examplesPerPass'>;

function specOf({ network }: Problem) {
  return { network, batchSize: EXAMPLES, clipping: null };
}

function loaded(create: (spec: EngineSpec) => Engine, problem: Problem, options: Options): Engine {
  const engine = create({ ...specOf(problem), ...options });
  engine.load(problem.parameters, [], problem.frozen);
  return engine;
}

function normOf(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
