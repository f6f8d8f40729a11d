/**
 * All examples of a time step go through one product of matrices, and the gradient of the recurrent kernel is one product over
 * all steps at the end. What a step leaves for the backward pass lies step by step, so that both find whole matrices.
 */
import type { WasmOperation } from '../operation.ts';

export const gatedRecurrence: WasmOperation<'gated-recurrence'> = {
  memory({ output }, { values }, examplesPerPass) {
    const { rows, width } = values[output];
    return {
      saved: savedOf(rows, width, examplesPerPass).bytes,
      scratch: scratchOf(width, examplesPerPass).bytes,
    };
  },
  place({ input, output, recurrent, bias }, { kernels, network, flow, examplesPerPass, ...placement }) {
    const { rows: steps, width: units } = network.values[output];
    const rowBytes = 4 * units;
    const inputStride = 3 * rowBytes;
    const inputs = placement.value(input);
    const outputs = placement.value(output);
    const kernel = placement.parameter(recurrent);
    const offsets = placement.parameter(bias);
    const savedOffsets = savedOf(steps, units, examplesPerPass);
    const hidden = placement.saved + savedOffsets.hidden;
    const gates = placement.saved + savedOffsets.gates;
    const reset = placement.saved + savedOffsets.reset;
    const candidate = placement.saved + savedOffsets.candidate;
    const scratchOffsets = scratchOf(units, examplesPerPass);
    const gateKernel = placement.scratch + scratchOffsets.gateKernel;
    const candidateKernel = placement.scratch + scratchOffsets.candidateKernel;
    const carried = placement.scratch + scratchOffsets.carried;
    const resetGradient = placement.scratch + scratchOffsets.resetGradient;

    /** The kernel's columns for the gates and for the candidate, each as a matrix of its own. */
    const splitKernel = (): void => {
      kernels.copyColumns(units, 2 * rowBytes, kernel, inputStride, gateKernel, 2 * rowBytes);
      kernels.copyColumns(units, rowBytes, kernel + 2 * rowBytes, inputStride, candidateKernel, rowBytes);
    };

    const addKernelGradient = (examples: number): void => {
      const count = examples * steps;
      const target = placement.parameterGradient(recurrent);
      kernels.clear(gateKernel, 2 * units * rowBytes);
      kernels.denseKernelGradient(count, units, 2 * units, hidden, gates, gateKernel);
      kernels.addColumns(units, 2 * rowBytes, gateKernel, 2 * rowBytes, target, inputStride);
      kernels.clear(candidateKernel, units * rowBytes);
      kernels.denseKernelGradient(count, units, units, reset, candidate, candidateKernel);
      kernels.addColumns(units, rowBytes, candidateKernel, rowBytes, target + 2 * rowBytes, inputStride);
      const biasTarget = placement.parameterGradient(bias);
      kernels.addColumnSums(count, 2 * units, gates, biasTarget);
      kernels.addColumnSums(count, units, candidate, biasTarget + 2 * rowBytes);
    };

    return {
      forward(examples) {
        const stepBytes = examples * rowBytes;
        splitKernel();
        kernels.clear(hidden, stepBytes);
        for (let step = 0; step < steps; step += 1) {
          const before = hidden + step * stepBytes;
          const gate = gates + 2 * step * stepBytes;
          const opened = reset + step * stepBytes;
          const proposed = candidate + step * stepBytes;
          const x = inputs + step * inputStride;
          const next = step + 1 < steps ? before + stepBytes : 0;
          kernels.denseForward(examples, units, 2 * units, before, gateKernel, 0, gate, false);
          kernels.openGates(examples, units, x, steps * inputStride, offsets, before, gate, opened);
          kernels.denseForward(examples, units, units, opened, candidateKernel, 0, proposed, false);
          kernels.advanceHidden(
            examples,
            units,
            x,
            steps * inputStride,
            offsets,
            before,
            gate,
            proposed,
            outputs + step * rowBytes,
            steps * rowBytes,
            next,
          );
        }
      },
      backward(examples) {
        const stepBytes = examples * rowBytes;
        const gradient = placement.gradient(output);
        splitKernel();
        kernels.clear(carried, stepBytes);
        for (let step = steps - 1; step >= 0; step -= 1) {
          const before = hidden + step * stepBytes;
          const gate = gates + 2 * step * stepBytes;
          const proposed = candidate + step * stepBytes;
          const arriving = gradient + step * rowBytes;
          const stride = steps * rowBytes;
          kernels.advanceHiddenBackward(examples, units, arriving, stride, before, gate, proposed, carried);
          kernels.denseInputGradient(examples, units, units, proposed, candidateKernel, resetGradient, false);
          kernels.openGatesBackward(examples, units, before, gate, resetGradient, carried);
          if (step > 0) {
            kernels.denseInputGradient(examples, units, 2 * units, gate, gateKernel, carried, true);
          }
        }
        if (flow.input !== 'none') {
          const target = placement.gradient(input);
          const write = flow.input === 'add' ? kernels.addColumns : kernels.copyColumns;
          for (let step = 0; step < steps; step += 1) {
            const to = target + step * inputStride;
            const gate = gates + 2 * step * stepBytes;
            const proposed = candidate + step * stepBytes;
            write(examples, 2 * rowBytes, gate, 2 * rowBytes, to, steps * inputStride);
            write(examples, rowBytes, proposed, rowBytes, to + 2 * rowBytes, steps * inputStride);
          }
        }
        if (recurrent.store === 'trained') addKernelGradient(examples);
      },
    };
  },
};

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** The backward pass puts its gradients where gates and candidates were. */
function savedOf(steps: number, units: number, examples: number) {
  const matrix = aligned(4 * steps * units * examples);
  return {
    hidden: 0,
    reset: matrix,
    candidate: 2 * matrix,
    gates: 3 * matrix,
    // The kernels read up to 64 bytes beyond the last matrix.
    bytes: 5 * matrix + 64,
  };
}

function scratchOf(units: number, examples: number) {
  const square = aligned(4 * units * units);
  const state = aligned(4 * units * examples);
  return {
    candidateKernel: 0,
    gateKernel: square,
    carried: 3 * square,
    resetGradient: 3 * square + state,
    bytes: 3 * square + 2 * state + 64,
  };
}
