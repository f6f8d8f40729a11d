import { seededRandom } from '@tributary/fl-core';
import { expect, it } from 'vitest';
import { CODES, check, coded, codeOf, damage, manifestWith, normalDelta } from './clear-updates.ts';

/** Damaged frames of all codes together. */
const FRAMES = 100_000;

it.each(CODES)(
  '[W-9] no damaged frame in $codec makes its reader throw anything but a coded error',
  (compression) => {
    const manifest = manifestWith(compression);
    const random = seededRandom(`fuzz-${JSON.stringify(compression)}`);
    const frames = Array.from({ length: 16 }, (_, i) => coded(normalDelta(`delta-${i}`), manifest).frame);
    const counts = new Map<string, number>();
    for (let i = 0; i < FRAMES / CODES.length; i += 1) {
      const code = codeOf(() => check(damage(frames[i % 16]!, random), manifest));
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    const codes = [...counts.keys()];
    // A changed value may be another update, and no fault.
    expect(codes.filter((code) => !/^(none|frame-\w+|codec-malformed|update-[\w-]+)$/.test(code))).toEqual(
      [],
    );
    expect(codes).toContain('codec-malformed');
  },
  600_000,
);
