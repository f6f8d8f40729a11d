/**
 * A GRU (Cho et al. 2014, section 2.3). Rows depend on the row before, so every row is a dispatch of its own, twice: gates,
 * then candidate and state; and backwards likewise. Each dispatch takes all examples; one invocation takes a few of them,
 * which share what it reads of the recurrent kernel. That kernel's gradient is one product over all rows, at the end.
 *
 * In the names of `GatedRecurrence` (network.ts): columns z, r, h of the input; `gates` are z, r and c; `da` is the gradient of the
 * sums before sigmoid and tanh, and so of the input and of the bias.
 */
import { gradientFlow } from '../../network/gradient-flow.ts';
import type { GatedRecurrence, Network } from '../../network/network.ts';
import { type Count, type Dispatch, dispatchOver, inAll, perExample } from '../dispatch.ts';
import { type Lanes, lanesOf } from '../lanes.ts';
import { type Placement, type WebGpuOperation, writesOrAdds } from '../operation.ts';
import { bytesOfParts, partsOf } from '../parts.ts';
import {
  accumulates,
  type Binding,
  type BufferRange,
  reads,
  readsRaw,
  type Tensor,
  writes,
  writesRaw,
} from '../storage.ts';
import { addPartialSums, chunksOf, partialBytes } from './column-sums.ts';

export const gatedRecurrence: WebGpuOperation<'gated-recurrence'> = {
  memory(operation, network, examplesPerPass, { halves }) {
    const bytesPerGate = halves.has(operation.output) ? 2 : 4;
    return {
      saved: bytesOfParts(savedSizes(operation, network, examplesPerPass, bytesPerGate)),
      scratch: bytesOfParts(scratchSizes(operation, network, examplesPerPass)),
    };
  },
  place(operation, placement) {
    const shape = shapeOf(operation, placement.network);
    const places = placesOf(operation, placement, shape);
    return {
      forward: forward(operation, placement, shape, places),
      backward: [
        ...backThroughRows(operation, placement, shape, places),
        ...inputGradient(operation, placement, shape, places),
        ...(operation.recurrent.store === 'trained'
          ? parameterGradients(operation, placement, shape, places)
          : []),
      ],
    };
  },
};

interface Shape {
  readonly rows: number;
  readonly units: number;
  readonly lanes: Lanes;
  /** Registers of a row of the output; rows of the input have three times as many. */
  readonly columns: number;
}

function shapeOf({ output }: GatedRecurrence, network: Network): Shape {
  const { rows, width } = network.values[output];
  const lanes = lanesOf(width);
  return { rows, units: width, lanes, columns: width / lanes.count };
}

/** A row's number, where the dispatch of that row finds it: a binding begins at a multiple of 256 bytes. */
const ROW_NUMBER_BYTES = 256;

function savedSizes(
  operation: GatedRecurrence,
  network: Network,
  examples: number,
  bytesPerGate: 2 | 4,
): number[] {
  const { rows, units } = shapeOf(operation, network);
  return [bytesPerGate * examples * rows * 3 * units, ROW_NUMBER_BYTES * rows];
}

function scratchSizes(operation: GatedRecurrence, network: Network, examples: number): number[] {
  const { rows, units } = shapeOf(operation, network);
  const { input } = gradientFlow(network)[network.operations.indexOf(operation)];
  return [
    4 * examples * units,
    partialBytes(chunksOf(examples * rows), 3 * units),
    input === 'write' ? 0 : 4 * examples * rows * 3 * units,
  ];
}

interface Places {
  readonly gates: Tensor;
  readonly rowNumbers: BufferRange;
  /** What a row's state receives from the rows after it. */
  readonly carry: Tensor;
  readonly partial: BufferRange;
  /** In the gradient of the input, where nothing is there yet. */
  readonly da: Tensor;
}

function placesOf(operation: GatedRecurrence, placement: Placement, { lanes }: Shape): Places {
  const { network, examplesPerPass, flow, gradient } = placement;
  const { storage } = placement.value(operation.output);
  const [gates, rowNumbers] = partsOf(
    placement.saved,
    savedSizes(operation, network, examplesPerPass, storage === 'f32' ? 4 : 2),
  );
  const [carry, partial, da] = partsOf(placement.scratch, scratchSizes(operation, network, examplesPerPass));
  const tensor = (range: BufferRange): Tensor => ({
    range,
    storage: 'f32',
    isGrouped: lanes.count === 4,
    base: 0,
  });
  return {
    gates: { ...tensor(gates), storage },
    rowNumbers,
    carry: tensor(carry),
    partial,
    da: flow.input === 'write' ? gradient(operation.input) : tensor(da),
  };
}

function forward(
  operation: GatedRecurrence,
  placement: Placement,
  shape: Shape,
  { gates, rowNumbers }: Places,
): readonly Dispatch[] {
  const { value, parameter } = placement;
  const { rows, units, lanes, columns } = shape;
  const { get, put } = lanes;
  const bindings = (row: number): Readonly<Record<string, Binding>> => ({
    row_number: rowNumberAt(rowNumbers, row),
    input: reads(value(operation.input)),
    recurrent: reads(parameter(operation.recurrent, units)),
    bias: reads(parameter(operation.bias, units)),
    gates: writes(gates),
    output: writes(value(operation.output)),
  });
  const gatesOfRow = `${exampleRows(shape)}
  let bias_z = ${get('bias', 'column')};
  let bias_r = ${get('bias', `${columns}u + column`)};
  ${eachExample((e) => `var z${e} = bias_z + ${get('input', `row${e} * ${3 * columns}u + column`)};`)}
  ${eachExample((e) => `var r${e} = bias_r + ${get('input', `row${e} * ${3 * columns}u + ${columns}u + column`)};`)}
  if (row_number[0] > 0u) {
    for (var k = 0u; k < ${columns}u; k++) {
      ${eachExample((e) => `let h${e} = ${get('output', `(row${e} - 1u) * ${columns}u + k`)};`)}
      ${eachLane(
        lanes,
        (l) => `{
        let at = (k * ${lanes.count}u + ${l}u) * ${3 * columns}u + column;
        let u_z = ${get('recurrent', 'at')};
        let u_r = ${get('recurrent', `at + ${columns}u`)};
        ${eachExample((e) => `z${e} += ${lanes.component(`h${e}`, l)} * u_z;`)}
        ${eachExample((e) => `r${e} += ${lanes.component(`h${e}`, l)} * u_r;`)}
      }`,
      )}
    }
  }
  ${eachExample((e) => put('gates', `row${e} * ${3 * columns}u + column`, `sigmoid(z${e})`))}
  ${eachExample((e) => put('gates', `row${e} * ${3 * columns}u + ${columns}u + column`, `sigmoid(r${e})`))}`;
  const stateOfRow = `${exampleRows(shape)}
  let bias_h = ${get('bias', `${2 * columns}u + column`)};
  ${eachExample((e) => `var c${e} = bias_h + ${get('input', `row${e} * ${3 * columns}u + ${2 * columns}u + column`)};`)}
  ${eachExample((e) => `var h${e} = ${lanes.type}();`)}
  if (row_number[0] > 0u) {
    for (var k = 0u; k < ${columns}u; k++) {
      ${eachExample(
        (e) => `let kept${e} = ${get('gates', `row${e} * ${3 * columns}u + ${columns}u + k`)}
          * ${get('output', `(row${e} - 1u) * ${columns}u + k`)};`,
      )}
      ${eachLane(
        lanes,
        (l) => `{
        let u = ${get('recurrent', `(k * ${lanes.count}u + ${l}u) * ${3 * columns}u + ${2 * columns}u + column`)};
        ${eachExample((e) => `c${e} += ${lanes.component(`kept${e}`, l)} * u;`)}
      }`,
      )}
    }
    ${eachExample((e) => `h${e} = ${get('output', `(row${e} - 1u) * ${columns}u + column`)};`)}
  }
  ${eachExample(
    (e) => `{
    let z = ${get('gates', `row${e} * ${3 * columns}u + column`)};
    let c = bounded_tanh(c${e});
    ${put('gates', `row${e} * ${3 * columns}u + ${2 * columns}u + column`, 'c')}
    ${put('output', `row${e} * ${columns}u + column`, `z * h${e} + (1.0 - z) * c`)}
  }`,
  )}`;
  const numberRows = dispatchOver({
    label: 'gated-recurrence rows',
    count: inAll(rows),
    bindings: { row_numbers: writesRaw(rowNumbers, 'u32') },
    body: `row_numbers[i * ${ROW_NUMBER_BYTES / 4}u] = i;`,
  });
  const eachRow = Array.from({ length: rows }, (_, row): readonly Dispatch[] => [
    dispatchOver({
      label: 'gated-recurrence gates',
      count: groupsOfExamples(columns),
      bindings: bindings(row),
      functions: sigmoid(lanes),
      body: gatesOfRow,
    }),
    dispatchOver({
      label: 'gated-recurrence state',
      count: groupsOfExamples(columns),
      bindings: bindings(row),
      functions: boundedTanh(lanes),
      body: stateOfRow,
    }),
  ]);
  return [numberRows, ...eachRow.flat()];
}

/**
 * From the last row to the first. With dh the whole gradient of a row's state:
 *
 *     da_z = dh (h_before - c) z (1 - z)       da_h = dh (1 - z) (1 - c^2)       s = da_h U_h^T
 *     da_r = s h_before r (1 - r)              dh_before = dh z + s r + [da_z da_r] [U_z U_r]^T
 *
 * `carry` holds dh z, then dh z + s r.
 */
function backThroughRows(
  operation: GatedRecurrence,
  { value, gradient, parameter }: Placement,
  shape: Shape,
  { gates, rowNumbers, carry, da }: Places,
): readonly Dispatch[] {
  const { rows, units, lanes, columns } = shape;
  const { get, put } = lanes;
  const recurrent = reads(parameter(operation.recurrent, units));
  const output = reads(value(operation.output));
  const outputGradient = reads(gradient(operation.output));
  /** Begins row `row` of one example, when dh is known. */
  const begin = (row: string, example: string, dh: string, hasBefore: string): string => `{
    let dh = ${dh};
    let z = ${get('gates', `${row} * ${3 * columns}u + column`)};
    let c = ${get('gates', `${row} * ${3 * columns}u + ${2 * columns}u + column`)};
    var h = ${lanes.type}();
    if (${hasBefore}) { h = ${get('output', `(${row} - 1u) * ${columns}u + column`)}; }
    ${put('da', `${row} * ${3 * columns}u + column`, 'dh * (h - c) * z * (1.0 - z)')}
    ${put('da', `${row} * ${3 * columns}u + ${columns}u + column`, `${lanes.type}()`)}
    ${put('da', `${row} * ${3 * columns}u + ${2 * columns}u + column`, 'dh * (1.0 - z) * (1.0 - c * c)')}
    ${put('carry', `${example} * ${columns}u + column`, 'dh * z')}
  }`;
  /** s = da x kernel^T over `length` registers of da and of the kernel's rows, from `from` on. */
  const timesTransposed = (from: number, length: number): string => `
  ${eachExample((e) => `var s${e} = ${lanes.type}();`)}
  for (var j = ${from}u; j < ${from + length}u; j++) {
    ${eachExample((e) => `let a${e} = ${get('da', `row${e} * ${3 * columns}u + j`)};`)}
    ${eachLane(lanes, (l) => `let u${l} = ${get('recurrent', `(column * ${lanes.count}u + ${l}u) * ${3 * columns}u + j`)};`)}
    ${eachExample((e) => `s${e} += ${innerProducts(lanes, `a${e}`)};`)}
  }`;
  const last = dispatchOver({
    label: 'gated-recurrence last row backward',
    count: perExample(columns),
    bindings: { gates: reads(gates), output, result: outputGradient, da: writes(da), carry: writes(carry) },
    body: `
  let column = i % ${columns}u;
  let example = i / ${columns}u;
  let row = example * ${rows}u + ${rows - 1}u;
  ${begin('row', 'example', get('result', `row * ${columns}u + column`), rows > 1 ? 'true' : 'false')}`,
  });
  // Reads every carry before it writes one, because examples of a group may be the same.
  const throughReset = `${exampleRows(shape)}${timesTransposed(2 * columns, columns)}
  ${eachExample((e) => `let carried${e} = ${get('carry', `example${e} * ${columns}u + column`)};`)}
  ${eachExample(
    (e) => `{
    let r = ${get('gates', `row${e} * ${3 * columns}u + ${columns}u + column`)};
    let h = ${get('output', `(row${e} - 1u) * ${columns}u + column`)};
    ${put('da', `row${e} * ${3 * columns}u + ${columns}u + column`, `s${e} * h * r * (1.0 - r)`)}
    ${put('carry', `example${e} * ${columns}u + column`, `carried${e} + s${e} * r`)}
  }`,
  )}`;
  const throughGates = `${exampleRows(shape)}${timesTransposed(0, 2 * columns)}
  let has_before = row_number[0] > 1u;
  ${eachExample(
    (e) => `let dh${e} = s${e} + ${get('carry', `example${e} * ${columns}u + column`)}
    + ${get('result', `(row${e} - 1u) * ${columns}u + column`)};`,
  )}
  ${eachExample((e) => begin(`(row${e} - 1u)`, `example${e}`, `dh${e}`, 'has_before'))}`;
  const downwards = Array.from({ length: rows - 1 }, (_, index) => rows - 1 - index);
  return [
    last,
    ...downwards.flatMap((row): readonly Dispatch[] => [
      dispatchOver({
        label: 'gated-recurrence reset backward',
        count: groupsOfExamples(columns),
        bindings: {
          row_number: rowNumberAt(rowNumbers, row),
          recurrent,
          gates: reads(gates),
          output,
          da: writes(da),
          carry: writes(carry),
        },
        body: throughReset,
      }),
      dispatchOver({
        label: 'gated-recurrence gates backward',
        count: groupsOfExamples(columns),
        bindings: {
          row_number: rowNumberAt(rowNumbers, row),
          recurrent,
          gates: reads(gates),
          output,
          result: outputGradient,
          da: writes(da),
          carry: writes(carry),
        },
        body: throughGates,
      }),
    ]),
  ];
}

/** Only where another consumer began the gradient of the input. */
function inputGradient(
  { input }: GatedRecurrence,
  { flow, gradient }: Placement,
  { rows, lanes, columns }: Shape,
  { da }: Places,
): readonly Dispatch[] {
  if (flow.input !== 'add') return [];
  return [
    dispatchOver({
      label: 'gated-recurrence input backward',
      count: perExample(rows * 3 * columns),
      bindings: { da: reads(da), operand: writesOrAdds(flow.input, gradient(input)) },
      body: lanes.put('operand', 'i', lanes.get('da', 'i')),
    }),
  ];
}

function parameterGradients(
  { output, recurrent, bias }: GatedRecurrence,
  placement: Placement,
  { rows, units, lanes, columns }: Shape,
  { gates, partial, da }: Places,
): readonly Dispatch[] {
  const { device, examplesPerPass, value, parameterGradient } = placement;
  const { get, put } = lanes;
  // States share what is read of da; a GPU rather has more invocations.
  const shared = device.isSoftware ? [4, 2, 1].find((count) => columns % count === 0)! : 1;
  const states = Array.from({ length: shared }, (_, state) => state);
  /** Columns of the kernel from `from` on: states before each row, as they went into the product, times da. */
  const product = (from: number, length: number, stateAt: (column: string) => string): Dispatch =>
    dispatchOver({
      label: 'gated-recurrence kernel gradient',
      count: inAll((columns / states.length) * length),
      bindings: {
        output: reads(value(output)),
        gates: reads(gates),
        da: reads(da),
        gradient: accumulates(parameterGradient(recurrent, units)),
      },
      body: `
  let j = ${from}u + i % ${length}u;
  let k = i / ${length}u * ${states.length}u;
  ${linesOf(states, (n) => eachLane(lanes, (l) => `var sum${n}_${l} = ${lanes.type}();`))}
  for (var example = 0u; example < batch.examples; example++) {
    for (var row = example * ${rows}u + 1u; row < (example + 1u) * ${rows}u; row++) {
      let a = ${get('da', `row * ${3 * columns}u + j`)};
      ${linesOf(
        states,
        (n) => `let h${n} = ${stateAt(`k + ${n}u`)};
      ${eachLane(lanes, (l) => `sum${n}_${l} += ${lanes.component(`h${n}`, l)} * a;`)}`,
      )}
    }
  }
  ${linesOf(states, (n) =>
    eachLane(lanes, (l) =>
      put('gradient', `((k + ${n}u) * ${lanes.count}u + ${l}u) * ${3 * columns}u + j`, `sum${n}_${l}`),
    ),
  )}`,
    });
  const before = (k: string): string => get('output', `(row - 1u) * ${columns}u + ${k}`);
  const kept = (k: string): string =>
    `${before(k)} * ${get('gates', `row * ${3 * columns}u + ${columns}u + ${k}`)}`;
  const chunks = chunksOf(examplesPerPass * rows);
  const biasSums = dispatchOver({
    label: 'gated-recurrence bias gradient',
    count: inAll(chunks * 3 * columns),
    bindings: { da: reads(da), partial: writesRaw(partial, lanes.type) },
    body: `
  let column = i % ${3 * columns}u;
  var sum = ${lanes.type}();
  for (var row = i / ${3 * columns}u; row < batch.examples * ${rows}u; row += ${chunks}u) {
    sum += ${get('da', `row * ${3 * columns}u + column`)};
  }
  partial[i] = sum;`,
  });
  return [
    product(0, 2 * columns, before),
    product(2 * columns, columns, kept),
    biasSums,
    ...addPartialSums(placement, partial, chunks, [{ reference: bias, size: 3 * units }]),
  ];
}

function rowNumberAt(rowNumbers: BufferRange, row: number): Binding {
  const range = { ...rowNumbers, offset: rowNumbers.offset + row * ROW_NUMBER_BYTES, size: ROW_NUMBER_BYTES };
  return readsRaw(range, 'u32');
}

/** Examples of one invocation. Of the last group some may be missing; then the last example is computed again. */
const GROUP = 4;

const groupsOfExamples = (columns: number): Count => ({
  wgsl: `(batch.examples + ${GROUP - 1}u) / ${GROUP}u * ${columns}u`,
  of: (examples) => Math.ceil(examples / GROUP) * columns,
});

const exampleRows = ({ rows, columns }: Shape): string => `
  let column = i % ${columns}u;
  let first = i / ${columns}u * ${GROUP}u;
  ${eachExample((e) => `let example${e} = min(first + ${e}u, batch.examples - 1u);`)}
  ${eachExample((e) => `let row${e} = example${e} * ${rows}u + row_number[0];`)}`;

const eachExample = (statement: (example: number) => string): string =>
  Array.from({ length: GROUP }, (_, example) => statement(example)).join('\n  ');

const linesOf = (indices: readonly number[], line: (index: number) => string): string =>
  indices.map(line).join('\n  ');

const eachLane = (lanes: Lanes, statement: (lane: number) => string): string =>
  Array.from({ length: lanes.count }, (_, lane) => statement(lane)).join('\n  ');

/** A register times each of the registers u0, u1, ... */
function innerProducts(lanes: Lanes, register: string): string {
  if (lanes.count === 1) return `${register} * u0`;
  return `vec4<f32>(dot(${register}, u0), dot(${register}, u1), dot(${register}, u2), dot(${register}, u3))`;
}

/** Exponentials beyond float32 are kept out: WGSL leaves open what they become. */
const sigmoid = ({ type }: Lanes): string => `
fn sigmoid(x: ${type}) -> ${type} { return 1.0 / (1.0 + exp(-clamp(x, ${type}(-80.0), ${type}(80.0)))); }`;

const boundedTanh = ({ type }: Lanes): string => `
fn bounded_tanh(x: ${type}) -> ${type} { return tanh(clamp(x, ${type}(-10.0), ${type}(10.0))); }`;
