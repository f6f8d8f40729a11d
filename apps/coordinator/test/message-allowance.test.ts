import { expect, test } from 'vitest';
import { messageAllowance } from '../src/door/message-allowance.ts';

test('[D-5] allows a burst, then so many a second, and no more after a long silence', () => {
  let at = 0;
  const allowance = messageAllowance({ burst: 5, perSecond: 2 }, () => at);
  const takeAll = (): number => {
    let taken = 0;
    while (allowance.take()) taken += 1;
    return taken;
  };
  expect(takeAll()).toBe(5);
  at += 1000;
  expect(takeAll()).toBe(2);
  at += 250;
  expect(takeAll()).toBe(0);
  at += 250;
  expect(takeAll()).toBe(1);
  at += 3_600_000;
  expect(takeAll()).toBe(5);
});
