/**
 * Messages that carry bytes come as a socket.io packet of words, with a placeholder, and then the bytes as a frame of
 * their own. Whoever sends the words and never the bytes keeps them in memory here, so they may be few.
 */
import * as parser from 'socket.io-parser';

/** Keys and shares travel as one field of a message; nothing that a participant says has two. */
const MAXIMUM_ATTACHMENTS = 1;
/** Type, round and placeholder take some eighty. */
const MAXIMUM_CHARACTERS = 1024;

/** @throws Error (which the library answers by closing the connection) on anything that is no packet in order */
class SparingDecoder extends parser.Decoder {
  constructor() {
    super({ maxAttachments: MAXIMUM_ATTACHMENTS });
  }

  override add(frame: unknown): void {
    const announcesBytes = typeof frame === 'string' && /^[56]/.test(frame);
    if (announcesBytes && frame.length > MAXIMUM_CHARACTERS) {
      throw new Error('too many words for a packet with attachments');
    }
    super.add(frame);
  }
}

/** What socket.io takes as its `parser`. */
export const sparingParser = { ...parser, Decoder: SparingDecoder };
