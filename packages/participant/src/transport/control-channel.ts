/**
 * The port of the control channel: one connection that carries messages both ways and reconnects by itself. A message is
 * JSON but for its fields of bytes, which travel as they are (`Uint8Array`).
 */
import type { ClientMessage } from '@tributary/fl-core';

export interface ControlChannelHandlers {
  disconnected(): void;
  /** Anything at all may arrive here: the receiver checks it. */
  received(message: unknown): void;
  /** Exactly what is about to be written, as one frame. It goes when this resolves; if it rejects, nothing goes. */
  writing(frame: WrittenFrame): Promise<void>;
  /** A connection attempt failed; the channel goes on trying. */
  failed(): void;
}

export interface WrittenFrame {
  /** The frame's payload, e.g. `42["message",{...}]` in UTF-8; or the bytes that the frame before promised. */
  readonly payload: Uint8Array;
  /** The client message that it is, or is a part of; null for what the protocol itself sends. */
  readonly message: SentMessage | null;
}

export interface SentMessage {
  readonly type: ClientMessage['type'];
  readonly roundNumber: number | null;
}

export interface ControlChannel {
  connect(): void;
  disconnect(): void;
  /** Dropped, not queued, while there is no connection: the machine says again what still matters. */
  send(message: ClientMessage): void;
  /** Resolves when all that was given to it before has been written. */
  close(): Promise<void>;
}

export type OpenControlChannel = (coordinatorUrl: string, handlers: ControlChannelHandlers) => ControlChannel;
