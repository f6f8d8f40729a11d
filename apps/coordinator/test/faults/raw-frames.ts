/** WebSocket frames by hand (RFC 6455, section 5.2), right or wrong, written below any library that would mend them. */
import { randomBytes } from 'node:crypto';
import type { Socket as NetSocket } from 'node:net';
import type { Participant } from '../participant-driver.ts';

export interface FrameForm {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly fin?: boolean;
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** What the header says, when that is not the truth. */
  readonly announcedLength?: number;
}

export const TEXT = 0x1;
export const BINARY = 0x2;

export function rawFrame(form: FrameForm): Buffer {
  const { opcode, payload, fin = true, reserved = 0, isMasked = true } = form;
  const length = form.announcedLength ?? payload.length;
  const head = [(fin ? 0x80 : 0) | ((reserved & 7) << 4) | (opcode & 15)];
  const maskBit = isMasked ? 0x80 : 0;
  if (length < 126) head.push(maskBit | length);
  else if (length < 65_536) head.push(maskBit | 126, length >> 8, length & 255);
  else {
    const long = Buffer.alloc(8);
    long.writeBigUInt64BE(BigInt(length));
    head.push(maskBit | 127, ...long);
  }
  if (!isMasked) return Buffer.concat([Buffer.from(head), payload]);
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let i = 0; i < masked.length; i += 1) masked[i]! ^= mask[i % 4]!;
  return Buffer.concat([Buffer.from(head), mask, masked]);
}

export const textFrame = (text: string): Buffer => rawFrame({ opcode: TEXT, payload: Buffer.from(text) });

/** The TCP connection under a participant's socket. */
export function wireOf(participant: Participant): NetSocket {
  const transport = participant.socket.io.engine.transport as unknown as { ws: { _socket: NetSocket } };
  return transport.ws._socket;
}

/** Resolves when there is no connection any more. */
export function disconnected(participant: Participant): Promise<void> {
  return new Promise((resolve) => {
    if (!participant.socket.connected) resolve();
    else participant.socket.once('disconnect', () => resolve());
  });
}
