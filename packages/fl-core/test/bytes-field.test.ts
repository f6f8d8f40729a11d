import { sharesSealedSchema } from '@tributary/fl-core';
import { expect, test } from 'vitest';

test('bytes of a message are a plain Uint8Array behind the door, whatever the platform calls them', () => {
  const content = Uint8Array.from({ length: 112 }, (_, i) => i);
  for (const bytes of [content, Buffer.from(content), content.slice().buffer]) {
    const message = sharesSealedSchema.parse({ type: 'sharesSealed', roundNumber: 1, bytes });
    expect(message.bytes).toEqual(content);
    expect(Object.getPrototypeOf(message.bytes)).toBe(Uint8Array.prototype);
    expect(message.bytes.slice().buffer).not.toBe(message.bytes.buffer);
  }
});
