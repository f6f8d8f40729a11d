/** The figure of McMahan et al. 2017, table 1: 2NN, IID, C = 0.1, B = 10, E = 1 reaches 97 % in 87 rounds. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseScenario, simulate } from '@tributary/simulation';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';
import { expect, it } from 'vitest';
import { loadScenarioData } from '../src/data-files/scenario-dataset.ts';
import { nativeSha256 } from '../src/native-sha256.ts';
import { openNodeCrypto } from '../src/secure-sum/node-crypto.ts';

const folder = fileURLToPath(new URL('../../../../shared/data/mnist', import.meta.url));
const file = (name: string) => new URL(`../../../scenarios/${name}.json`, import.meta.url);

it.skipIf(!existsSync(folder))(
  'the 2NN of McMahan et al. reaches 97 % on MNIST in at most 87 rounds',
  { timeout: 240_000 },
  async () => {
    const scenario = parseScenario(JSON.parse(await readFile(file('mnist-2nn-iid'), 'utf8')));
    const warnings: string[] = [];
    const dataset = await loadScenarioData(scenario, { folder, warn: (text) => warnings.push(text) });
    expect(warnings).toEqual([]);
    expect([dataset.train.count, dataset.validation.count]).toEqual([60_000, 10_000]);
    const result = await simulate(scenario, {
      trainer: createEngineTrainer(threadEngines()),
      dataset,
      sha256: nativeSha256,
    });
    expect(result.finalAccuracy).toBeGreaterThanOrEqual(0.97);
    expect(result.roundsToTarget).toBeLessThanOrEqual(87);
    // 199,210 parameters of four bytes in a frame of 108 bytes around them, ten up and ten down in each round.
    expect(result.bytesUp).toBe(result.rounds * 10 * (4 * 199_210 + 108));
  },
);

it.skipIf(!existsSync(folder))(
  '[A-8] with secure aggregation it makes the same model in every round as with the same updates in the clear',
  { timeout: 900_000 },
  async () => {
    const hashesOf = async (name: string) => {
      const scenario = parseScenario(JSON.parse(await readFile(file(name), 'utf8')));
      const dataset = await loadScenarioData(scenario, { folder, warn: () => {} });
      const hashes: (string | null)[] = [];
      const result = await simulate(scenario, {
        trainer: createEngineTrainer(threadEngines()),
        dataset,
        sha256: nativeSha256,
        crypto: openNodeCrypto(),
        onRound: ({ modelHash }) => hashes.push(modelHash),
      });
      expect(result.finalAccuracy).toBeGreaterThanOrEqual(0.97);
      return hashes;
    };
    const masked = await hashesOf('mnist-2nn-secure');
    expect(masked).not.toContain(null);
    expect(masked).toEqual(await hashesOf('mnist-2nn-quantised'));
  },
);
