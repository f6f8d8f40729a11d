import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { bench } from '../src/commands/bench.ts';

describe('bench', () => {
  let stdout: MockInstance<typeof process.stdout.write>;
  let stderr: MockInstance<typeof process.stderr.write>;
  beforeEach(() => {
    stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => vi.restoreAllMocks());

  const textOf = (stream: MockInstance) => stream.mock.calls.map(([text]) => String(text)).join('');

  it.each([
    ['no name', []],
    ['a name that is not there', ['nope']],
    ['a name of every object', ['constructor']],
  ])('answers %s with the names that there are, on stderr, with exit code 2', async (_, args) => {
    expect(await bench.run(args)).toBe(2);
    expect(textOf(stderr)).toMatch(/aggregate[\s\S]+frame[\s\S]+simulate[\s\S]+training/);
    expect(textOf(stdout)).toBe('');
  });

  it('prints machine and flat rows as JSON, and nothing else on stdout', async () => {
    expect(await bench.run(['frame', '--quick', '--json'])).toBe(0);
    const { machine, rows } = JSON.parse(textOf(stdout));
    expect(machine).toMatchObject({ node: process.version, cores: expect.any(Number) });
    expect(rows.length).toBeGreaterThan(1);
    for (const value of rows.flatMap(Object.values)) expect(['string', 'number']).toContain(typeof value);
  });

  it('prints a table without --json', async () => {
    expect(await bench.run(['frame', '--quick'])).toBe(0);
    expect(textOf(stdout)).toMatch(/cores[\s\S]+encodeMegabytesPerSecond[\s\S]+JSON/);
  });
});
