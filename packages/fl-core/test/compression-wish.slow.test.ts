/** A plan by wish holds what it promises: to the formulas, to what was published, and to the path that updates really take. */
import { tunedStep } from '@tributary/compression';
import { chooseGraph, type SharingGraph } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import {
  A_LITTLE_LOSS,
  type CompressionPlan,
  type CompressionPlanInput,
  type CompressionWish,
  compressionForecast,
  compressionPlanSchema,
  encodeFrame,
  finished,
  manifestFaults,
  NO_MEASURABLE_LOSS,
  parameterCount,
  parameterShapes,
  plainSha256,
  planByWish,
  type TensorShape,
  type WishAnswer,
} from '../src/index.ts';
import { SMALL_MANIFEST } from './manifests.ts';

const SHAPES = parameterShapes({ kind: 'mlp', inputSize: 784, hidden: [50], classes: 10 });
const GRAPH: SharingGraph = chooseGraph({
  corruptFraction: 0.1,
  dropoutFraction: 0.1,
  adversary: 'semi-malicious',
  graph: 'auto',
  n: 13,
});

const plan = (input: CompressionPlanInput): CompressionPlan => compressionPlanSchema.parse(input);
const forecastOf = (input: CompressionPlanInput, cohort = 13, shapes: readonly TensorShape[] = SHAPES) =>
  finished(compressionForecast({ compression: plan(input), shapes, cohort, graph: null }));
const wished = (wish: CompressionWish, graph: SharingGraph | null, cohort = 13): WishAnswer =>
  finished(planByWish({ wish, shapes: SHAPES, cohort, graph }));

function possible(answer: WishAnswer): Extract<WishAnswer, { kind: 'possible' }> {
  if (answer.kind === 'impossible') throw new Error(`impossible: ${JSON.stringify(answer.possible)}`);
  return answer;
}

describe('a forecast', () => {
  it.each([
    [8, 100, 'dithered'],
    [8, 100, 'stochastic'],
    [6, 10, 'dithered'],
  ] as const)(
    'of a tuned ring of %i bits for %i members, %s, measures what the formula says',
    (ringBits, cohort, rounding) => {
      const wrapProbability = 1e-7;
      const { meanError, ring } = forecastOf(
        { codec: 'tuned', ringBits, rounding, wrapProbability, rotation: 'blocks' },
        cohort,
      );
      const tuned = tunedStep({ ringBits, cohort, rounding, wrapProbability, sumRms: 1 });
      if (tuned.kind === 'impossible') throw new Error(tuned.message);
      // One coordinate that wraps is a quarter of the error.
      for (const error of Object.values(meanError)) {
        expect(error / tuned.expectedNmse).toBeGreaterThan(0.85);
        expect(error / tuned.expectedNmse).toBeLessThan(1.4);
      }
      expect(ring).toMatchObject({ bits: ringBits, wrapBound: wrapProbability });
      expect(ring!.wrapProbability).toBeLessThanOrEqual(wrapProbability * 1.000001);
    },
  );

  it.each([
    [1, 0.5705],
    [2, 0.1334],
    [3, 0.0358],
    [4, 0.0096],
  ])(
    'of EDEN at %i bits measures the published error of members that have nothing in common',
    (bits, published) => {
      const { meanError } = forecastOf({ codec: 'eden', bits });
      expect(meanError.independent / published).toBeGreaterThan(0.8);
      expect(meanError.independent / published).toBeLessThan(1.2);
      // Errors of members are their own, and their common half adds up.
      expect(meanError['half-aligned']).toBeLessThan(meanError.independent / 3);
    },
  );

  it('counts the bytes of real frames', () => {
    const values = new Float32Array(parameterCount(SHAPES));
    expect(forecastOf({ codec: 'float32' }).bytesUp).toBe(
      encodeFrame({ shapes: SHAPES, values }, plainSha256).length,
    );
    expect(forecastOf({ codec: 'float32' }).meanError).toEqual({ independent: 0, 'half-aligned': 0 });
    const tuned = forecastOf({ codec: 'tuned', ringBits: 8 });
    expect(tuned.bytesUp).toBe(16 + parameterCount(SHAPES) + 20);
  });

  it('of a plan with too few bits for its cohort says what would do', () => {
    expect(() => forecastOf({ codec: 'tuned', ringBits: 3 }, 100)).toThrow(/possible: \d+ bits for 100/);
  });
});

describe('a plan by wish', () => {
  it.each([
    ['masked', GRAPH],
    ['clear', null],
  ] as const)('that is %s keeps to the bytes, and loses no more with more of them', (_, graph) => {
    let before = Number.POSITIVE_INFINITY;
    for (const bytesPerParameter of [...(graph ? [] : [0.15]), 0.3, 0.6, 1.2, 2.4]) {
      const { forecast } = possible(wished({ kind: 'bytes', bytesPerParameter }, graph));
      expect(forecast.bytesPerParameter).toBeLessThanOrEqual(bytesPerParameter);
      const worst = Math.max(...Object.values(forecast.meanError));
      expect(worst).toBeLessThanOrEqual(before * 1.02);
      before = worst;
    }
  });

  it.each([
    ['masked', GRAPH, NO_MEASURABLE_LOSS],
    ['masked', GRAPH, A_LITTLE_LOSS],
    ['clear', null, NO_MEASURABLE_LOSS],
    ['clear', null, A_LITTLE_LOSS],
    ['clear', null, 1e-4],
    ['clear', null, 1e-9],
  ] as const)(
    'that is %s (%#) keeps to the error of the mean, in fewer bytes than a float',
    (_, graph, meanError) => {
      const { forecast } = possible(wished({ kind: 'accuracy', meanError }, graph));
      expect(Math.max(...Object.values(forecast.meanError))).toBeLessThanOrEqual(meanError);
      expect(forecast.bytesPerParameter).toBeLessThan(4.01);
      if (meanError > 0.01) expect(forecast.bytesPerParameter).toBeLessThan(1.1);
    },
  );

  it('is a plan that a manifest may have', () => {
    const secure = {
      ...SMALL_MANIFEST,
      rounds: { committedRounds: 3, reportGoal: 10, minimumSurvivors: 8 },
      secureAggregation: { mode: 'sa-1' as const },
    };
    const masked = possible(wished({ kind: 'bytes', bytesPerParameter: 0.5 }, GRAPH));
    expect(manifestFaults({ ...secure, compression: masked.compression })).toEqual([]);
    expect(masked.compression.codec).toBe('tuned');
    const clear = possible(wished({ kind: 'bytes', bytesPerParameter: 0.1 }, null));
    expect(manifestFaults({ ...SMALL_MANIFEST, compression: clear.compression })).toEqual([]);
    expect(clear.compression.codec).toBe('eden');
  });

  it('of too little says what would do, and that does', () => {
    for (const graph of [GRAPH, null]) {
      const answer = wished({ kind: 'bytes', bytesPerParameter: 0.0001 }, graph);
      if (answer.kind === 'possible') throw new Error('a wish that nobody can fulfil');
      possible(wished(answer.possible, graph));
    }
    const answer = wished({ kind: 'accuracy', meanError: 1e-30 }, GRAPH);
    if (answer.kind === 'possible') throw new Error('a wish that nobody can fulfil');
    possible(wished(answer.possible, GRAPH));
  });

  it('is none whose noise is of twice the energy of the update: few bytes are then not worth sending', () => {
    const answer = wished({ kind: 'bytes', bytesPerParameter: 0.15 }, GRAPH);
    expect(answer.kind).toBe('impossible');
    const { forecast } = possible(wished({ kind: 'bytes', bytesPerParameter: 0.3 }, GRAPH));
    expect(forecast.meanError.independent).toBeLessThan(2.4);
  });

  it('is the same each time', () => {
    const wish = { kind: 'accuracy', meanError: 0.1 } as const;
    expect(wished(wish, GRAPH)).toEqual(wished(wish, GRAPH));
  });
});
