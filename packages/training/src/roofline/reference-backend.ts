/** Plain TypeScript in double precision: what trains where WebAssembly has no SIMD. */
import { gradientFlow, inputsOf } from '../network/gradient-flow.ts';
import { referenceOf } from '../reference/operations/index.ts';
import { createReferenceEngine, referenceEngines } from '../reference/reference-engine.ts';
import { fillInput, type KernelProbe, parametersOf, spoilsItsGradient, workOf } from './kernel-probes.ts';
import type { MeasuredBackend } from './measured-backend.ts';

const ROUNDS_PER_CALL = 10_000;
const CHAINS = 8;
/** Three of 16 MB. */
const TRIAD_LENGTH = 2 << 20;

export function openReferenceBackend(): MeasuredBackend {
  const [x, y, target] = Array.from({ length: 3 }, () => new Float64Array(TRIAD_LENGTH).fill(1));
  let sink = 0;
  return {
    name: 'reference',
    adapter: '',
    multiplyAdds: {
      work: { flops: 2 * CHAINS * ROUNDS_PER_CALL, bytes: 0 },
      run(times) {
        sink += multiplyAddChains(times * ROUNDS_PER_CALL);
      },
    },
    triad: {
      work: { flops: 2 * TRIAD_LENGTH, bytes: 3 * 8 * TRIAD_LENGTH },
      run(times) {
        for (let time = 0; time < times; time += 1) {
          for (let i = 0; i < TRIAD_LENGTH; i += 1) target[i] = x[i] + 1.5 * y[i];
        }
      },
    },
    // It goes one example at a time, and keeps numbers of eight bytes.
    forward: (probe) => ({ work: inDoubles(probe.forward), run: place(probe).forward }),
    backward: (probe) => ({ work: inDoubles(probe.backward!), run: place(probe).backward }),
    layout: referenceEngines.layout,
    engine: createReferenceEngine,
    dispose() {
      // Read, so that nobody may leave the chains out.
      if (Number.isNaN(sink)) throw new Error('multiply-adds gave no number');
    },
  };
}

function inDoubles(pass: KernelProbe['forward']) {
  const { flops, bytes } = workOf(pass, 1);
  return { flops, bytes: 2 * bytes };
}

/** Converges, so that no number becomes infinite or denormal. */
function multiplyAddChains(rounds: number): number {
  const x = 0.999;
  const y = 0.001;
  let a = 0.1;
  let b = 0.2;
  let c = 0.3;
  let d = 0.4;
  let e = 0.5;
  let f = 0.6;
  let g = 0.7;
  let h = 0.8;
  for (let round = 0; round < rounds; round += 1) {
    a = a * x + y;
    b = b * x + y;
    c = c * x + y;
    d = d * x + y;
    e = e * x + y;
    f = f * x + y;
    g = g * x + y;
    h = h * x + y;
  }
  return a + b + c + d + e + f + g + h;
}

function place(probe: KernelProbe) {
  const { network, index } = probe;
  const operation = network.operations[index];
  const numbers = (id: number): Float64Array => {
    const filled = new Float64Array(network.values[id].rows * network.values[id].width);
    fillInput(probe, filled);
    return filled;
  };
  const values = new Map([operation.output, ...inputsOf(operation)].map((id) => [id, numbers(id)]));
  const gradients = new Map([...values].map(([id, { length }]) => [id, new Float64Array(length).fill(0.01)]));
  const parameters = new Map(
    parametersOf(operation, network).map(({ reference: { offset }, size }) => [
      offset,
      { value: new Float32Array(size).fill(0.01), gradient: new Float64Array(size) },
    ]),
  );
  const implementation = referenceOf(operation);
  const placed = implementation.place(operation, {
    network,
    flow: gradientFlow(network)[index],
    saved: new Float64Array(implementation.saved(operation, network)),
    value: (id) => values.get(id)!,
    gradient: (id) => gradients.get(id)!,
    parameter: ({ offset }) => parameters.get(offset)!.value,
    parameterGradient: ({ store, offset }) => (store === 'trained' ? parameters.get(offset)!.gradient : null),
  });
  // A backward pass reads what the forward pass has saved.
  placed.forward();
  const outputGradient = gradients.get(operation.output)!;
  const restores = spoilsItsGradient(probe);
  return {
    forward(times: number) {
      for (let time = 0; time < times; time += 1) placed.forward();
    },
    backward(times: number) {
      for (let time = 0; time < times; time += 1) {
        if (restores) outputGradient.fill(0.01);
        placed.backward();
      }
    },
  };
}
