/** The control channel over socket.io, WebSocket only. Reconnection, with growing and jittered delays, is socket.io's. */
import { type ClientMessage, SOCKET_PATH } from '@tributary/fl-core';
import { io, NodeWebSocket, type Socket } from 'socket.io-client';
import type { ControlChannel, ControlChannelHandlers } from './control-channel.ts';
import { readFrames } from './written-frames.ts';

const FIRST_RECONNECT_MS = 500;
const LONGEST_RECONNECT_MS = 15_000;
const JITTER = 0.5;
const EVENT = 'message';

export function openSocketIoChannel(
  coordinatorUrl: string,
  handlers: ControlChannelHandlers,
): ControlChannel {
  let socket: Socket | null = null;
  const writing = { last: Promise.resolve() };
  let closing: Promise<void> = Promise.resolve();
  let reopening: ReturnType<typeof setTimeout> | undefined;

  return {
    connect() {
      socket ??= open();
    },
    disconnect() {
      void close();
      handlers.disconnected();
    },
    send(message: ClientMessage) {
      if (socket?.connected) socket.emit(EVENT, message);
    },
    close,
  };

  function open(): Socket {
    const opened = io(coordinatorUrl, {
      path: SOCKET_PATH,
      transports: [
        recordingWebSocket(writing, () => {
          const frameOf = readFrames();
          return (data) => handlers.writing(frameOf(data));
        }),
      ],
      forceNew: true,
      reconnectionDelay: FIRST_RECONNECT_MS,
      reconnectionDelayMax: LONGEST_RECONNECT_MS,
      randomizationFactor: JITTER,
    });
    opened.on('disconnect', () => {
      handlers.disconnected();
      reopenUnlessActive(opened);
    });
    opened.on('connect_error', () => {
      handlers.failed();
      reopenUnlessActive(opened);
    });
    opened.on(EVENT, (message: unknown) => handlers.received(message));
    return opened;
  }

  /** When the server ends a connection (a restart, usually) socket.io leaves it to us to come back. */
  function reopenUnlessActive(ended: Socket): void {
    if (ended.active) return;
    clearTimeout(reopening);
    const delayMs = FIRST_RECONNECT_MS * (1 + JITTER * Math.random());
    reopening = setTimeout(() => ended.connect(), delayMs);
  }

  /**
   * Closes the WebSocket, once it has written what it was given, without socket.io's own goodbye (`41`): its server
   * drops messages that arrive right before that, so a `leave` would be lost.
   */
  function close(): Promise<void> {
    clearTimeout(reopening);
    socket?.off();
    if (socket?.connected) {
      socket.io.reconnection(false);
      const { engine } = socket.io;
      // Messages wait in the engine while one before them is written down; it closes after the last of them.
      const closed = new Promise<void>((resolve) => engine.once('close', () => resolve()));
      engine.close();
      closing = Promise.all([closing, closed]).then(() => writing.last);
    } else {
      socket?.disconnect();
    }
    socket = null;
    return closing.then(() => writing.last);
  }
}

/**
 * The one place through which every frame passes, pongs and handshakes included, one after another: each is written
 * down first, and what cannot be written down ends the connection instead of leaving.
 * `NodeWebSocket` is the platform's own WebSocket in a browser bundle (engine.io-client maps it).
 */
function recordingWebSocket(
  writing: { last: Promise<void> },
  openRecord: () => (data: string | Uint8Array) => Promise<void>,
) {
  return class extends NodeWebSocket {
    /** Of this connection alone: an attachment belongs to the frame before it. */
    private readonly record = openRecord();

    override doWrite(...[packet, data]: Parameters<NodeWebSocket['doWrite']>): void {
      writing.last = writing.last
        .then(async () => {
          // Between loss and notice of a connection, frames still arrive here but go nowhere.
          if (this.ws?.readyState !== OPEN) return;
          await this.record(data as string | Uint8Array);
          if (this.ws?.readyState === OPEN) super.doWrite(packet, data);
        })
        .catch(() => this.ws?.close());
    }

    /** What was given to it before still goes. */
    override doClose(): void {
      writing.last = writing.last.then(() => {
        if (this.ws) super.doClose();
      });
    }
  };
}

/** `WebSocket.OPEN` */
const OPEN = 1;
