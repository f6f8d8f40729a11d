/**
 * A row of the table for each character. WGSL has no atomic addition of floats, so the gradient of the table is gathered:
 * places are sorted by their character first, then one invocation per number of the table adds up what the places of its
 * character received. The sum is the same each time.
 */
import type { Embedding, Network } from '../../network/network.ts';
import { type Dispatch, dispatchOver, inAll, perExample } from '../dispatch.ts';
import { type Lanes, lanesOf } from '../lanes.ts';
import type { Placement, WebGpuOperation } from '../operation.ts';
import { bytesOfParts, partsOf } from '../parts.ts';
import { accumulates, reads, readsRaw, writes, writesRaw } from '../storage.ts';

export const embedding: WebGpuOperation<'embedding'> = {
  memory(operation, network, examplesPerPass) {
    const isSorted = operation.table.store === 'trained';
    return {
      saved: 0,
      scratch: isSorted ? bytesOfParts(sortedSizes(operation, network, examplesPerPass)) : 0,
    };
  },
  place(operation, placement) {
    const { table, positions } = operation;
    return {
      forward: [lookUp(operation, placement)],
      backward: [
        ...(table.store === 'trained' ? tableGradient(operation, placement) : []),
        ...(positions?.store === 'trained' ? [positionGradient(operation, placement)] : []),
      ],
    };
  },
};

interface Shape {
  readonly rows: number;
  readonly width: number;
  readonly lanes: Lanes;
  readonly columns: number;
}

function shapeOf({ output }: Embedding, network: Network): Shape {
  const { rows, width } = network.values[output];
  const lanes = lanesOf(width);
  return { rows, width, lanes, columns: width / lanes.count };
}

function lookUp(operation: Embedding, { network, value, parameter }: Placement): Dispatch {
  const { input, output, table, positions } = operation;
  const { rows, width, lanes, columns } = shapeOf(operation, network);
  const place = lanes.get('positions', `row % ${rows}u * ${columns}u + column`);
  const entry = lanes.get('table', `u32(characters_at(row)) * ${columns}u + column`);
  return dispatchOver({
    label: 'embedding',
    count: perExample(rows * columns),
    bindings: {
      characters: reads(value(input)),
      table: reads(parameter(table, width)),
      ...(positions && { positions: reads(parameter(positions, width)) }),
      output: writes(value(output)),
    },
    body: `
  let row = i / ${columns}u;
  let column = i % ${columns}u;
  ${lanes.put('output', 'i', positions ? `${entry} + ${place}` : entry)}`,
  });
}

/** Where the places of each character begin and end; and all places, those of one character beside each other. */
function sortedSizes(
  { output, vocabularySize }: Embedding,
  network: Network,
  examplesPerPass: number,
): number[] {
  return [8 * vocabularySize, 4 * network.values[output].rows * examplesPerPass];
}

function tableGradient(operation: Embedding, placement: Placement): readonly Dispatch[] {
  const { network, examplesPerPass, value, gradient, parameterGradient, scratch } = placement;
  const { input, output, table, vocabularySize } = operation;
  const { rows, width, lanes, columns } = shapeOf(operation, network);
  const [ends, places] = partsOf(scratch, sortedSizes(operation, network, examplesPerPass));
  // A counting sort without shared counters: each character finds its own places.
  const sort = dispatchOver({
    label: 'embedding sort',
    count: inAll(vocabularySize),
    bindings: {
      characters: reads(value(input)),
      ends: writesRaw(ends, 'u32'),
      places: writesRaw(places, 'u32'),
    },
    body: `
  let rows = batch.examples * ${rows}u;
  var first = 0u;
  for (var row = 0u; row < rows; row++) { first += u32(u32(characters_at(row)) < i); }
  var next = first;
  for (var row = 0u; row < rows; row++) {
    if (u32(characters_at(row)) == i) {
      places[next] = row;
      next++;
    }
  }
  ends[2u * i] = first;
  ends[2u * i + 1u] = next;`,
  });
  const gather = dispatchOver({
    label: 'embedding table gradient',
    count: inAll(vocabularySize * columns),
    bindings: {
      result: reads(gradient(output)),
      ends: readsRaw(ends, 'u32'),
      places: readsRaw(places, 'u32'),
      gradient: accumulates(parameterGradient(table, width)),
    },
    body: `
  let character = i / ${columns}u;
  let column = i % ${columns}u;
  let end = ends[2u * character + 1u];
  var sum = ${lanes.type}();
  for (var at = ends[2u * character]; at < end; at++) {
    sum += ${lanes.get('result', `places[at] * ${columns}u + column`)};
  }
  ${lanes.put('gradient', 'i', 'sum')}`,
  });
  return [sort, gather];
}

function positionGradient(operation: Embedding, placement: Placement): Dispatch {
  const { network, gradient, parameterGradient } = placement;
  const { rows, width, lanes, columns } = shapeOf(operation, network);
  return dispatchOver({
    label: 'embedding position gradient',
    count: inAll(rows * columns),
    bindings: {
      result: reads(gradient(operation.output)),
      gradient: accumulates(parameterGradient(operation.positions!, width)),
    },
    body: `
  var sum = ${lanes.type}();
  for (var example = 0u; example < batch.examples; example++) {
    sum += ${lanes.get('result', `example * ${rows * columns}u + i`)};
  }
  ${lanes.put('gradient', 'i', 'sum')}`,
  });
}
