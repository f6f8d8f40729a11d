/**
 * The inner loops of a dense network, for WebAssembly with 128-bit SIMD (no relaxed instructions, so every engine
 * gives the same bits). AssemblyScript; `npm run build:kernels -w packages/training` embeds the result.
 *
 * Conventions. Addresses and strides count bytes. A row is padded with zeros to a whole number of 32-byte blocks.
 * Each row comes with the list of its active (non-zero) columns, as 4-byte indices: MNIST is 81 % zeros and a
 * ReLU layer about half, and a zero contributes nothing to a sum. Weights are row-major [input, output].
 */

/** First address that the host may use: below it lie the tables of `Math.exp`. */
export function heapBase(): usize {
  return __heap_base;
}

/** Lists the non-zero columns of each row, without a branch. */
export function listActive(
  batch: i32,
  rows: usize,
  stride: usize,
  width: i32,
  lists: usize,
  counts: usize,
): void {
  for (let example = 0; example < batch; example++) {
    const row = rows + <usize>example * stride;
    const list = lists + <usize>example * stride;
    let count = 0;
    for (let column = 0; column < width; column++) {
      store<i32>(list + ((<usize>count) << 2), column);
      count += i32(load<f32>(row + ((<usize>column) << 2)) !== 0);
    }
    store<i32>(counts + ((<usize>example) << 2), count);
  }
}

/** outputs = bias + inputs x weights, then ReLU when `rectify`. */
export function forward(
  batch: i32,
  inputs: usize,
  inputStride: usize,
  lists: usize,
  counts: usize,
  weights: usize,
  bias: usize,
  outputs: usize,
  outputStride: usize,
  rectify: bool,
): void {
  let block: usize = 0;
  for (; block + 128 <= outputStride; block += 128) {
    for (let example = 0; example < batch; example++) {
      forwardWide(
        inputs + <usize>example * inputStride,
        lists + <usize>example * inputStride,
        load<i32>(counts + ((<usize>example) << 2)),
        weights + block,
        bias + block,
        outputs + <usize>example * outputStride + block,
        outputStride,
        rectify,
      );
    }
  }
  for (; block < outputStride; block += 32) {
    for (let example = 0; example < batch; example++) {
      forwardNarrow(
        inputs + <usize>example * inputStride,
        lists + <usize>example * inputStride,
        load<i32>(counts + ((<usize>example) << 2)),
        weights + block,
        bias + block,
        outputs + <usize>example * outputStride + block,
        outputStride,
        rectify,
      );
    }
  }
}

/** 32 output columns of one example, held in eight registers. */
function forwardWide(
  input: usize,
  list: usize,
  count: i32,
  weights: usize,
  bias: usize,
  output: usize,
  outputStride: usize,
  rectify: bool,
): void {
  let s0 = v128.load(bias);
  let s1 = v128.load(bias, 16);
  let s2 = v128.load(bias, 32);
  let s3 = v128.load(bias, 48);
  let s4 = v128.load(bias, 64);
  let s5 = v128.load(bias, 80);
  let s6 = v128.load(bias, 96);
  let s7 = v128.load(bias, 112);
  const end = list + ((<usize>count) << 2);
  for (let entry = list; entry < end; entry += 4) {
    const index = <usize>load<u32>(entry);
    const x = v128.load32_splat(input + (index << 2));
    const w = weights + index * outputStride;
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(w)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(w, 16)));
    s2 = f32x4.add(s2, f32x4.mul(x, v128.load(w, 32)));
    s3 = f32x4.add(s3, f32x4.mul(x, v128.load(w, 48)));
    s4 = f32x4.add(s4, f32x4.mul(x, v128.load(w, 64)));
    s5 = f32x4.add(s5, f32x4.mul(x, v128.load(w, 80)));
    s6 = f32x4.add(s6, f32x4.mul(x, v128.load(w, 96)));
    s7 = f32x4.add(s7, f32x4.mul(x, v128.load(w, 112)));
  }
  if (rectify) {
    const zero = f32x4.splat(0);
    s0 = f32x4.max(s0, zero);
    s1 = f32x4.max(s1, zero);
    s2 = f32x4.max(s2, zero);
    s3 = f32x4.max(s3, zero);
    s4 = f32x4.max(s4, zero);
    s5 = f32x4.max(s5, zero);
    s6 = f32x4.max(s6, zero);
    s7 = f32x4.max(s7, zero);
  }
  v128.store(output, s0);
  v128.store(output, s1, 16);
  v128.store(output, s2, 32);
  v128.store(output, s3, 48);
  v128.store(output, s4, 64);
  v128.store(output, s5, 80);
  v128.store(output, s6, 96);
  v128.store(output, s7, 112);
}

/** 8 output columns of one example: what is left beside the wide blocks. */
function forwardNarrow(
  input: usize,
  list: usize,
  count: i32,
  weights: usize,
  bias: usize,
  output: usize,
  outputStride: usize,
  rectify: bool,
): void {
  let s0 = v128.load(bias);
  let s1 = v128.load(bias, 16);
  const end = list + ((<usize>count) << 2);
  for (let entry = list; entry < end; entry += 4) {
    const index = <usize>load<u32>(entry);
    const x = v128.load32_splat(input + (index << 2));
    const w = weights + index * outputStride;
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(w)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(w, 16)));
  }
  if (rectify) {
    const zero = f32x4.splat(0);
    s0 = f32x4.max(s0, zero);
    s1 = f32x4.max(s1, zero);
  }
  v128.store(output, s0);
  v128.store(output, s1, 16);
}

/**
 * errors = softmax(logits) - oneHot(label), row by row; the padding of `errors` stays as it is (zero).
 * Returns the summed cross-entropy in nats.
 */
export function softmaxCrossEntropy(
  batch: i32,
  logits: usize,
  errors: usize,
  stride: usize,
  classes: i32,
  labels: usize,
): f64 {
  let loss: f64 = 0;
  for (let example = 0; example < batch; example++) {
    const row = logits + <usize>example * stride;
    const error = errors + <usize>example * stride;
    const label = load<i32>(labels + ((<usize>example) << 2));
    let highest = load<f32>(row);
    for (let k = 1; k < classes; k++) highest = max(highest, load<f32>(row + ((<usize>k) << 2)));
    let sum: f64 = 0;
    for (let k = 0; k < classes; k++) {
      const power = NativeMath.exp(<f64>(load<f32>(row + ((<usize>k) << 2)) - highest));
      sum += power;
      store<f32>(error + ((<usize>k) << 2), <f32>power);
    }
    for (let k = 0; k < classes; k++) {
      const probability = <f64>load<f32>(error + ((<usize>k) << 2)) / sum;
      store<f32>(error + ((<usize>k) << 2), <f32>(probability - (k === label ? 1.0 : 0.0)));
    }
    loss += NativeMath.log(sum) - <f64>(load<f32>(row + ((<usize>label) << 2)) - highest);
  }
  return loss;
}

/** inputErrors[i] = errors . weights[i] where input i is active, 0 elsewhere: ReLU's derivative is its activity. */
export function backward(
  batch: i32,
  errors: usize,
  outputStride: usize,
  weights: usize,
  lists: usize,
  counts: usize,
  inputErrors: usize,
  inputStride: usize,
): void {
  memory.fill(inputErrors, 0, <usize>batch * inputStride);
  for (let example = 0; example < batch; example++) {
    const error = errors + <usize>example * outputStride;
    const list = lists + <usize>example * inputStride;
    const inputError = inputErrors + <usize>example * inputStride;
    const end = list + ((<usize>load<i32>(counts + ((<usize>example) << 2))) << 2);
    for (let entry = list; entry < end; entry += 4) {
      const index = <usize>load<u32>(entry);
      const w = weights + index * outputStride;
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      for (let column: usize = 0; column < outputStride; column += 32) {
        s0 = f32x4.add(s0, f32x4.mul(v128.load(error + column), v128.load(w + column)));
        s1 = f32x4.add(s1, f32x4.mul(v128.load(error + column, 16), v128.load(w + column, 16)));
      }
      s0 = f32x4.add(s0, s1);
      store<f32>(
        inputError + (index << 2),
        f32x4.extract_lane(s0, 0) +
          f32x4.extract_lane(s0, 1) +
          (f32x4.extract_lane(s0, 2) + f32x4.extract_lane(s0, 3)),
      );
    }
  }
}

/**
 * target += scale x (inputs^T x errors), targetBias += scale x (column sums of errors). With the weights themselves
 * as target and scale = -learningRate / batch this *is* the SGD step: the gradient is never written down.
 * `members` has room for `batch` indices per input column, `memberCounts` for one count per input column.
 */
export function accumulate(
  batch: i32,
  inputs: usize,
  inputStride: usize,
  inputWidth: i32,
  lists: usize,
  counts: usize,
  errors: usize,
  outputStride: usize,
  target: usize,
  targetBias: usize,
  scale: f32,
  members: usize,
  memberCounts: usize,
): void {
  listMembers(batch, inputStride, inputWidth, lists, counts, members, memberCounts);
  for (let index = 0; index < inputWidth; index++) {
    const count = load<i32>(memberCounts + ((<usize>index) << 2));
    if (count === 0) continue;
    addOuterRow(
      members + ((<usize>index * <usize>batch) << 2),
      count,
      inputs + ((<usize>index) << 2),
      inputStride,
      errors,
      outputStride,
      target + <usize>index * outputStride,
      scale,
    );
  }
  const factor = f32x4.splat(scale);
  for (let column: usize = 0; column < outputStride; column += 16) {
    let sum = f32x4.splat(0);
    for (let example = 0; example < batch; example++) {
      sum = f32x4.add(sum, v128.load(errors + <usize>example * outputStride + column));
    }
    v128.store(targetBias + column, f32x4.add(v128.load(targetBias + column), f32x4.mul(factor, sum)));
  }
}

/** Turns "the active columns of each example" into "the examples in which each column is active". */
function listMembers(
  batch: i32,
  inputStride: usize,
  inputWidth: i32,
  lists: usize,
  counts: usize,
  members: usize,
  memberCounts: usize,
): void {
  memory.fill(memberCounts, 0, (<usize>inputWidth) << 2);
  for (let example = 0; example < batch; example++) {
    const list = lists + <usize>example * inputStride;
    const end = list + ((<usize>load<i32>(counts + ((<usize>example) << 2))) << 2);
    for (let entry = list; entry < end; entry += 4) {
      const index = <usize>load<u32>(entry);
      const count = load<i32>(memberCounts + (index << 2));
      store<i32>(members + ((index * <usize>batch + <usize>count) << 2), example);
      store<i32>(memberCounts + (index << 2), count + 1);
    }
  }
}

/** target row += scale x sum over members of input x error row. */
function addOuterRow(
  members: usize,
  count: i32,
  input: usize,
  inputStride: usize,
  errors: usize,
  outputStride: usize,
  target: usize,
  scale: f32,
): void {
  const end = members + ((<usize>count) << 2);
  let block: usize = 0;
  for (; block + 128 <= outputStride; block += 128) {
    const t = target + block;
    let s0 = v128.load(t);
    let s1 = v128.load(t, 16);
    let s2 = v128.load(t, 32);
    let s3 = v128.load(t, 48);
    let s4 = v128.load(t, 64);
    let s5 = v128.load(t, 80);
    let s6 = v128.load(t, 96);
    let s7 = v128.load(t, 112);
    for (let member = members; member < end; member += 4) {
      const example = <usize>load<u32>(member);
      const x = f32x4.splat(scale * load<f32>(input + example * inputStride));
      const e = errors + example * outputStride + block;
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(e)));
      s1 = f32x4.add(s1, f32x4.mul(x, v128.load(e, 16)));
      s2 = f32x4.add(s2, f32x4.mul(x, v128.load(e, 32)));
      s3 = f32x4.add(s3, f32x4.mul(x, v128.load(e, 48)));
      s4 = f32x4.add(s4, f32x4.mul(x, v128.load(e, 64)));
      s5 = f32x4.add(s5, f32x4.mul(x, v128.load(e, 80)));
      s6 = f32x4.add(s6, f32x4.mul(x, v128.load(e, 96)));
      s7 = f32x4.add(s7, f32x4.mul(x, v128.load(e, 112)));
    }
    v128.store(t, s0);
    v128.store(t, s1, 16);
    v128.store(t, s2, 32);
    v128.store(t, s3, 48);
    v128.store(t, s4, 64);
    v128.store(t, s5, 80);
    v128.store(t, s6, 96);
    v128.store(t, s7, 112);
  }
  for (; block < outputStride; block += 32) {
    const t = target + block;
    let s0 = v128.load(t);
    let s1 = v128.load(t, 16);
    for (let member = members; member < end; member += 4) {
      const example = <usize>load<u32>(member);
      const x = f32x4.splat(scale * load<f32>(input + example * inputStride));
      const e = errors + example * outputStride + block;
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(e)));
      s1 = f32x4.add(s1, f32x4.mul(x, v128.load(e, 16)));
    }
    v128.store(t, s0);
    v128.store(t, s1, 16);
  }
}

/** parameters -= learningRate x gradient. */
export function stepSgd(parameters: usize, gradient: usize, sizeBytes: usize, learningRate: f32): void {
  const rate = f32x4.splat(learningRate);
  for (let at: usize = 0; at < sizeBytes; at += 16) {
    const change = f32x4.mul(rate, v128.load(gradient + at));
    v128.store(parameters + at, f32x4.sub(v128.load(parameters + at), change));
  }
}

/** velocity = momentum x velocity + gradient; parameters -= learningRate x velocity. */
export function stepMomentum(
  parameters: usize,
  gradient: usize,
  velocities: usize,
  sizeBytes: usize,
  learningRate: f32,
  momentum: f32,
): void {
  const rate = f32x4.splat(learningRate);
  const keep = f32x4.splat(momentum);
  for (let at: usize = 0; at < sizeBytes; at += 16) {
    const velocity = f32x4.add(f32x4.mul(keep, v128.load(velocities + at)), v128.load(gradient + at));
    v128.store(velocities + at, velocity);
    v128.store(parameters + at, f32x4.sub(v128.load(parameters + at), f32x4.mul(rate, velocity)));
  }
}

/** Kingma and Ba 2015, algorithm 1; `correction1` = 1 - beta1^t and `correction2` = 1 - beta2^t. */
export function stepAdam(
  parameters: usize,
  gradient: usize,
  firstMoments: usize,
  secondMoments: usize,
  sizeBytes: usize,
  learningRate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  correction1: f32,
  correction2: f32,
): void {
  const rate = f32x4.splat(learningRate);
  const keep1 = f32x4.splat(beta1);
  const take1 = f32x4.splat(1 - beta1);
  const keep2 = f32x4.splat(beta2);
  const take2 = f32x4.splat(1 - beta2);
  const floor = f32x4.splat(epsilon);
  const unbias1 = f32x4.splat(correction1);
  const unbias2 = f32x4.splat(correction2);
  for (let at: usize = 0; at < sizeBytes; at += 16) {
    const g = v128.load(gradient + at);
    const m = f32x4.add(f32x4.mul(keep1, v128.load(firstMoments + at)), f32x4.mul(take1, g));
    const v = f32x4.add(f32x4.mul(keep2, v128.load(secondMoments + at)), f32x4.mul(take2, f32x4.mul(g, g)));
    v128.store(firstMoments + at, m);
    v128.store(secondMoments + at, v);
    const slope = f32x4.div(f32x4.div(m, unbias1), f32x4.add(f32x4.sqrt(f32x4.div(v, unbias2)), floor));
    v128.store(parameters + at, f32x4.sub(v128.load(parameters + at), f32x4.mul(rate, slope)));
  }
}
