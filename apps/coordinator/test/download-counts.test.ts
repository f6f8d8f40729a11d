import type { BlobHash } from '@tributary/fl-core';
import { expect, test } from 'vitest';
import { openDownloadCounts } from '../src/run/download-counts.ts';

const [MODEL, NEXT, BASE] = ['model', 'next', 'base'] as unknown as [BlobHash, BlobHash, BlobHash];

test('downloads count for the runs that work with a model, be it their own or the one that they adapt', () => {
  const counts = openDownloadCounts();
  const run = () => {
    const seen = {
      bytes: 0,
      countDownload(bytes: number) {
        seen.bytes += bytes;
      },
    };
    return seen;
  };
  const [adapted, other] = [run(), run()];
  counts.follow(adapted, [MODEL, BASE]);
  counts.follow(other, [MODEL]);
  counts.count(MODEL, 1);
  counts.count(BASE, 10);
  expect([adapted.bytes, other.bytes]).toEqual([11, 1]);
  // The next round begins with another model, and the base stays.
  counts.follow(adapted, [NEXT, BASE]);
  counts.count(MODEL, 100);
  counts.count(BASE, 1000);
  expect([adapted.bytes, other.bytes]).toEqual([1011, 101]);
  counts.follow(adapted, []);
  counts.count(BASE, 10_000);
  counts.count(NEXT, 10_000);
  expect(adapted.bytes).toBe(1011);
});
