/** UTF-8 -> text in pieces, without a byte-order mark, and with `\n` for every kind of line end. */
export function* textPieces(
  bytes: Uint8Array,
  pieceBytes: number,
): Generator<{ readonly text: string; readonly isLast: boolean }> {
  const decoder = new TextDecoder();
  let heldBack = '';
  for (let offset = 0; offset === 0 || offset < bytes.length; offset += pieceBytes) {
    const isLast = offset + pieceBytes >= bytes.length;
    let text = heldBack + decoder.decode(bytes.subarray(offset, offset + pieceBytes), { stream: !isLast });
    // A line end of two characters may be cut in half.
    heldBack = !isLast && text.endsWith('\r') ? '\r' : '';
    if (heldBack) text = text.slice(0, -1);
    yield { text: text.replace(/\r\n?/g, '\n'), isLast };
  }
}

/** Text has no zero bytes; what has is something else, whatever its name says. */
export const looksLikeText = (bytes: Uint8Array) => !bytes.subarray(0, 65_536).includes(0);
