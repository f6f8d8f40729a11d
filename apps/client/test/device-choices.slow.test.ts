/** What the participant page keeps of this device: how hard it may work, and what self-tests found. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => {
  const kept = new Map<string, string>();
  // As in a browser, its keys are properties of their own.
  vi.stubGlobal(
    'localStorage',
    new Proxy(
      {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
        removeItem: (key: string) => void kept.delete(key),
      },
      {
        ownKeys: () => [...kept.keys()],
        getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
      },
    ),
  );
  vi.resetModules();
});
afterEach(() => vi.unstubAllGlobals());

const PASSED = { passed: true } as const;
const FAILED = { passed: false, kernel: 'dense', relativeError: 0.5 } as const;

describe('what self-tests found', () => {
  it('is known at the next start of the same version, and of no other', async () => {
    const { selfTestMemory } = await import('../src/participant-page/self-test-memory.ts');
    const first = selfTestMemory('worker-1.js Chromium 1');
    expect(first.known).toEqual({});
    first.remember('wasm', PASSED);
    first.remember('webgpu', FAILED);
    expect(selfTestMemory('worker-1.js Chromium 1').known).toEqual({ wasm: PASSED, webgpu: FAILED });
    const next = selfTestMemory('worker-2.js Chromium 1');
    expect(next.known).toEqual({});
    next.remember('wasm', PASSED);
    expect(selfTestMemory('worker-2.js Chromium 1').known).toEqual({ wasm: PASSED });
    expect(selfTestMemory('worker-1.js Chromium 1').known).toEqual({});
  });

  it('is nothing where somebody else wrote', async () => {
    const { selfTestMemory } = await import('../src/participant-page/self-test-memory.ts');
    for (const text of ['no JSON', '{"version":"1","outcomes":{"wasm":{"passed":"maybe"}}}']) {
      localStorage.setItem('tributary/self-tests', text);
      expect(selfTestMemory('1').known).toEqual({});
    }
  });
});

describe('how hard this device may work', () => {
  it('is all of the time until a person chooses, counts at once, and is remembered', async () => {
    const page = await import('../src/participant-page/work-limit.ts');
    const limit = page.deviceWorkLimit();
    expect(limit.dutyCycle).toBe(1);
    const heard = vi.fn();
    limit.onChange(heard);
    page.chooseWorkShare('quarter');
    expect(limit.dutyCycle).toBe(0.25);
    expect(heard).toHaveBeenCalledOnce();
    vi.resetModules();
    const reloaded = await import('../src/participant-page/work-limit.ts');
    expect(reloaded.deviceWorkLimit().dutyCycle).toBe(0.25);
  });
});

it('to erase forgets both', async () => {
  const { selfTestMemory } = await import('../src/participant-page/self-test-memory.ts');
  const { chooseWorkShare } = await import('../src/participant-page/work-limit.ts');
  const { forgetChoices } = await import('../src/participant-page/run-memory.ts');
  selfTestMemory('1').remember('wasm', PASSED);
  chooseWorkShare('half');
  expect(Object.keys(localStorage)).toHaveLength(2);
  forgetChoices();
  expect(Object.keys(localStorage)).toEqual([]);
});

describe('the smallest group', () => {
  it('[P-21] is eight until a person chooses, counts at once, and is remembered', async () => {
    const page = await import('../src/participant-page/smallest-group.ts');
    expect(page.secureSumPolicy.minimumCohort).toBe(8);
    const heard = vi.fn();
    page.onSmallestGroup(heard);
    page.chooseSmallestGroup(5);
    expect(page.secureSumPolicy.minimumCohort).toBe(5);
    expect(heard).toHaveBeenCalledOnce();
    vi.resetModules();
    const later = await import('../src/participant-page/smallest-group.ts');
    expect(later.smallestGroup()).toBe(5);
  });

  it('[P-21] is never below three, whatever stands in the storage, and to erase forgets it', async () => {
    for (const written of ['2', '0', 'NaN', '7.5', '1e9']) {
      localStorage.setItem('tributary/smallest-group', written);
      vi.resetModules();
      const page = await import('../src/participant-page/smallest-group.ts');
      expect(page.smallestGroup(), written).toBe(8);
      expect(Math.min(...page.GROUP_SIZES)).toBe(3);
    }
    const { forgetChoices } = await import('../src/participant-page/run-memory.ts');
    forgetChoices();
    expect(localStorage.getItem('tributary/smallest-group')).toBeNull();
  });
});
