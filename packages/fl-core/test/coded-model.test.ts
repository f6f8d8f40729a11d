import {
  type BlobHash,
  decodeCodedModel,
  decodeServerState,
  encodeCodedModel,
  encodeServerState,
  firstModel,
  initialParameters,
  initialServerState,
  type NamedModel,
  nextModel,
  type ParameterSet,
  parseManifest,
  type ServerState,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { SMALL_MANIFEST } from './manifests.ts';

const hash = (digit: string): BlobHash => digit.repeat(64) as BlobHash;
const manifest = parseManifest({
  ...SMALL_MANIFEST,
  downlink: { codec: 'grid', bits: 4 },
  aggregation: { serverOptimiser: { kind: 'sgd', learningRate: 1, momentum: 0.5 } },
});
const read = (...of: Parameters<typeof decodeCodedModel>): ParameterSet => {
  const pieces = decodeCodedModel(...of);
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
};

describe('models on a grid', () => {
  const first = firstModel(manifest);
  const steps = (
    rounds: number,
    from = { model: first, state: initialServerState(manifest, first.shapes) },
  ) => {
    let current: { model: ParameterSet; state: ServerState } = from;
    for (let round = 0; round < rounds; round += 1) {
      const mean = Float64Array.from(first.values, (_, i) => 1e-4 * ((i % 7) - 3));
      current = nextModel(manifest, { ...current, mean });
    }
    return current;
  };

  it('[V-1] begins with a first model on its grid, near the one drawn', () => {
    const drawn = initialParameters(manifest.model, manifest.seed);
    expect(first.values).not.toEqual(drawn.values);
    const inKernel = first.values.subarray(0, 8);
    const exponent = Math.min(...[...inKernel].filter((value) => value !== 0).map(lowestBit));
    inKernel.forEach((value, i) => {
      expect(Math.abs(value - drawn.values[i]!)).toBeLessThanOrEqual(2 ** exponent / 2);
    });
  });

  it('[V-2] loses none of many changes that are each too small for the grid', () => {
    const { model, state } = steps(50);
    // Momentum 1/2 doubles each change but for the last ones.
    first.values.forEach((value, i) => {
      const exact = value + 1e-4 * ((i % 7) - 3) * (2 * 50 - 2 * (1 - 2 ** -50));
      expect(state.master?.values[i]).toBeCloseTo(exact, 5);
    });
    expect(model.values).not.toEqual(first.values);
    expect(model.values).not.toEqual(state.master?.values);
  });

  it('[V-2] goes on with the same bits from what was stored', () => {
    const half = steps(5);
    const stored = encodeServerState(half.state);
    const state = decodeServerState(stored, manifest, first.shapes);
    expect(steps(5, { model: half.model, state })).toEqual(steps(10));
    expect(() => decodeServerState(stored.subarray(0, 20), manifest, first.shapes)).toThrow(
      expect.objectContaining({ code: 'blob-corrupt' }),
    );
  });

  it('are what the optimiser made where models go out as they are', () => {
    const whole = parseManifest(SMALL_MANIFEST);
    const drawn = firstModel(whole);
    expect(drawn).toEqual(initialParameters(whole.model, whole.seed));
    const mean = new Float64Array(drawn.values.length).fill(1e-9);
    const next = nextModel(whole, { model: drawn, mean, state: initialServerState(whole, drawn.shapes) });
    expect(next.state.master).toBeNull();
  });
});

describe('[V-3] a coded model', () => {
  const shapes = [[2, 3], [3]];
  const named = (digit: string, values: readonly number[]): NamedModel => ({
    hash: hash(digit),
    parameters: { shapes, values: Float32Array.from(values) },
  });
  const model = named('a', [1, -0, 2e-45, 0.1, 5, 6, 7, 8, 9]);
  const base = named('b', [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const asked = { modelHash: model.hash, shapes, base };

  it('is what it was, by itself and against a base', () => {
    const alone = encodeCodedModel(model, null);
    expect(read(alone, { ...asked, base: null })).toEqual(model.parameters);
    expect(alone.length).toBeLessThanOrEqual(44 + 4 * 9 + 2);
    const changes = encodeCodedModel(model, base);
    expect(read(changes, asked)).toEqual(model.parameters);
    // The second tensor did not change.
    expect(changes.at(-1)).toBe(0);
  });

  it.each([
    ['frame-length', (coded: Uint8Array) => coded.subarray(0, 60)],
    ['frame-magic', (coded: Uint8Array) => coded.with(0, 0)],
    ['frame-version', (coded: Uint8Array) => coded.with(4, 9)],
    ['frame-dtype', (coded: Uint8Array) => coded.with(6, 0)],
    ['frame-shape', (coded: Uint8Array) => coded.with(8, 8)],
    ['frame-checksum', (coded: Uint8Array) => coded.with(12, 0)],
    ['frame-checksum', (coded: Uint8Array) => coded.with(44, 0)],
    ['codec-malformed', (coded: Uint8Array) => coded.subarray(0, -1)],
    ['codec-malformed', (coded: Uint8Array) => Uint8Array.of(...coded, 0)],
  ])('is refused with %s when it is another', (code, change) => {
    expect(() => read(change(encodeCodedModel(model, base)), asked)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

/** The exponent of the lowest bit that is set. */
function lowestBit(value: number): number {
  let exponent = -60;
  while (Number.isInteger(value / 2 ** (exponent + 1))) exponent += 1;
  return exponent;
}
