import { expect, test, vi } from 'vitest';
import { openReadingSeats, type Seat } from '../src/door/reading-seats.ts';

async function settled(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  void promise.then(() => {
    isSettled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return isSettled;
}

test('seats so many at once, the others in the order in which they asked', async () => {
  const { take } = openReadingSeats({ seats: 2, sliceMs: 60_000 });
  const [first] = await Promise.all([take(), take()]);
  const order: string[] = [];
  const [third, fourth] = ['third', 'fourth'].map(async (name) => {
    const seat = await take();
    order.push(name);
    return seat;
  }) as [Promise<Seat>, Promise<Seat>];
  expect(await settled(Promise.race([third, fourth]))).toBe(false);
  first.release();
  first.release();
  (await third).release();
  await fourth;
  expect(order).toEqual(['third', 'fourth']);
});

test('whoever has sat for long gives way to whoever waits, and to nobody else', async () => {
  const { take } = openReadingSeats({ seats: 1, sliceMs: 5 });
  const first = await take();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await settled(first.givesWay)).toBe(false);
  const second: Promise<Seat> = take();
  expect(await first.givesWay).toBe('give-way');
  expect(await settled(second)).toBe(false);
  first.release();
  await vi.waitFor(async () => expect(await settled(second)).toBe(true));
});
