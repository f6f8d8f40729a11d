/**
 * Every byte that a member sends for one sum: messages as socket.io and engine.io frame them, and the body of the upload. What
 * carries these is not counted: headers of WebSocket frames (62 bytes in all for SA-1), of HTTP, TLS and TCP.
 */
import { ringFrameLength } from '@tributary/fl-core';
import { Encoder, type Packet, PacketType } from 'socket.io-parser';
import type { SumCase } from './cases.ts';
import { TAIL_LENGTH } from './secure-sum-of.ts';

const ROUND = { roundNumber: 100 };
/** What says that a masked update is there; LightSecAgg would have the same. */
const ANNOUNCEMENT = { type: 'masked', ...ROUND, updateHash: 'f'.repeat(64) };

/** @param bytes what the member sent at the stage, bare */
export function uploadBytes(of: SumCase, stage: string, bytes: number): number {
  const blob = new Uint8Array(bytes);
  switch (stage) {
    case 'offer':
      return framed({ type: 'keysOffered', ...ROUND, bytes: blob });
    case 'share':
      return framed({ type: 'sharesSealed', ...ROUND, bytes: blob });
    case 'mask': {
      const body = bodyBytes(of, bytes);
      return framed({ ...ANNOUNCEMENT, updateBytes: body }) + body;
    }
    case 'confirm':
      return framed({ type: 'survivorsConfirmed', ...ROUND, signature: blob });
    default:
      return framed({ type: 'sharesRevealed', ...ROUND, bytes: blob });
  }
}

function bodyBytes({ protocol, params, bits }: SumCase, bytes: number): number {
  const layout = { isMasked: true, length: params, bits, tailLength: TAIL_LENGTH };
  return protocol === 'sa-1' ? ringFrameLength(layout) : bytes;
}

function framed(message: object): number {
  const packet: Packet = { type: PacketType.EVENT, nsp: '/', data: ['message', message] };
  const parts = new Encoder().encode(packet) as (string | Uint8Array)[];
  // A text packet of engine.io begins with its type; a binary one is bare.
  const sizes = parts.map((part) => (typeof part === 'string' ? 1 + Buffer.byteLength(part) : part.length));
  return sizes.reduce((sum, size) => sum + size, 0);
}
