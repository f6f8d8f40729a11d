/** The card that goes with an exported model. */
import {
  type BlobHash,
  parseManifest,
  type RoundSummary,
  type RunId,
  type SecureSumRecord,
} from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import { modelCard } from '../src/export/model-card.ts';
import { TEMPLATES } from '../src/templates/index.ts';

test.each(TEMPLATES.map(({ id, manifest }) => [id, manifest] as const))(
  'of %s leaves no gap where a part of a sentence does not apply',
  (_, manifest) => {
    const card = modelCard({
      ...{ runId: 'run-one' as RunId, manifest, frameBytes: 100, rounds: [], contributors: 0 },
      model: {
        ...{ roundNumber: 0, modelHash: 'ab'.repeat(32) as BlobHash, committedRounds: 0 },
        ...{ optimiserHash: null, isSuperseded: false },
      },
    });
    const facts = card.split('\n').filter((line) => /^- (?!Alphabet)/.test(line));
    expect(facts.length).toBeGreaterThan(5);
    expect(facts.filter((line) => / [ ;,.]/.test(line))).toEqual([]);
  },
);

describe('what it says of secure aggregation', () => {
  const { manifest } = TEMPLATES[0]!;
  const round = (roundNumber: number, accepted: number, secureSum?: SecureSumRecord): RoundSummary => ({
    ...{ roundNumber, outcome: 'committed', reason: null, openedAt: 0, closedAt: 1, timeline: [] },
    ...{ isSuperseded: false, invited: 13, trained: 10, dropped: {}, modelHash: 'cd'.repeat(32) as BlobHash },
    ...{
      bytesUp: 1,
      bytesDown: 1,
      validationAccuracy: null,
      validationLoss: null,
      participantAccuracy: null,
    },
    accepted,
    ...(secureSum && { secureSum }),
  });
  const record: SecureSumRecord = {
    label: 'curious server',
    graph: 'complete',
    degree: 9,
    shareThreshold: 7,
    cohort: 10,
    minimumSurvivors: 8,
    stages: [],
  };
  const privacyOf = (rounds: RoundSummary[], of = manifest): string => {
    const card = modelCard({
      ...{ runId: 'run-one' as RunId, manifest: of, frameBytes: 100, rounds, contributors: 10 },
      model: {
        ...{ roundNumber: rounds.length, modelHash: 'ab'.repeat(32) as BlobHash },
        ...{ committedRounds: rounds.length, optimiserHash: null, isSuperseded: false },
      },
    });
    return card.split('## Privacy of the training')[1]!.split('## ')[0]!;
  };

  test('is what ran, with the smallest sum', () => {
    const privacy = privacyOf([round(1, 10, record), round(2, 8, record)]);
    expect(privacy).toContain('in every committed round');
    expect(privacy).toContain('The smallest sum was of 8 devices.');
    expect(privacy).toContain('Label: curious server.');
  });

  test('is not claimed for rounds that ran without', () => {
    expect(privacyOf([round(1, 10), round(2, 9, record)])).toContain('in 1 of 2 committed rounds');
    expect(privacyOf([])).toContain('no round has led to this model');
    const clear = parseManifest({
      ...manifest,
      compression: { codec: 'float32' },
      secureAggregation: { mode: 'off' },
    });
    expect(privacyOf([round(1, 10)], clear)).toContain('could have looked at it');
  });
});
