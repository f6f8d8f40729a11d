/** What the processor can do at most: the two ceilings that all other kernels are held against (Williams et al. 2009). */
import { multiplyAdd } from './multiply-add';

/**
 * `rounds` times twelve independent multiply-adds of four lanes, in registers only: enough in flight to hide their latency,
 * few enough for sixteen registers. Returns something that depends on all of them, so that no compiler drops any.
 */
export function multiplyAddPeak(rounds: i32): f32 {
  const x = f32x4.splat(0.999);
  const y = f32x4.splat(0.001);
  let a = f32x4.splat(0.1);
  let b = f32x4.splat(0.2);
  let c = f32x4.splat(0.3);
  let d = f32x4.splat(0.4);
  let e = f32x4.splat(0.5);
  let f = f32x4.splat(0.6);
  let g = f32x4.splat(0.7);
  let h = f32x4.splat(0.8);
  let i = f32x4.splat(0.9);
  let j = f32x4.splat(1.1);
  let k = f32x4.splat(1.2);
  let l = f32x4.splat(1.3);
  for (let round = 0; round < rounds; round++) {
    a = multiplyAdd(a, x, y);
    b = multiplyAdd(b, x, y);
    c = multiplyAdd(c, x, y);
    d = multiplyAdd(d, x, y);
    e = multiplyAdd(e, x, y);
    f = multiplyAdd(f, x, y);
    g = multiplyAdd(g, x, y);
    h = multiplyAdd(h, x, y);
    i = multiplyAdd(i, x, y);
    j = multiplyAdd(j, x, y);
    k = multiplyAdd(k, x, y);
    l = multiplyAdd(l, x, y);
  }
  const abcd = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  const efgh = f32x4.add(f32x4.add(e, f), f32x4.add(g, h));
  const ijkl = f32x4.add(f32x4.add(i, j), f32x4.add(k, l));
  const sum = f32x4.add(f32x4.add(abcd, efgh), ijkl);
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 3);
}

/** target = x + scale y over `count` floats, a multiple of 4: McCalpin's STREAM triad. */
export function triad(count: i32, scale: f32, x: usize, y: usize, target: usize): void {
  const factor = f32x4.splat(scale);
  const end = (<usize>count) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    v128.store(target + at, multiplyAdd(factor, v128.load(y + at), v128.load(x + at)));
  }
}
