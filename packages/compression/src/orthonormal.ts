/** Below this part of its length, what is left of a column beside those before it is nothing but rounding. */
const DEPENDENT = 1e-13;

/**
 * Makes the columns of a matrix orthonormal, in place: Gram-Schmidt, with each projection made twice, which is enough for
 * orthogonality to rounding (Giraud et al. 2005, section 3). A column that depends on those before it becomes zero. Only
 * + - * / and sqrt, in a fixed order: all engines agree to the bit.
 * @param matrix row by row, `columns` wide; finite
 */
export function orthonormalise(matrix: Float64Array, columns: number): void {
  for (let column = 0; column < columns; column += 1) {
    const before = normOf(matrix, column, columns);
    removeEarlier(matrix, column, columns);
    removeEarlier(matrix, column, columns);
    const norm = normOf(matrix, column, columns);
    const factor = norm > DEPENDENT * before ? 1 / norm : 0;
    for (let at = column; at < matrix.length; at += columns) matrix[at] = matrix[at]! * factor;
  }
}

function removeEarlier(matrix: Float64Array, column: number, columns: number): void {
  for (let earlier = 0; earlier < column; earlier += 1) {
    let product = 0;
    for (let row = 0; row < matrix.length; row += columns) {
      product += matrix[row + earlier]! * matrix[row + column]!;
    }
    for (let row = 0; row < matrix.length; row += columns) {
      matrix[row + column] = matrix[row + column]! - product * matrix[row + earlier]!;
    }
  }
}

function normOf(matrix: Float64Array, column: number, columns: number): number {
  let squares = 0;
  for (let at = column; at < matrix.length; at += columns) squares += matrix[at]! * matrix[at]!;
  return Math.sqrt(squares);
}
