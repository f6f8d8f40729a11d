import { expect, test } from 'vitest';
import { steadyClock } from '../src/run/clock.ts';

test('time neither runs backwards nor stands still when the wall clock is set back', () => {
  let wall = 1_795_000_000_000;
  let elapsed = 0;
  const clock = steadyClock(
    () => wall,
    () => elapsed,
  );
  const start = clock();
  wall -= 3_600_000;
  expect(clock()).toBe(start);
  for (let i = 0; i < 10_000; i += 1) {
    wall += 0.5;
    elapsed += 0.5;
    clock();
  }
  expect(clock() - start).toBe(5000);
  wall = start + 86_400_000;
  expect(clock()).toBe(wall);
});
