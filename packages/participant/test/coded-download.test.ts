import {
  type BlobHash,
  blobHashOf,
  encodeCodedModel,
  encodeFrame,
  type ParameterSet,
  parseManifest,
  plainSha256,
  type RunId,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { createMemoryStorage } from '../src/index.ts';
import type { StoredModel } from '../src/ports/participant-storage.ts';
import { openLinkSpeed } from '../src/round/link-speed.ts';
import { downloadCodedModel } from '../src/transport/coded-download.ts';
import { aCoordinator, aParticipant, reached, until, watch } from './participant-scene.ts';
import { RUN_ID, TASK } from './small-coordinator.ts';

const shapes = [[3, 2], [2]];
const modelOf = (values: readonly number[]) => {
  const parameters: ParameterSet = { shapes, values: Float32Array.from(values) };
  const frame = encodeFrame(parameters, plainSha256);
  return { parameters, frame, hash: blobHashOf(frame) };
};
const before = modelOf([1, 2, 3, 4, 5, 6, 7, 8]);
const model = modelOf([1, 2, 3, 4, 5.5, 6, 7, 8.25]);
const held: StoredModel = {
  runId: 'run' as RunId,
  roundNumber: 1,
  modelHash: before.hash,
  frame: before.frame,
};

async function download(answers: Readonly<Record<string, Uint8Array | number>>, holds: StoredModel | null) {
  const asked: string[] = [];
  const recorded: string[] = [];
  let forgotten = 0;
  const outcome = downloadCodedModel({
    ...{ modelHash: model.hash, shapes, held: holds },
    record: async (subject) => void recorded.push(subject),
    forgetHeld: async () => {
      forgotten += 1;
    },
    link: openLinkSpeed({ now: () => 0 } as never),
    bulk: {
      coordinatorUrl: 'http://coordinator',
      signal: new AbortController().signal,
      fetch: async (url) => {
        const path = new URL(String(url)).pathname.replace(model.hash, 'HASH').replace(before.hash, 'BASE');
        asked.push(path);
        const answer = answers[path] ?? 404;
        return typeof answer === 'number'
          ? new Response('{}', { status: answer })
          : new Response(answer as Uint8Array<ArrayBuffer>);
      },
    },
  });
  const frame = await outcome.catch((error: unknown) => error);
  return { frame, asked, recorded, forgotten };
}

const CHANGES = '/v1/models/HASH/coded/BASE';
const ALONE = '/v1/models/HASH/coded';

describe('[V-5] a model that comes coded', () => {
  it('is asked for as changes of the one that is held, and is the announced frame', async () => {
    const { frame, asked, recorded } = await download({ [CHANGES]: encodeCodedModel(model, before) }, held);
    expect(frame).toEqual(model.frame);
    expect([asked, recorded]).toEqual([[CHANGES], ['model-changes-request']]);
  });

  it('is asked for by itself where nothing is held, or its changes are not there', async () => {
    const answers = { [ALONE]: encodeCodedModel(model, null) };
    expect(await download(answers, null)).toEqual({
      ...{ frame: model.frame, asked: [ALONE], recorded: ['coded-model-request'], forgotten: 0 },
    });
    expect(await download(answers, held)).toEqual({
      frame: model.frame,
      asked: [CHANGES, ALONE],
      recorded: ['model-changes-request', 'coded-model-request'],
      forgotten: 0,
    });
  });

  it('is null where it does not come coded at all', async () => {
    expect(await download({}, held)).toMatchObject({ frame: null, asked: [CHANGES, ALONE] });
  });

  const other = { ...modelOf([1, 2, 3, 4, 5, 6, 7, 9]), hash: model.hash };
  it.each([
    ['of other values under the same name', encodeCodedModel(other, before)],
    ['cut off', encodeCodedModel(model, before).subarray(0, -1)],
    ['by itself instead', encodeCodedModel(model, null)],
    ['empty', new Uint8Array()],
  ])('is refused as blob-corrupt when it is %s', async (_, answer) => {
    expect((await download({ [CHANGES]: answer }, held)).frame).toMatchObject({ code: 'blob-corrupt' });
  });

  it('is not asked for in another form when the coordinator fails', async () => {
    const { frame, asked } = await download({ [CHANGES]: 500 }, held);
    expect(frame).toMatchObject({ code: 'internal' });
    expect(asked).toEqual([CHANGES]);
  });

  it('is asked for by itself when the one that is held is spoilt, which is forgotten', async () => {
    const spoilt = {
      ...held,
      frame: held.frame.map((byte, i) => (i === held.frame.length - 40 ? byte ^ 1 : byte)),
    };
    const answers = { [CHANGES]: encodeCodedModel(model, before), [ALONE]: encodeCodedModel(model, null) };
    expect(await download(answers, spoilt)).toEqual({
      ...{ frame: model.frame, asked: [ALONE], recorded: ['coded-model-request'], forgotten: 1 },
    });
  });
});

describe('a participant of a run with coded models', () => {
  const manifest = parseManifest({ ...TASK, downlink: { codec: 'lossless' } });

  it('[V-6] keeps the model of a round for the next, and forgets it when it leaves', async () => {
    const coordinator = await aCoordinator({
      task: { downlink: { codec: 'lossless' } },
      rounds: 2,
      waits: true,
    });
    const storage = createMemoryStorage();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, manifest, storage });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'reported');
    coordinator.commit();
    // The second round begins from the same model here: it is there already.
    await reached(participant, 'training');
    await reached(participant, 'reported');
    expect((await storage.heldModel(RUN_ID))?.modelHash).toBe(coordinator.modelHash as BlobHash);
    // This coordinator codes nothing: the whole model came, once.
    const requests = seen.entries
      .map(({ subject }) => subject)
      .filter((subject) => subject.includes('model'));
    expect(requests).toEqual(['coded-model-request', 'model-request']);
    await participant.leave();
    expect(await storage.heldModel(RUN_ID)).toBeNull();
  });

  const LOSSLESS = { task: { downlink: { codec: 'lossless' } } } as const;
  /** The network, with another answer where models come coded. */
  const withCoded =
    (answer: () => Promise<Response>): typeof globalThis.fetch =>
    (url, init) =>
      String(url).includes('/coded') ? answer() : fetch(url, init);

  it('[V-5] takes the whole model at once when what makes coded ones fails', async () => {
    const coordinator = await aCoordinator(LOSSLESS);
    const fetch = withCoded(async () => new Response('{}', { status: 503 }));
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, manifest, fetch });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'reported');
    expect(coordinator.downloads.count).toBe(1);
    expect(seen.faults).toMatchObject([{ code: 'internal' }]);
  });

  it('[V-5] does not ask a coordinator for the whole model that cannot be reached', async () => {
    const coordinator = await aCoordinator(LOSSLESS);
    const fetch = withCoded(() => Promise.reject(new TypeError('network')));
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, manifest, fetch });
    const seen = watch(participant);
    await participant.start();
    await until(() => {
      const { activity } = participant.view.participation;
      return activity.phase === 'downloading' && activity.attempts === 2;
    });
    expect(coordinator.downloads.count).toBe(0);
    expect(seen.faults).toMatchObject([{ code: 'internal' }]);
  });
});
