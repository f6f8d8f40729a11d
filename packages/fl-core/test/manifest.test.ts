import {
  errorCodeOf,
  inviteCount,
  manifestFaults,
  parameterCount,
  parameterShapes,
  parseManifest,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { SMALL_MANIFEST, smallManifest } from './manifests.ts';

describe('the task manifest', () => {
  it('[M-1] fills defaults in', () => {
    const manifest = smallManifest();
    expect(manifest.rounds.overSelection).toBe(1.3);
    expect(manifest.privacy).toEqual({ mode: 'none' });
    expect(manifest.secureAggregation).toEqual({ mode: 'off' });
    expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  it.each([
    ['manifestVersion', { ...SMALL_MANIFEST, manifestVersion: 2 }],
    ['name', { ...SMALL_MANIFEST, name: '' }],
    ['model', { ...SMALL_MANIFEST, model: { kind: 'oracle' } }],
    ['model.classes', { ...SMALL_MANIFEST, model: { ...SMALL_MANIFEST.model, classes: 1 } }],
    ['training.epochs', { ...SMALL_MANIFEST, training: { ...SMALL_MANIFEST.training, epochs: 0 } }],
    [
      'training.optimiser.learningRate',
      {
        ...SMALL_MANIFEST,
        training: { ...SMALL_MANIFEST.training, optimiser: { kind: 'sgd', learningRate: Number.NaN } },
      },
    ],
    ['rounds.reportGoal', { ...SMALL_MANIFEST, rounds: { ...SMALL_MANIFEST.rounds, reportGoal: 2.5 } }],
    ['manifest', { ...SMALL_MANIFEST, surprise: true }],
    ['manifest', 'not an object'],
    ['secureAggregation.mode', { ...SMALL_MANIFEST, secureAggregation: { mode: 'on' } }],
  ])('[M-1] a fault in %s is named by its field', (path, document) => {
    expect(
      manifestFaults(document).map((fault) =>
        fault.path.split('.').slice(0, path.split('.').length).join('.'),
      ),
    ).toContain(path);
    let code = '';
    try {
      parseManifest(document);
    } catch (error) {
      code = errorCodeOf(error);
    }
    expect(code).toBe('manifest-invalid');
  });

  it('[M-2] refuses parts that do not fit each other', () => {
    const wrongInputs = {
      ...SMALL_MANIFEST,
      model: { kind: 'softmax-regression', inputSize: 5, classes: 2 },
    };
    expect(manifestFaults(wrongInputs)[0]?.message).toBe('reads 5 inputs, but the data schema gives 4');
    const wrongClasses = {
      ...SMALL_MANIFEST,
      model: { kind: 'softmax-regression', inputSize: 4, classes: 3 },
    };
    expect(manifestFaults(wrongClasses)[0]?.message).toBe('has 3 classes, but the data schema has 2');
    const tooLarge = {
      ...SMALL_MANIFEST,
      model: { kind: 'mlp', inputSize: 4, hidden: [65_536, 65_536], classes: 2 },
    };
    expect(manifestFaults(tooLarge)[0]).toEqual({
      path: 'model',
      message: 'has 4295491586 parameters, more than the 50000000 that a tab can be asked to hold',
    });
    const impossible = { ...SMALL_MANIFEST, rounds: { ...SMALL_MANIFEST.rounds, minimumSurvivors: 4 } };
    expect(() => parseManifest(impossible)).toThrow(
      'rounds.minimumSurvivors: 4 is more than the report goal of 3',
    );
  });

  it('[M-3] refuses a plan whose sum could leave the exact range', () => {
    const aggregation = { ...SMALL_MANIFEST.aggregation, valueBound: 1e6, maximumWeight: 1_000_000 };
    const faults = manifestFaults({ ...SMALL_MANIFEST, aggregation });
    expect(faults.map((fault) => fault.path)).toEqual(['plan:aggregation.valueBound']);
  });

  it('[R-2] invites ceil(reportGoal x overSelection), free of rounding dust', () => {
    const plan = smallManifest().rounds;
    expect(inviteCount({ ...plan, reportGoal: 10, overSelection: 1.1 })).toBe(11);
    expect(inviteCount({ ...plan, reportGoal: 10, overSelection: 1.3 })).toBe(13);
    expect(inviteCount({ ...plan, reportGoal: 3, overSelection: 1.3 })).toBe(4);
    expect(inviteCount({ ...plan, reportGoal: 7, overSelection: 1 })).toBe(7);
  });
});

describe('model specifications', () => {
  it('have the parameter counts that McMahan et al. 2017 print', () => {
    const twoNn = { kind: 'mlp', inputSize: 784, hidden: [200, 200], classes: 10 } as const;
    expect(parameterCount(parameterShapes({ ...twoNn, hidden: [...twoNn.hidden] }))).toBe(199_210);
    const cnn = { kind: 'mcmahan-cnn', height: 28, width: 28, channels: 1, classes: 10 } as const;
    expect(parameterCount(parameterShapes(cnn))).toBe(1_663_370);
  });
});
