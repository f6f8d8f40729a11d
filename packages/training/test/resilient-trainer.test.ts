/** Engines that die while they train: the plain one, in which a step throws when its turn has come. */
import { initialParameters, type TrainingCheckpoint, TributaryError } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../src/backends/candidate.ts';
import { openResilientTrainer } from '../src/backends/resilient-trainer.ts';
import { createEngineTrainer } from '../src/local-training/engine-trainer.ts';
import type { Engine } from '../src/network/engine.ts';
import { createReferenceEngine, referenceEngines } from '../src/reference/reference-engine.ts';
import { ADAM, clouds, localTraining, MLP } from './small-problems.ts';

const LOST = new TributaryError('backend-unavailable', 'the GPU was lost: destroyed');
const request = {
  model: MLP,
  initial: initialParameters(MLP, 'resilient'),
  examples: clouds(MLP, 40),
  // Four steps an epoch.
  training: localTraining({ epochs: 4, optimiser: ADAM }),
  seed: 'resilient',
};
const undisturbed = await createEngineTrainer(referenceEngines).train(request);

/** A device on which the steps of these numbers, counted over all its openings, never come back. */
function mortalDevice(diesAt: readonly number[], opensAgain = true, error: Error = LOST) {
  let steps = 0;
  const device = { openings: 0, closings: 0, steps: () => steps };
  const mortal = (engine: Engine): Engine => ({
    ...engine,
    step(...args) {
      steps += 1;
      if (diesAt.includes(steps)) throw error;
      engine.step(...args);
    },
  });
  const candidate: Candidate = {
    name: 'webgpu',
    async open() {
      device.openings += 1;
      if (device.openings > 1 && !opensAgain) return { usable: false, reason: 'no adapter any more' };
      const kind = {
        ...referenceEngines,
        name: 'webgpu' as const,
        create: (spec: Parameters<typeof createReferenceEngine>[0]) => mortal(createReferenceEngine(spec)),
        close: () => {
          device.closings += 1;
        },
      };
      return { usable: true, createTrainer: (passedOver) => createEngineTrainer(kind, { passedOver }) };
    },
  };
  return { device, candidate };
}

const SURE: Candidate = {
  name: 'plain',
  open: async () => ({
    usable: true,
    createTrainer: (passedOver) => createEngineTrainer(referenceEngines, { passedOver }),
  }),
};

describe('a trainer whose device is lost', () => {
  it('opens it again and goes on from the last checkpoint: only the epoch of the loss is repeated', async () => {
    const { device, candidate } = mortalDevice([11]);
    const told: unknown[] = [];
    const trainer = await openResilientTrainer([candidate, SURE], {
      onBackend: (report) => told.push(report),
    });
    const result = await trainer.train(request, { checkpointEveryMs: 0 });
    expect(result.parameters.values).toEqual(undisturbed.parameters.values);
    // Ten steps, the lost one, and the last two epochs of four steps each.
    expect(device.steps()).toBe(10 + 1 + 8);
    expect(device).toMatchObject({ openings: 2, closings: 1 });
    expect(trainer.backend).toEqual({
      ...{ name: 'webgpu', adapter: 'typed arrays', passedOver: [] },
      losses: [{ name: 'webgpu', reason: LOST.message, outcome: 'reopened' }],
    });
    expect(told).toEqual([trainer.backend]);
  });

  it('keeps its own checkpoint, whatever the caller does with theirs', async () => {
    const { candidate } = mortalDevice([11]);
    const trainer = await openResilientTrainer([candidate], {});
    const reached: number[] = [];
    const onCheckpoint = ({ epochsDone, parameters, optimiserState }: TrainingCheckpoint): void => {
      reached.push(epochsDone);
      for (const vector of [parameters, ...optimiserState]) structuredClone(0, { transfer: [vector.buffer] });
    };
    const result = await trainer.train(request, { onCheckpoint });
    expect(result.parameters.values).toEqual(undisturbed.parameters.values);
    expect(reached).toEqual([1, 2, 3, 4]);
  });

  it('takes the next backend after the second loss within one training, and stays there', async () => {
    const { device, candidate } = mortalDevice([6, 12]);
    const trainer = await openResilientTrainer([candidate, SURE], {});
    const result = await trainer.train(request);
    expect(result.parameters.values).toEqual(undisturbed.parameters.values);
    expect(trainer.backend).toEqual({
      ...{ name: 'plain', adapter: 'typed arrays' },
      passedOver: [{ name: 'webgpu', reason: `lost twice within one training: ${LOST.message}` }],
      losses: [
        { name: 'webgpu', reason: LOST.message, outcome: 'reopened' },
        { name: 'webgpu', reason: LOST.message, outcome: 'passed-over' },
      ],
    });
    await trainer.train(request);
    expect(device).toMatchObject({ openings: 2, closings: 2 });
  });

  it('opens it again for one loss in each of two trainings', async () => {
    const { device, candidate } = mortalDevice([6, 6 + 12 + 10]);
    const trainer = await openResilientTrainer([candidate, SURE], {});
    for (const _ of ['once', 'again']) {
      expect((await trainer.train(request)).parameters.values).toEqual(undisturbed.parameters.values);
    }
    expect(device.openings).toBe(3);
    expect(trainer.backend.name).toBe('webgpu');
  });

  it('takes the next backend when it does not open again, with that reason', async () => {
    const { candidate } = mortalDevice([6], false);
    const trainer = await openResilientTrainer([candidate, SURE], {});
    const result = await trainer.train(request);
    expect(result.parameters.values).toEqual(undisturbed.parameters.values);
    expect(trainer.backend.passedOver).toEqual([{ name: 'webgpu', reason: 'no adapter any more' }]);
  });

  it('is unavailable when nothing is left, with the reasons', async () => {
    const { candidate } = mortalDevice([6, 12]);
    const trainer = await openResilientTrainer([candidate], {});
    const left = { code: 'backend-unavailable', message: expect.stringContaining('lost twice') };
    await expect(trainer.train(request)).rejects.toMatchObject(left);
    await expect(trainer.train(request)).rejects.toMatchObject(left);
  });

  it('opens one backend for all calls that were lost together', async () => {
    const { device, candidate } = mortalDevice([6, 7]);
    const trainer = await openResilientTrainer([candidate, SURE], {});
    const both = await Promise.all([trainer.train(request), trainer.train(request)]);
    for (const { parameters } of both) expect(parameters.values).toEqual(undisturbed.parameters.values);
    expect(device.openings).toBe(2);
  });

  it('counts a WebAssembly engine that trapped as lost, and no other failure', async () => {
    const trapped = mortalDevice([6], true, new WebAssembly.RuntimeError('unreachable'));
    const survivor = await openResilientTrainer([trapped.candidate], {});
    await survivor.train(request);
    expect(survivor.backend.losses).toHaveLength(1);

    const diverged = new TributaryError('training-diverged', 'it ran away');
    const wild = mortalDevice([6], true, diverged);
    const trainer = await openResilientTrainer([wild.candidate, SURE], {});
    await expect(trainer.train(request)).rejects.toBe(diverged);
    expect(wild.device.openings).toBe(1);
  });
});
