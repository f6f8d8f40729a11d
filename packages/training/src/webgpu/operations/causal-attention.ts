/**
 * Attention without its matrix of weights (Dao et al. 2022, "FlashAttention", algorithm 1, with one query per invocation):
 * keys pass by one after another, and the softmax is corrected as its maximum grows. Kept for the backward pass is one
 * number per query and head, log(sum of exponentials), from which each weight is computed again.
 *
 * All invocations of an example and head walk over the same keys (or queries) in the same order, so that those are read
 * from a cache.
 */
import type { CausalAttention, Network } from '../../network/network.ts';
import { type Dispatch, dispatchOver, perExample } from '../dispatch.ts';
import { type Lanes, lanesOf } from '../lanes.ts';
import { type Placement, type WebGpuOperation, writesOrAdds } from '../operation.ts';
import { reads, readsRaw, writes, writesRaw } from '../storage.ts';

export const causalAttention: WebGpuOperation<'causal-attention'> = {
  memory({ output, heads }, network, examplesPerPass) {
    const perQuery = 4 * network.values[output].rows * heads * examplesPerPass;
    return { saved: perQuery, scratch: perQuery };
  },
  place(operation, placement) {
    return {
      forward: [attend(operation, placement)],
      backward:
        placement.flow.input === 'none'
          ? []
          : [queryGradient(operation, placement), keyAndValueGradient(operation, placement)],
    };
  },
};

interface Shape {
  readonly rows: number;
  readonly heads: number;
  readonly lanes: Lanes;
  /** Registers of a head's part of a row. */
  readonly registers: readonly number[];
  /** Registers of a row of the output; rows of the input have three times as many. */
  readonly columns: number;
  readonly scale: number;
}

function shapeOf({ output, heads }: CausalAttention, network: Network): Shape {
  const { rows, width } = network.values[output];
  const size = width / heads;
  const lanes = lanesOf(size);
  return {
    rows,
    heads,
    lanes,
    registers: Array.from({ length: size / lanes.count }, (_, register) => register),
    columns: width / lanes.count,
    scale: 1 / Math.sqrt(size),
  };
}

/** Which row, head and example invocation `i` has, and where the head's registers begin in input and output. */
const placeOf = ({ rows, heads, registers, columns }: Shape): string => `
  let row = i % ${rows}u;
  let head = i / ${rows}u % ${heads}u;
  let example = i / ${rows * heads}u;
  let inputs = example * ${rows * 3 * columns}u + head * ${registers.length}u;
  let outputs = example * ${rows * columns}u + head * ${registers.length}u;
  let statistics = i - row;`;

/** Registers of one row in a part (0: queries, 1: keys, 2: values) of the input or its gradient. */
const partAt = ({ columns }: Shape, part: 0 | 1 | 2, row: string): string =>
  `inputs + ${row} * ${3 * columns}u + ${part * columns}u`;

const outputAt = ({ columns }: Shape, row: string): string => `outputs + ${row} * ${columns}u`;

function attend(operation: CausalAttention, { network, value, saved }: Placement): Dispatch {
  const shape = shapeOf(operation, network);
  const { lanes, registers, rows, heads, scale } = shape;
  const each = eachOf(registers);
  return dispatchOver({
    label: 'causal-attention',
    count: perExample(rows * heads),
    bindings: {
      input: reads(lanes.reaching(value(operation.input))),
      log_sums: writesRaw(saved, 'f32'),
      output: writes(lanes.reaching(value(operation.output))),
    },
    body: `${placeOf(shape)}
  let query = ${partAt(shape, 0, 'row')};
  ${each((r) => `let q${r} = f32(${scale}) * ${lanes.get('input', `query + ${r}u`)};`)}
  var highest = -1e30;
  var sum = 0.0;
  ${each((r) => `var o${r} = ${lanes.type}();`)}
  for (var other = 0u; other <= row; other++) {
    let key = ${partAt(shape, 1, 'other')};
    let values = ${partAt(shape, 2, 'other')};
    let score = ${product(lanes, registers, (r) => [`q${r}`, lanes.get('input', `key + ${r}u`)])};
    if (score > highest) {
      let correction = exp(highest - score);
      highest = score;
      sum *= correction;
      ${each((r) => `o${r} *= correction;`)}
    }
    let weight = exp(score - highest);
    sum += weight;
    ${each((r) => `o${r} += weight * ${lanes.get('input', `values + ${r}u`)};`)}
  }
  log_sums[i] = highest + log(sum);
  let to = ${outputAt(shape, 'row')};
  ${each((r) => lanes.put('output', `to + ${r}u`, `o${r} * (1.0 / sum)`))}`,
  });
}

/** Dao et al. 2022, appendix B.2, equations 3 to 6: a score's gradient is weight x (gradient of the weight - `inner`). */
function queryGradient(operation: CausalAttention, placement: Placement): Dispatch {
  const { network, flow, value, gradient, saved, scratch } = placement;
  const shape = shapeOf(operation, network);
  const { lanes, registers, rows, heads, scale } = shape;
  const each = eachOf(registers);
  return dispatchOver({
    label: 'causal-attention queries backward',
    count: perExample(rows * heads),
    bindings: {
      input: reads(lanes.reaching(value(operation.input))),
      output: reads(lanes.reaching(value(operation.output))),
      result: reads(lanes.reaching(gradient(operation.output))),
      log_sums: readsRaw(saved, 'f32'),
      inners: writesRaw(scratch, 'f32'),
      operand: writesOrAdds(flow.input, lanes.reaching(gradient(operation.input))),
    },
    body: `${placeOf(shape)}
  let query = ${partAt(shape, 0, 'row')};
  let at = ${outputAt(shape, 'row')};
  ${each((r) => `let q${r} = f32(${scale}) * ${lanes.get('input', `query + ${r}u`)};`)}
  ${each((r) => `let g${r} = ${lanes.get('result', `at + ${r}u`)};`)}
  let inner = ${product(lanes, registers, (r) => [`g${r}`, lanes.get('output', `at + ${r}u`)])};
  inners[i] = inner;
  let log_sum = log_sums[i];
  ${each((r) => `var d${r} = ${lanes.type}();`)}
  for (var other = 0u; other <= row; other++) {
    let key = ${partAt(shape, 1, 'other')};
    let values = ${partAt(shape, 2, 'other')};
    ${each((r) => `let k${r} = ${lanes.get('input', `key + ${r}u`)};`)}
    let weight = exp(${product(lanes, registers, (r) => [`q${r}`, `k${r}`])} - log_sum);
    let weight_gradient = ${product(lanes, registers, (r) => [`g${r}`, lanes.get('input', `values + ${r}u`)])};
    let score_gradient = f32(${scale}) * weight * (weight_gradient - inner);
    ${each((r) => `d${r} += score_gradient * k${r};`)}
  }
  ${each((r) => lanes.put('operand', `query + ${r}u`, `d${r}`))}`,
  });
}

function keyAndValueGradient(operation: CausalAttention, placement: Placement): Dispatch {
  const { network, flow, value, gradient, saved, scratch } = placement;
  const shape = shapeOf(operation, network);
  const { lanes, registers, rows, heads, scale } = shape;
  const each = eachOf(registers);
  return dispatchOver({
    label: 'causal-attention keys and values backward',
    count: perExample(rows * heads),
    bindings: {
      input: reads(lanes.reaching(value(operation.input))),
      result: reads(lanes.reaching(gradient(operation.output))),
      log_sums: readsRaw(saved, 'f32'),
      inners: readsRaw(scratch, 'f32'),
      operand: writesOrAdds(flow.input, lanes.reaching(gradient(operation.input))),
    },
    body: `${placeOf(shape)}
  let key = ${partAt(shape, 1, 'row')};
  let values = ${partAt(shape, 2, 'row')};
  ${each((r) => `let k${r} = f32(${scale}) * ${lanes.get('input', `key + ${r}u`)};`)}
  ${each((r) => `let v${r} = ${lanes.get('input', `values + ${r}u`)};`)}
  ${each((r) => `var dk${r} = ${lanes.type}();`)}
  ${each((r) => `var dv${r} = ${lanes.type}();`)}
  // Downwards, so that all invocations see the same query at the same time.
  for (var other = ${rows - 1}u; other >= row && other < ${rows}u; other--) {
    let query = ${partAt(shape, 0, 'other')};
    let at = ${outputAt(shape, 'other')};
    ${each((r) => `let q${r} = ${lanes.get('input', `query + ${r}u`)};`)}
    ${each((r) => `let g${r} = ${lanes.get('result', `at + ${r}u`)};`)}
    let score = ${product(lanes, registers, (r) => [`q${r}`, `k${r}`])};
    let weight = exp(score - log_sums[statistics + other]);
    let weight_gradient = ${product(lanes, registers, (r) => [`g${r}`, `v${r}`])};
    let score_gradient = f32(${scale}) * weight * (weight_gradient - inners[statistics + other]);
    ${each((r) => `dv${r} += weight * g${r};`)}
    ${each((r) => `dk${r} += score_gradient * q${r};`)}
  }
  ${each((r) => lanes.put('operand', `key + ${r}u`, `dk${r}`))}
  ${each((r) => lanes.put('operand', `values + ${r}u`, `dv${r}`))}`,
  });
}

/** A statement for each register, because registers that a loop counts are memory to most compilers. */
const eachOf =
  (registers: readonly number[]) =>
  (statement: (register: number) => string): string =>
    registers.map(statement).join('\n  ');

/** The inner product of two lists of registers. */
function product(
  lanes: Lanes,
  registers: readonly number[],
  factors: (register: number) => readonly [string, string],
): string {
  const sum = registers.map((register) => factors(register).join(' * ')).join(' + ');
  return lanes.total(`(${sum})`);
}
