/**
 * How eight packed elements spread over the lanes of vectors; for assembly/packed.ts. Of each half of an eight: the bytes that
 * make up its lanes, then the power of two that brings each element to bit 7 of its lane.
 */

const HALF_BYTES = 32;
const FACTORS = 16;

export function writeSpreadTable(table: DataView, bits: number): void {
  const laneBytes = bits < 8 ? 2 : 4;
  const lanes = 16 / laneBytes;
  for (let half = 0; half < 2; half += 1) {
    const phase = (half * lanes * bits) % 8;
    for (let lane = 0; lane < lanes; lane += 1) {
      const bit = phase + lane * bits;
      const at = half * HALF_BYTES + lane * laneBytes;
      for (let byte = 0; byte < laneBytes; byte += 1) table.setUint8(at + byte, Math.floor(bit / 8) + byte);
      const factor = 2 ** (7 - (bit % 8));
      if (laneBytes === 2) table.setUint16(at + FACTORS, factor, true);
      else table.setUint32(at + FACTORS, factor, true);
    }
  }
}
