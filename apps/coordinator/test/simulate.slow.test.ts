import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blobHashOf } from '@tributary/fl-core';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { simulate } from '../src/commands/simulate.ts';

const scenario = (name: string) => fileURLToPath(new URL(`../../../scenarios/${name}.json`, import.meta.url));

describe('simulate', () => {
  let stdout: MockInstance<typeof process.stdout.write>;
  beforeEach(() => {
    stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => vi.restoreAllMocks());

  const printed = () => stdout.mock.calls.map(([text]) => String(text)).join('');
  async function resultOf(...args: string[]) {
    stdout.mockClear();
    expect(await simulate.run([...args, '--json'])).toBe(0);
    return JSON.parse(printed());
  }

  it('prints one JSON object with the rounds, the curve, the model and the traffic', async () => {
    const result = await resultOf(scenario('digits-quick'));
    expect(result.accuracy).toHaveLength(result.rounds);
    expect(result.roundsToTarget).toBe(result.rounds);
    expect(result.accuracy.at(-1)).toBeGreaterThanOrEqual(0.9);
    expect(result.modelHash).toMatch(/^[0-9a-f]{64}$/);
    expect(result.bytesUp).toBeGreaterThan(0);
    // A float each, and the header of a frame.
    expect(result.bytesPerParameterUp).toBeGreaterThan(4);
    expect(result.bytesPerParameterUp).toBeLessThan(4.1);
    expect(result.bytesPerParameterDown).toBeGreaterThan(4);
    expect(result.bytesPerParameterDown).toBeLessThan(4.1);
    expect(result.bytesDown).toBeGreaterThanOrEqual(result.bytesUp);
  });

  it('gives the same model for the same seed, and another one for another', async () => {
    const short = [scenario('digits-quick'), '--rounds', '3'];
    const first = await resultOf(...short);
    expect((await resultOf(...short)).modelHash).toBe(first.modelHash);
    expect((await resultOf(...short, '--seed', 'another')).modelHash).not.toBe(first.modelHash);
    expect(first.rounds).toBe(3);
  });

  it('reaches its target although three in ten drop out', async () => {
    const result = await resultOf(scenario('digits-dropout'));
    expect(result.roundsToTarget).not.toBeNull();
    expect(result.dropouts).toBeGreaterThan(10);
  });

  it('sums in secret although members are lost at every stage', { timeout: 120_000 }, async () => {
    const result = await resultOf(scenario('digits-secure'), '--rounds', '8');
    expect(result.rounds).toBe(8);
    expect(result.dropouts).toBeGreaterThan(5);
    expect(result.finalAccuracy).toBeGreaterThan(0.75);
  });

  it('prints a curve and a table without --json', async () => {
    expect(await simulate.run([scenario('digits-quick'), '--rounds', '2'])).toBe(0);
    expect(printed()).toMatch(/round {2}accuracy[\s\S]+model hash +[0-9a-f]{64}/);
  });

  it('learns with each of the models that are no digits: characters by attention, then another topic by adapters', {
    timeout: 300_000,
  }, async () => {
    const base = join(await mkdtemp(join(tmpdir(), 'tributary-base-')), 'base.trbf');
    const whole = await resultOf(scenario('char-transformer'), '--rounds', '8', '--save', base);
    expect(whole.finalAccuracy).toBeGreaterThan(0.6);
    expect(blobHashOf(await readFile(base))).toBe(whole.modelHash);
    const adapted = await resultOf(scenario('char-transformer-adapted'), '--rounds', '6', '--base', base);
    expect(adapted.finalAccuracy).toBeGreaterThan(0.45);
    expect(adapted.finalAccuracy).toBeGreaterThan(adapted.accuracy[0] + 0.05);
    expect(adapted.bytesUp / adapted.rounds).toBeLessThan(whole.bytesUp / whole.rounds / 15);
  });

  it('learns shapes with the separable network', { timeout: 300_000 }, async () => {
    const result = await resultOf(scenario('shapes-separable'), '--rounds', '14');
    expect(result.finalAccuracy).toBeGreaterThan(0.35);
  });

  it('adapts nothing without the base model, and says which option gives it', async () => {
    await expect(simulate.run([scenario('char-transformer-adapted'), '--rounds', '1'])).rejects.toThrow(
      /--base/,
    );
    await expect(
      simulate.run([scenario('digits-quick'), '--base', scenario('digits-quick')]),
    ).rejects.toThrow(/has an adaptation/);
  });

  it('says what to do when the data is not there', async () => {
    await expect(simulate.run([scenario('mnist-2nn-iid')])).rejects.toThrow(/--data DIR/);
    const empty = await mkdtemp(join(tmpdir(), 'tributary-empty-'));
    await expect(simulate.run([scenario('mnist-2nn-iid'), '--data', empty])).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringContaining('train-images-idx3-ubyte.gz is not in'),
    });
  });

  it('names the faulty field of a scenario', async () => {
    const document = JSON.parse(await readFile(scenario('digits-quick'), 'utf8'));
    document.population.dropoutProbability = 30;
    const file = join(await mkdtemp(join(tmpdir(), 'tributary-scenario-')), 'faulty.json');
    await writeFile(file, JSON.stringify(document));
    await expect(simulate.run([file])).rejects.toThrow(/^population\.dropoutProbability: /);
    await writeFile(file, '{');
    await expect(simulate.run([file])).rejects.toThrow(/is not JSON/);
  });

  it.each([[[]], [['a.json', 'b.json']], [['a.json', '--rounds', 'x']], [['a.json', '--rounds', '0']]])(
    'refuses the call %j',
    async (args) => {
      await expect(simulate.run(args)).rejects.toThrow();
      expect(printed()).toBe('');
    },
  );
});
