import { instant } from '@tributary/fl-core';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { virtualTime } from '../src/virtual-time.ts';

it('things happen in the order of their instants, and of their scheduling within one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (instants) => {
      const time = virtualTime();
      const happened: [number, number][] = [];
      for (const [order, at] of instants.entries()) {
        time.schedule(instant(at), () => {
          happened.push([at, order]);
        });
      }
      for (let next = time.next(); next; next = time.next()) void next();
      expect(happened).toEqual(
        instants.map((at, order) => [at, order]).sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!),
      );
    }),
  );
});

it('what is scheduled in the past happens now, and time never runs backwards', () => {
  const time = virtualTime();
  time.schedule(instant(10), () => time.schedule(instant(3), () => {}));
  void time.next()!();
  expect(time.next()).toBeDefined();
  expect(time.now()).toBe(10);
});
