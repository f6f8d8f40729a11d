import { openGradient, type ReferenceOperation } from '../operation.ts';

export const causalAttention: ReferenceOperation<'causal-attention'> = {
  /** For each head, how much each row attends to each. */
  saved: ({ output, heads }, { values }) => heads * values[output].rows ** 2,

  place({ input, output, heads }, placement) {
    const { rows, width } = placement.network.values[output];
    const size = width / heads;
    const scale = 1 / Math.sqrt(size);
    const attention = placement.saved;
    const x = placement.value(input);
    const y = placement.value(output);
    /** Where the part of a row lies that belongs to a head. */
    const query = (row: number, head: number): number => row * 3 * width + head * size;
    const key = (row: number, head: number): number => query(row, head) + width;
    const value = (row: number, head: number): number => query(row, head) + 2 * width;
    const weight = (head: number, row: number, other: number): number => (head * rows + row) * rows + other;
    const eachRow = (visit: (head: number, row: number) => void): void => {
      for (let head = 0; head < heads; head += 1) for (let row = 0; row < rows; row += 1) visit(head, row);
    };
    const dot = (a: Float64Array, fromA: number, b: Float64Array, fromB: number): number => {
      let sum = 0;
      for (let i = 0; i < size; i += 1) sum += a[fromA + i] * b[fromB + i];
      return sum;
    };
    const errors = new Float64Array(rows);

    return {
      forward() {
        y.fill(0);
        eachRow((head, row) => {
          let highest = Number.NEGATIVE_INFINITY;
          for (let other = 0; other <= row; other += 1) {
            const score = scale * dot(x, query(row, head), x, key(other, head));
            attention[weight(head, row, other)] = score;
            highest = Math.max(highest, score);
          }
          let sum = 0;
          for (let other = 0; other <= row; other += 1) {
            const at = weight(head, row, other);
            attention[at] = Math.exp(attention[at] - highest);
            sum += attention[at];
          }
          for (let other = 0; other <= row; other += 1) {
            const at = weight(head, row, other);
            attention[at] /= sum;
            for (let i = 0; i < size; i += 1) {
              y[row * width + head * size + i] += attention[at] * x[value(other, head) + i];
            }
          }
        });
      },

      backward() {
        const dy = placement.gradient(output);
        const dx = openGradient(placement, input, placement.flow.input);
        if (!dx) return;
        eachRow((head, row) => {
          const fromError = row * width + head * size;
          let expected = 0;
          for (let other = 0; other <= row; other += 1) {
            errors[other] = dot(dy, fromError, x, value(other, head));
            expected += attention[weight(head, row, other)] * errors[other];
          }
          for (let other = 0; other <= row; other += 1) {
            const share = attention[weight(head, row, other)];
            // The slope of a softmax, times the scale of the scores.
            const scoreError = share * (errors[other] - expected) * scale;
            for (let i = 0; i < size; i += 1) {
              dx[query(row, head) + i] += scoreError * x[key(other, head) + i];
              dx[key(other, head) + i] += scoreError * x[query(row, head) + i];
              dx[value(other, head) + i] += share * dy[fromError + i];
            }
          }
        });
      },
    };
  },
};
