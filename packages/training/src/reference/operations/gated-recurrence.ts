import { openGradient, type ReferenceOperation } from '../operation.ts';

export const gatedRecurrence: ReferenceOperation<'gated-recurrence'> = {
  /** z, r and c of each row. */
  saved: ({ output }, { values }) => 3 * values[output].rows * values[output].width,

  place({ input, output, recurrent, bias }, placement) {
    const { rows, width: units } = placement.network.values[output];
    const x = placement.value(input);
    const h = placement.value(output);
    const weights = placement.parameter(recurrent, units * 3 * units);
    const offsets = placement.parameter(bias, 3 * units);
    const weightGradient = placement.parameterGradient(recurrent, units * 3 * units);
    const offsetGradient = placement.parameterGradient(bias, 3 * units);
    const zeros = new Float64Array(units);
    const sums = new Float64Array(3 * units);
    const errors = new Float64Array(3 * units);
    const resetError = new Float64Array(units);
    /** Gradient of a row's state from the rows after it. */
    const carried = new Float64Array(units);
    const stateBefore = (row: number): Float64Array =>
      row === 0 ? zeros : h.subarray((row - 1) * units, row * units);
    const gates = (row: number): Float64Array =>
      placement.saved.subarray(row * 3 * units, (row + 1) * 3 * units);

    return {
      forward() {
        for (let row = 0; row < rows; row += 1) {
          const before = stateBefore(row);
          const gate = gates(row);
          for (let j = 0; j < 3 * units; j += 1) sums[j] = x[row * 3 * units + j] + offsets[j];
          for (let i = 0; i < units; i += 1) {
            for (let j = 0; j < 2 * units; j += 1) sums[j] += before[i] * weights[i * 3 * units + j];
          }
          for (let j = 0; j < 2 * units; j += 1) gate[j] = sigmoid(sums[j]);
          for (let i = 0; i < units; i += 1) {
            const kept = gate[units + i] * before[i];
            for (let j = 2 * units; j < 3 * units; j += 1) sums[j] += kept * weights[i * 3 * units + j];
          }
          for (let j = 0; j < units; j += 1) {
            const candidate = Math.tanh(sums[2 * units + j]);
            gate[2 * units + j] = candidate;
            h[row * units + j] = gate[j] * before[j] + (1 - gate[j]) * candidate;
          }
        }
      },

      backward() {
        const dh = placement.gradient(output);
        const dx = openGradient(placement, input, placement.flow.input);
        carried.fill(0);
        for (let row = rows - 1; row >= 0; row -= 1) {
          const before = stateBefore(row);
          const gate = gates(row);
          for (let j = 0; j < units; j += 1) {
            const [z, candidate] = [gate[j], gate[2 * units + j]];
            const error = dh[row * units + j] + carried[j];
            errors[j] = error * (before[j] - candidate) * z * (1 - z);
            errors[2 * units + j] = error * (1 - z) * (1 - candidate * candidate);
            carried[j] = error * z;
          }
          for (let i = 0; i < units; i += 1) {
            const r = gate[units + i];
            let sum = 0;
            for (let j = 2 * units; j < 3 * units; j += 1) sum += errors[j] * weights[i * 3 * units + j];
            resetError[i] = sum * before[i] * r * (1 - r);
            carried[i] += sum * r;
          }
          errors.set(resetError, units);
          for (let i = 0; i < units; i += 1) {
            const from = i * 3 * units;
            let sum = 0;
            for (let j = 0; j < 2 * units; j += 1) sum += errors[j] * weights[from + j];
            carried[i] += sum;
            if (!weightGradient) continue;
            const kept = gate[units + i] * before[i];
            for (let j = 0; j < 2 * units; j += 1) weightGradient[from + j] += before[i] * errors[j];
            for (let j = 2 * units; j < 3 * units; j += 1) weightGradient[from + j] += kept * errors[j];
          }
          for (let j = 0; j < 3 * units; j += 1) {
            if (offsetGradient) offsetGradient[j] += errors[j];
            if (dx) dx[row * 3 * units + j] += errors[j];
          }
        }
      },
    };
  },
};

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
