/**
 * What the frames of one connection are, as they are written: socket.io sends a message with bytes as a text frame that
 * promises attachments (`451-["message",{"type":...,"bytes":{"_placeholder":true,"num":0}}]`), then each as a frame of
 * its own (socket.io protocol v5, "packet encoding").
 */
import type { SentMessage, WrittenFrame } from './control-channel.ts';

const utf8 = new TextEncoder();
/** engine.io message (4); socket.io event (2), or binary event (5) with its number of attachments; default namespace. */
const EVENT = /^4(?:2|5(\d+)-)\[/;

export function readFrames(): (data: string | Uint8Array) => WrittenFrame {
  let attachments = { message: null as SentMessage | null, left: 0 };

  return (data) => {
    if (typeof data !== 'string') {
      const { message, left } = attachments;
      attachments = { message: left > 1 ? message : null, left: left - 1 };
      return { payload: data, message };
    }
    const payload = utf8.encode(data);
    const event = EVENT.exec(data);
    if (!event) return { payload, message: null };
    const message = messageIn(data.slice(data.indexOf('[')));
    if (event[1]) attachments = { message, left: Number(event[1]) };
    return { payload, message };
  };
}

/** It comes from `send`, which takes client messages only. */
function messageIn(event: string): SentMessage {
  const [, { type, roundNumber }] = JSON.parse(event) as [
    string,
    Partial<SentMessage> & Pick<SentMessage, 'type'>,
  ];
  return { type, roundNumber: roundNumber ?? null };
}
