/** The size that a picture claims, from its first bytes, so that none is decoded that would fill the memory. */
export function pictureSize(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.getUint32(0) === 0x8950_4e47) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (view.getUint16(0) === 0xffd8) return jpegSize(view);
    if (view.getUint32(0) === 0x5249_4646 && view.getUint32(8) === 0x5745_4250) return webpSize(view);
    return null;
  } catch {
    // Shorter than its own header: the decoder will say so.
    return null;
  }
}

/** ITU-T T.81, annex B: segments until a start of frame. */
function jpegSize(view: DataView) {
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    const isStartOfFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isStartOfFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
  }
}

/** RFC 9649, section 2: lossy, lossless or extended. */
function webpSize(view: DataView) {
  const form = view.getUint32(12);
  if (form === 0x5650_3820) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (form === 0x5650_384c) {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
  }
  const uint24 = (at: number) => view.getUint16(at, true) + 65_536 * view.getUint8(at + 2);
  return { width: 1 + uint24(24), height: 1 + uint24(27) };
}
