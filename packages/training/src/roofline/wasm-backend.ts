/** The WebAssembly kernels, in the strict and in the relaxed build. */
import { gradientFlow, inputsOf } from '../network/gradient-flow.ts';
import { READABLE_BEYOND } from '../network/memory-plan.ts';
import type { ParameterReference } from '../network/network.ts';
import { compiledKernels, heapBaseOf, instantiateKernels, type KernelBuild } from '../wasm/kernels.ts';
import type { Address } from '../wasm/operation.ts';
import { memoryOf, placeOperation } from '../wasm/operations/index.ts';
import { wasmEngines } from '../wasm/wasm-engines.ts';
import { fillInput, type KernelProbe, parametersOf, spoilsItsGradient, workOf } from './kernel-probes.ts';
import type { MeasuredBackend } from './measured-backend.ts';

const ROUNDS_PER_CALL = 10_000;
/** Of `multiplyAddPeak`: twelve chains of four lanes. */
const MULTIPLY_ADDS_PER_ROUND = 48;
/** Three of 16 MB. */
const TRIAD_LENGTH = 4 << 20;
const PAGE_BYTES = 65_536;
const ALIGNMENT = 64;

/** Null where WebAssembly has not what the build needs. */
export function openWasmBackend(build: KernelBuild): MeasuredBackend | null {
  const engines = wasmEngines(build);
  if (engines === null || compiledKernels(build)?.build !== build) return null;
  return {
    name: build === 'strict' ? 'wasm' : 'wasm-relaxed',
    adapter: '',
    multiplyAdds: {
      work: { flops: 2 * MULTIPLY_ADDS_PER_ROUND * ROUNDS_PER_CALL, bytes: 0 },
      run(times) {
        const { kernels } = openHeap(build).close();
        for (let time = 0; time < times; time += 1) kernels.multiplyAddPeak(ROUNDS_PER_CALL);
      },
    },
    triad: { work: { flops: 2 * TRIAD_LENGTH, bytes: 3 * 4 * TRIAD_LENGTH }, run: triadOf(build) },
    forward: (probe) => ({ work: workOf(probe.forward, EXAMPLES), run: place(probe, build).forward }),
    backward: (probe) => ({ work: workOf(probe.backward!, EXAMPLES), run: place(probe, build).backward }),
    layout: engines.layout,
    engine: engines.create,
    dispose() {},
  };
}

/** Examples of a call. */
const EXAMPLES = 32;

/** Addresses first, then the memory that holds them all. */
function openHeap(build: KernelBuild) {
  const compiled = compiledKernels(build)!;
  let end = heapBaseOf(compiled);
  return {
    reserve(bytes: number): Address {
      const address = end;
      end = Math.ceil((end + bytes + READABLE_BEYOND) / ALIGNMENT) * ALIGNMENT;
      return address;
    },
    close() {
      const memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE_BYTES) });
      const floats = (address: Address, length: number) => new Float32Array(memory.buffer, address, length);
      return { kernels: instantiateKernels(compiled, memory), floats };
    },
  };
}

function triadOf(build: KernelBuild): (times: number) => void {
  let opened: ((times: number) => void) | null = null;
  return (times) => {
    opened ??= open();
    opened(times);
  };

  function open() {
    const heap = openHeap(build);
    const [x, y, target] = [0, 1, 2].map(() => heap.reserve(4 * TRIAD_LENGTH));
    const { kernels, floats } = heap.close();
    // Memory that nobody has written yet is one page of zeros to the processor.
    for (const vector of [x, y, target]) floats(vector, TRIAD_LENGTH).fill(1);
    return (times: number) => {
      for (let time = 0; time < times; time += 1) kernels.triad(TRIAD_LENGTH, 1.5, x, y, target);
    };
  }
}

function place(probe: KernelProbe, build: KernelBuild) {
  const { network, index } = probe;
  const operation = network.operations[index];
  const heap = openHeap(build);
  const lengthOf = (id: number): number => network.values[id].rows * network.values[id].width * EXAMPLES;
  const values = [operation.output, ...inputsOf(operation)].map((id) => ({
    id,
    length: lengthOf(id),
    value: heap.reserve(4 * lengthOf(id)),
    gradient: heap.reserve(4 * lengthOf(id)),
  }));
  const parameters = parametersOf(operation, network).map(({ reference, size }) => ({
    reference,
    size,
    value: heap.reserve(4 * size),
    gradient: heap.reserve(4 * size),
  }));
  const { saved, scratch } = memoryOf(operation, network, EXAMPLES);
  const [savedAt, scratchAt] = [heap.reserve(saved), heap.reserve(scratch)];
  const { kernels, floats } = heap.close();

  for (const { value, gradient, length } of values) {
    fillInput(probe, floats(value, length));
    floats(gradient, length).fill(0.01);
  }
  for (const { value, size } of parameters) floats(value, size).fill(0.01);
  const bufferOf = (id: number) => values.find((value) => value.id === id)!;
  const parameterOf = ({ store, offset }: ParameterReference) =>
    parameters.find(({ reference }) => reference.store === store && reference.offset === offset)!;
  const placed = placeOperation(operation, {
    network,
    kernels,
    examplesPerPass: EXAMPLES,
    flow: gradientFlow(network)[index],
    saved: savedAt,
    scratch: scratchAt,
    value: (id) => bufferOf(id).value,
    gradient: (id) => bufferOf(id).gradient,
    parameter: (reference) => parameterOf(reference).value,
    parameterGradient: (reference) => parameterOf(reference).gradient,
  });
  // A backward pass reads what the forward pass has saved.
  placed.forward(EXAMPLES);
  const output = bufferOf(operation.output);
  const outputGradient = floats(output.gradient, output.length);
  const restores = spoilsItsGradient(probe);
  return {
    forward(times: number) {
      for (let time = 0; time < times; time += 1) placed.forward(EXAMPLES);
    },
    backward(times: number) {
      for (let time = 0; time < times; time += 1) {
        if (restores) outputGradient.fill(0.01);
        placed.backward(EXAMPLES);
      }
    },
  };
}
