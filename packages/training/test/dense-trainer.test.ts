import { initialParameters } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { createDenseTrainer, evaluateDenseSync, trainDenseSync } from '../src/dense/index.ts';
import { clouds, localTraining, MLP, TINY_CNN } from './small-problems.ts';
import { trainerContract } from './trainer-contract.ts';

trainerContract('the dense trainer', async () => createDenseTrainer());

describe('the dense trainer', () => {
  const examples = clouds(MLP, 105);
  const request = {
    model: MLP,
    initial: initialParameters(MLP, 'sync'),
    examples,
    training: localTraining({ epochs: 2 }),
    seed: 'sync',
  };

  it('gives the same bits with and without an event loop', async () => {
    const trainer = createDenseTrainer();
    const waited = await trainer.train(request);
    const direct = trainDenseSync(request);
    expect(direct.parameters.values).toEqual(waited.parameters.values);
    expect(direct.meanLoss).toBe(waited.meanLoss);
    const asked = { model: MLP, parameters: direct.parameters, examples };
    expect(evaluateDenseSync(asked)).toEqual(await trainer.evaluate(asked));
  });

  it('keeps two trainings at the same time apart', async () => {
    const trainer = createDenseTrainer();
    const large = { ...request, training: localTraining({ epochs: 200 }) };
    const other = { ...large, seed: 'other' };
    const [first, second] = await Promise.all([trainer.train(large), trainer.train(other)]);
    expect(first.parameters.values).toEqual(trainDenseSync(large).parameters.values);
    expect(second.parameters.values).toEqual(trainDenseSync(other).parameters.values);
  });

  it('says that it cannot train a convolution', async () => {
    const cnn = {
      ...request,
      model: TINY_CNN,
      initial: initialParameters(TINY_CNN, 'x'),
    };
    await expect(createDenseTrainer().train(cnn)).rejects.toMatchObject({ code: 'model-unsupported' });
  });
});
